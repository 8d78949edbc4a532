"""Models of fixed shares for places on the way: first touch, last touch, milestones, and the others between them.

A model is a table of shares. A touch gets the shares of all the classes that it stands for, so that milestones on one
touch add up; `others` are the touches that stand for none, and share theirs equally. A class without a touch (no
others, a milestone not reached) is shared by the rest in proportion to theirs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reports.attribution.journeys import NOT_REACHED, Integers, Journeys


def first(journeys: Journeys) -> Integers:
    return journeys.firsts


def last(journeys: Journeys) -> Integers:
    return journeys.lasts


@dataclass(frozen=True)
class Shares:
    """`places`: where a class's touch lies, by its share; `others`: what the rest of the touches get together."""

    places: Mapping[Callable[[Journeys], Integers], int] = field(default_factory=dict)
    others: int = 0


POSITIONAL = {
    # Single source; Google Analytics and HubSpot: “first interaction”.
    "first_touch": Shares({first: 1}),
    # Single source; Google Analytics and HubSpot: “last interaction”.
    "last_touch": Shares({last: 1}),
    # HubSpot and Google Analytics “linear”: every touch alike.
    "linear": Shares(others=1),
    # Google Analytics “position based”: 40 first, 40 last, 20 the others.
    "position_40_40_20": Shares({first: 40, last: 40}, others=20),
    # HubSpot “J-shaped”: 20 first, 60 last, 20 the others.
    "j_shaped": Shares({first: 20, last: 60}, others=20),
}


def weights(journeys: Journeys, shares: Shares) -> NDArray[np.int64]:
    """A whole weight for each touch; its share of its journey is weight / sum of the journey's weights, exactly."""
    anchored = np.zeros(len(journeys.touches), dtype=np.int64)
    for place, share in shares.places.items():
        where = place(journeys)
        np.add.at(anchored, where[where != NOT_REACHED], share)
    if not shares.others:
        return anchored
    is_other = anchored == 0
    others = np.add.reduceat(is_other.astype(np.int64), journeys.firsts) if len(journeys.lengths) else anchored
    # Over a common denominator: the others are each 1 / m of their share, so everybody else is m times his.
    factor = np.maximum(others, 1)[journeys.journey_of_touch]
    return np.where(is_other, shares.others, anchored * factor)

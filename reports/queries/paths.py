"""Which paths deals took, and how they ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from django.db.models import Count, OuterRef, Subquery
from numpy.typing import NDArray

from funnel.models import Touch
from reports.journeys.packing import Kind
from reports.journeys.selection import Deals
from reports.measures.spread import Spread
from reports.queries.amounts import Rates
from reports.queries.attribution import closed_in_period, journeys_selected
from reports.selection import Selection

SECONDS_A_DAY = 86_400
# The channels of a path, in order; a channel that follows itself once.
Path = tuple[int, ...]


@dataclass
class PathFacts:
    """Closed deals of one path. `touches`: of all of them together. `days`: from the first touch to the win."""

    won: int = 0
    lost: int = 0
    cents: int = 0
    touches: int = 0
    tenths: dict[int, int] = field(default_factory=dict)

    @property
    def deals(self) -> int:
        return self.won + self.lost

    @property
    def days(self) -> Spread:
        return Spread(self.tenths)

    def __add__(self, more: "PathFacts") -> "PathFacts":
        tenths = {one: self.tenths.get(one, 0) + more.tenths.get(one, 0) for one in {**self.tenths, **more.tenths}}
        return PathFacts(
            self.won + more.won, self.lost + more.lost, self.cents + more.cents, self.touches + more.touches, tenths
        )


def path_facts(selection: Selection, rates: Rates) -> dict[Path, PathFacts]:
    """By path; the empty path is what nobody of marketing touched."""
    deals = journeys_selected(selection, rates)
    deals = deals.chosen(closed_in_period(selection, deals))
    channels, offsets = _without_repetitions(deals)
    lengths = deals.lengths.tolist()
    is_won, cents = deals.is_kind(Kind.WON), deals.known_cents
    tenths = deals.own["lasted"] * 10 // SECONDS_A_DAY
    found: dict[bytes, PathFacts] = {}
    for number, (begin, end) in enumerate(zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)):
        facts = found.setdefault(channels[begin:end].tobytes(), PathFacts())
        facts.touches += lengths[number]
        if is_won[number]:
            facts.won += 1
            facts.cents += int(cents[number])
            days = int(tenths[number])
            facts.tenths[days] = facts.tenths.get(days, 0) + 1
        else:
            facts.lost += 1
    return {tuple(np.frombuffer(key, dtype="<i4").tolist()): facts for key, facts in found.items()}


def _without_repetitions(deals: Deals) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Each deal's channels, one that follows itself once."""
    channels = deals.touches["channel"]
    is_new = np.ones(len(channels), dtype=bool)
    is_new[1:] = channels[1:] != channels[:-1]
    is_new[deals.offsets[:-1][deals.lengths > 0]] = True
    kept = np.concatenate(([0], np.cumsum(is_new)))
    return channels[is_new], kept[deals.offsets]


def touches_before_acceptance(selection: Selection) -> Mapping[int | None, int]:
    """By channel, how often a touch of it was the last before sales accepted; None where there was none."""
    until = Touch.objects.filter(lead=OuterRef("lead"), at__lte=OuterRef("accepted_at")).order_by("-at", "-id")
    accepted = selection.cycles().filter(selection.happened("accepted_at"))
    last = accepted.annotate(last_channel=Subquery(until.values("channel")[:1])).order_by()
    return dict(last.values_list("last_channel").annotate(count=Count("pk")))

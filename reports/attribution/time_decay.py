"""Time decay: a touch weighs half as much for every half-life that it lies further before the close.

Weight = 2^(−days before the close / half-life), as in Google Analytics' “time decay”, whose half-life of 7 days is the
default. Only the distances between a journey's touches matter: its last touch stands for the close, so that no weight
of all of them is lost below the smallest number. A file without times counts positions instead of days.
"""

import numpy as np

from reports.attribution.journeys import Floats, Journeys

HALF_LIFE = 7.0  # days


def weights(journeys: Journeys, half_life: float = HALF_LIFE) -> Floats:
    """A weight for each touch, 1 for the last of its journey."""
    last = journeys.lasts[journeys.journey_of_touch]
    if journeys.days is None:
        before = (last - np.arange(len(last))).astype(np.float64)
    else:
        before = journeys.days[last] - journeys.days
    with np.errstate(over="ignore", under="ignore"):  # infinitely long ago weighs nothing
        return np.exp2(-(before / half_life))

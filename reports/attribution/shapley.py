"""Shapley value of the game “a coalition of channels earns the journeys that need nobody else”.

v(S) = conversions (or value) of the journeys whose channels all lie within S. It is a sum of unanimity games, one a
journey, and the Shapley value of such a game is known (Shapley 1953): each of the journey's distinct channels gets the
same. So it is exact without ever looking at the 2^n coalitions, and never negative.
"""

import numpy as np
from numpy.typing import NDArray

from reports.attribution.journeys import Journeys


def weights(journeys: Journeys) -> NDArray[np.int64]:
    """1 for the first touch of each distinct channel of a journey, 0 for its repetitions."""
    channel_in_journey = journeys.journey_of_touch * len(journeys.channels) + journeys.touches
    _, first = np.unique(channel_in_journey, return_index=True)
    counted = np.zeros(len(journeys.touches), dtype=np.int64)
    counted[first] = 1
    return counted

"""How far models agree on who earned how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from reports.attribution.journeys import Floats


@dataclass(frozen=True)
class Pair:
    """`correlation`: of the ranks, from −1 to 1."""

    one: str
    other: str
    correlation: float


@dataclass(frozen=True)
class Difference:
    """Of one channel, by its place: the shares of the total that the models give it least and most."""

    place: int
    least: float
    least_by: str
    most: float
    most_by: str


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's: equal credited share the mean of their ranks. None where one of the models ranks nobody."""
    ranks = [_ranks(np.asarray(credited, dtype=np.float64)) for credited in (one, other)]
    deviations = [rank - rank.mean() for rank in ranks if len(rank)]
    if not deviations or not all(deviation.any() for deviation in deviations):
        return None
    first, second = deviations
    return float(first @ second / np.sqrt((first @ first) * (second @ second)))


def _ranks(credited: NDArray[np.float64]) -> Floats:
    _, places, counts = np.unique(credited, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def pairs(credited: Mapping[str, Sequence[float]]) -> list[Pair]:
    """Every two models whose ranks can be compared, those that agree least first. Each has a credit a channel."""
    found = [
        Pair(one, other, correlation)
        for one, other in combinations(credited, 2)
        if (correlation := rank_correlation(credited[one], credited[other])) is not None
    ]
    return sorted(found, key=lambda pair: pair.correlation)


def greatest_difference(credited: Mapping[str, Sequence[float]]) -> Difference | None:
    """The channel about which the models differ most. None where nothing is credited, or they all agree."""
    shares = {model: np.asarray(own, dtype=np.float64) / sum(own) for model, own in credited.items() if sum(own)}
    if not shares:
        return None
    models, table = list(shares), np.array(list(shares.values()))
    spread = table.max(axis=0) - table.min(axis=0)
    place = int(spread.argmax())
    if not spread[place]:
        return None
    least, most = int(table[:, place].argmin()), int(table[:, place].argmax())
    return Difference(place, float(table[least, place]), models[least], float(table[most, place]), models[most])

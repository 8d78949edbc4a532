"""Journeys: what each lead was touched by, in order, and what came of it. Arrays, to count millions of them at once."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer]
Floats = NDArray[np.float64]


class Milestone(IntEnum):
    """What a journey passes besides its touches; the number is its column in `Journeys.milestones`."""

    LEAD_CREATION = 0
    OPPORTUNITY = 1
    CLOSE = 2


NOT_REACHED = -1


@dataclass(frozen=True, eq=False, kw_only=True)
class Journeys:
    """Journeys of at least one touch each, laid end to end: those of number j are `offsets[j]` to `offsets[j + 1]`.

    `touches`: the number of each touch's channel in `channels`, in the order of (time, id). `conversions`, `nulls`:
    how often the journey was made with and without success. `values`: what its conversions brought together, in
    cents or a finer whole unit. `days`: of each touch, days since some instant of its own journey; None where a file
    knows no times, and positions stand for days. `milestones`: one row a journey, one column a `Milestone`, the place
    of its touch within the journey or NOT_REACHED; None where a file knows none: the conversion, which follows the
    last touch, then stands for all three.
    """

    channels: tuple[str, ...]
    touches: Integers
    offsets: Integers
    conversions: Integers
    values: Integers
    nulls: Integers
    days: Floats | None = None
    milestones: Integers | None = None

    @classmethod
    def of(
        cls,
        paths: Sequence[Sequence[str]],
        *,
        conversions: Sequence[int],
        values: Sequence[int],
        nulls: Sequence[int],
        days: Sequence[Sequence[float]] | None = None,
        milestones: Sequence[Sequence[int]] | None = None,
    ) -> "Journeys":
        """From lists, one entry a journey. Channels are numbered in the order of their names."""
        channels = tuple(sorted({channel for path in paths for channel in path}))
        numbers = {channel: number for number, channel in enumerate(channels)}
        return cls(
            channels=channels,
            touches=np.array([numbers[channel] for path in paths for channel in path], dtype=np.int32),
            offsets=np.cumsum([0, *map(len, paths)], dtype=np.int64),
            conversions=np.array(conversions, dtype=np.int64),
            values=whole_numbers(values),
            nulls=np.array(nulls, dtype=np.int64),
            days=None if days is None else np.array([day for path in days for day in path], dtype=np.float64),
            milestones=None if milestones is None else np.array(milestones, dtype=np.int64).reshape(-1, len(Milestone)),
        )

    @cached_property
    def lengths(self) -> Integers:
        return np.diff(self.offsets)

    @cached_property
    def journey_of_touch(self) -> Integers:
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def firsts(self) -> Integers:
        """Where each journey's first touch lies in `touches`."""
        return self.offsets[:-1]

    @property
    def lasts(self) -> Integers:
        return self.offsets[1:] - 1

    def at(self, milestone: Milestone) -> Integers:
        """Where this milestone's touches lie in `touches`; NOT_REACHED where there is none."""
        if self.milestones is None:
            return self.lasts
        place = self.milestones[:, milestone]
        return np.where(place == NOT_REACHED, NOT_REACHED, self.firsts + place)

    @property
    def total_conversions(self) -> int:
        return int(self.conversions.sum())

    @property
    def total_nulls(self) -> int:
        return int(self.nulls.sum())

    @property
    def total_value(self) -> int:
        """In the unit of `values`."""
        return int(self.values.sum())


def whole_numbers(numbers: Sequence[int]) -> Integers:
    """64 bits where their sum fits; Python's own integers, slower and without end, where it does not."""
    fits = sum(map(abs, numbers)) < 2**62
    return np.array(numbers, dtype=np.int64 if fits else object)


def tally(places: Integers, weights: Integers | Floats, size: int) -> Floats:
    """The sum of the weights at each place from 0 to `size`."""
    return np.bincount(places, weights=weights, minlength=size).astype(np.float64, copy=False)


def milestone_place(times: Sequence[Any], milestone: Any) -> int:
    """The place of a milestone's touch among its journey's `times`: the last at or before it, the first if none is."""
    return max(bisect_right(times, milestone) - 1, 0)

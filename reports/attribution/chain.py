"""Journeys as an absorbing Markov chain: which state follows which how often, counted exactly.

At order 1 a state is a channel; at order k the last k touches in their order. A journey shorter than the order is one
short state. From its last state a journey goes to conversion or to null.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.attribution.journeys import Floats, Integers, Journeys, tally

JOURNEYS_AT_ONCE = 500_000  # keeps the pairs of one pass below some 50 MB
TABLE_AT_MOST = 4_000_000  # cells of a table of all pairs; beyond it pairs are sorted and counted


@dataclass(frozen=True, eq=False)
class Chain:
    """`states`: one row each, its channels' numbers, −1 before a short one's. Counts are whole numbers in float64.

    `sources`, `targets`, `counts`: the steps between different states. Steps from a state to itself are left out: they
    change neither what is visited nor what is reached.
    """

    states: NDArray[np.int64]
    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    counts: Floats
    starts: Floats
    conversions: Floats
    values: Floats
    nulls: Floats

    @property
    def departures(self) -> Floats:
        """How often each state was left for another, conversion and null included; as often it was entered."""
        onward = tally(self.sources, self.counts, len(self.states))
        return onward + self.conversions + self.nulls


def build_chain(journeys: Journeys, order: int = 1) -> Chain:
    """Exact as long as the journeys, and the units of their values, number less than 2^53 together."""
    sequence = _states_by_channel(journeys) if order == 1 else _states_by_last_channels(journeys, order)
    number = len(sequence.states)
    made = journeys.conversions + journeys.nulls
    firsts, lasts = sequence.codes[sequence.offsets[:-1]], sequence.codes[sequence.offsets[1:] - 1]
    sources, targets, counts = _steps(sequence, made)
    between = sources != targets
    return Chain(
        states=sequence.states,
        sources=sources[between],
        targets=targets[between],
        counts=counts[between],
        starts=tally(firsts, made, number),
        conversions=tally(lasts, journeys.conversions, number),
        values=tally(lasts, journeys.values.astype(np.float64), number),
        nulls=tally(lasts, journeys.nulls, number),
    )


@dataclass(frozen=True, eq=False)
class _Sequence:
    """The numbers of the states that the journeys pass, laid end to end as the touches are."""

    states: NDArray[np.int64]
    codes: Integers
    offsets: Integers


def _states_by_channel(journeys: Journeys) -> _Sequence:
    states = np.arange(len(journeys.channels), dtype=np.int64)[:, np.newaxis]
    return _Sequence(states, journeys.touches, journeys.offsets)


def _states_by_last_channels(journeys: Journeys, order: int) -> _Sequence:
    """A state is a number with a digit a touch, the latest last; a short state has zeros in front."""
    base = len(journeys.channels) + 1
    digits = journeys.touches.astype(np.int64) + 1
    place = np.arange(len(digits)) - journeys.firsts[journeys.journey_of_touch]
    codes = digits.copy()
    for back in range(1, order):
        codes[back:] += np.where(place[back:] >= back, digits[:-back], 0) * base**back
    length = journeys.lengths[journeys.journey_of_touch]
    is_state = (place >= order - 1) | ((length < order) & (place == length - 1))
    known, numbers = numbered(codes[is_state], base**order)
    powers = base ** np.arange(order - 1, -1, -1, dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum(np.maximum(journeys.lengths - order + 1, 1))))
    return _Sequence(known[:, np.newaxis] // powers % base - 1, numbers, offsets)


def numbered(codes: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The codes there are, in order, and for each code its number among them. All are below `size`."""
    if size > TABLE_AT_MOST:
        known, numbers = np.unique(codes, return_inverse=True)
        return known, numbers
    is_known = np.bincount(codes, minlength=size) > 0
    return np.flatnonzero(is_known), (np.cumsum(is_known) - 1)[codes]


def _steps(sequence: _Sequence, made: Integers) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Each pair of states that follow one another within a journey, and how often they do."""
    number = len(sequence.states)
    parts = [_pairs(pairs, weights, number) for pairs, weights in _passes(sequence, made)]
    if number**2 <= TABLE_AT_MOST:
        table = sum((counts for _, counts in parts), np.zeros(number**2))
        pairs = np.flatnonzero(table)
        counts = table[pairs]
    else:
        pairs, places = np.unique(np.concatenate([pairs for pairs, _ in parts]), return_inverse=True)
        counts = tally(places, np.concatenate([counts for _, counts in parts]), len(pairs))
        pairs, counts = pairs[counts > 0], counts[counts > 0]
    return pairs // number, pairs % number, counts


def _passes(sequence: _Sequence, made: Integers) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Pairs as numbers, and the weight of each; one that leads from a journey to the next weighs nothing."""
    number = len(sequence.states)
    for first in range(0, len(made), JOURNEYS_AT_ONCE):
        offsets = sequence.offsets[first : first + JOURNEYS_AT_ONCE + 1]
        codes = sequence.codes[offsets[0] : offsets[-1]]
        weights = np.repeat(made[first : first + JOURNEYS_AT_ONCE].astype(np.float64), np.diff(offsets))
        weights[offsets[1:] - offsets[0] - 1] = 0
        yield codes[:-1] * np.int64(number) + codes[1:], weights[:-1]


def _pairs(pairs: NDArray[np.int64], weights: Floats, number: int) -> tuple[NDArray[np.int64], Floats]:
    if number**2 <= TABLE_AT_MOST:
        return pairs, tally(pairs, weights, number**2)
    known, places = np.unique(pairs, return_inverse=True)
    return known, tally(places, weights, len(known))

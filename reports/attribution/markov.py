"""Markov chain attribution: what would be lost if a channel were not there (Anderl et al. 2016), solved exactly.

Journeys are read as an absorbing chain (`chain`); null journeys belong to it. Removing a channel sends every state
that contains it to null. With Q the steps between states, r the chance of converting from each, s the starts,
N = (I − Q)⁻¹, h = N r and p = s h, the removal effect of the states C of a channel is the share of p that passes them:

    RE = (s N)_C (N_CC)⁻¹ h_C / p        at order 1: (s N)_c h_c / (N_cc p)

s N is counted, not solved for: it is how often the journeys were in a state. Credit = RE / sum of RE × total. For
value, converting from a state is worth the mean value per conversion of the journeys that end there. Nothing is
simulated.
"""

from collections import defaultdict, deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reports.attribution.chain import Chain, build_chain
from reports.attribution.journeys import Floats, Journeys, tally

ORDERS = (1, 2, 3)
CHANNELS_AT_MOST = 6000  # their inverse takes 300 MB
INVERTED_AT_ONCE = 400  # states of orders 2 and 3: so few are inverted; of more, journeys are followed step by step
INVERTED_AT_MOST = 2500  # unless they are long, and the states not too many for an inverse
ENOUGH = 1e-17  # of all that converts: when no more than this is still on its way, the rest is left
STEPS_BEFORE_INVERSE = 500
STEPS_AT_MOST = 5000


class NotSolvable(Exception):
    """There are too many channels, or too long journeys. The sentence says what to do."""


@dataclass(frozen=True, eq=False)
class RemovalEffects:
    """By channel: which share of the conversions, and of the value, would be lost without it. From 0 to 1."""

    conversions: Floats
    value: Floats


def removal_effects(journeys: Journeys, order: int = 1) -> RemovalEffects:
    """All 0 where nothing converts. Raises NotSolvable."""
    number = len(journeys.channels)
    if number > CHANNELS_AT_MOST:
        raise NotSolvable(
            f"A Markov chain is solved for up to {CHANNELS_AT_MOST:,} channels and these journeys have {number:,}: "
            "give rare channels one name, or choose another model."
        )
    chain = _leading_to_conversion(build_chain(journeys, order))
    members = [np.flatnonzero(own) for own in _membership(chain.states, number)]
    if not len(chain.states):
        lost = np.zeros((number, 2))
    elif order == 1:
        lost = _lost_by_single_states(chain, members)
    else:
        lost = _lost_by_sets_of_states(chain, members)
    totals = np.array([chain.conversions.sum(), chain.values.sum()])
    effects = np.divide(lost, totals, out=np.zeros_like(lost), where=totals > 0).clip(0, 1)
    return RemovalEffects(effects[:, 0], effects[:, 1])


def _membership(states: NDArray[np.int64], number: int) -> NDArray[np.bool_]:
    """One row a channel, one column a state: whether the state contains it."""
    contains = np.zeros((number, len(states)), dtype=bool)
    for column in states.T:
        is_touch = column >= 0
        contains[column[is_touch], np.flatnonzero(is_touch)] = True
    return contains


def _leading_to_conversion(chain: Chain) -> Chain:
    """Without the states from which nothing converts: going there is going to null."""
    before: dict[int, list[int]] = defaultdict(list)
    for source, target in zip(chain.sources.tolist(), chain.targets.tolist(), strict=True):
        before[target].append(source)
    leads = chain.conversions > 0
    waiting = deque(np.flatnonzero(leads).tolist())
    while waiting:
        for source in before[waiting.popleft()]:
            if not leads[source]:
                leads[source] = True
                waiting.append(source)
    kept = np.flatnonzero(leads)
    place = np.cumsum(leads) - 1
    within = leads[chain.sources] & leads[chain.targets]
    dropped = leads[chain.sources] & ~leads[chain.targets]
    to_null = tally(chain.sources[dropped], chain.counts[dropped], len(leads))
    return Chain(
        states=chain.states[kept],
        sources=place[chain.sources[within]],
        targets=place[chain.targets[within]],
        counts=chain.counts[within],
        starts=chain.starts[kept],
        conversions=chain.conversions[kept],
        values=chain.values[kept],
        nulls=(chain.nulls + to_null)[kept],
    )


def _inverse(chain: Chain) -> Floats:
    """N: how often a state is visited, from each state."""
    step = np.zeros((len(chain.states), len(chain.states)))
    step[chain.sources, chain.targets] = chain.counts / chain.departures[chain.sources]
    return np.linalg.inv(np.eye(len(step)) - step).astype(np.float64, copy=False)


def _gains(chain: Chain) -> Floats:
    """Of each departure from a state, the chance to convert at once, and the value that brings."""
    return np.column_stack((chain.conversions, chain.values)) / chain.departures[:, np.newaxis]


def _lost_by_single_states(chain: Chain, members: list[NDArray[np.intp]]) -> Floats:
    """Conversions and value that pass each channel, where a channel is one state or, led to nothing, none."""
    visits = _inverse(chain)
    passing = chain.departures[:, np.newaxis] * (visits @ _gains(chain)) / np.diag(visits)[:, np.newaxis]
    lost = np.zeros((len(members), 2))
    for channel, own in enumerate(members):
        lost[channel] = passing[own].sum(axis=0)
    return lost


def _lost_by_sets_of_states(chain: Chain, members: list[NDArray[np.intp]]) -> Floats:
    """The same, where a channel is a set of states. Raises NotSolvable."""
    number = len(chain.states)
    may_invert = number <= INVERTED_AT_MOST
    try:
        if number > INVERTED_AT_ONCE:
            steps = STEPS_BEFORE_INVERSE if may_invert else STEPS_AT_MOST
            return np.array([_lost_step_by_step(chain, own, steps) for own in members])
    except NotSolvable:
        if not may_invert:
            raise
    return _lost_by_inverse(chain, members)


def _lost_by_inverse(chain: Chain, members: list[NDArray[np.intp]]) -> Floats:
    visits = _inverse(chain)
    reached = visits @ _gains(chain)
    lost = np.zeros((len(members), 2))
    for channel, own in enumerate(members):
        first_visits = np.linalg.solve(visits[np.ix_(own, own)].T, chain.departures[own])
        lost[channel] = first_visits @ reached[own]
    return lost


def _lost_step_by_step(chain: Chain, own: NDArray[np.intp], steps: int) -> Floats:
    """The same for one channel: all journeys at once go on until none is left. Raises NotSolvable after `steps`."""
    chances = chain.counts / chain.departures[chain.sources]
    gains, number = _gains(chain), len(chain.states)
    on_the_way = chain.starts.copy()
    arrived = np.zeros(2)
    for _ in range(steps):
        on_the_way[own] = 0
        arrived += on_the_way @ gains
        on_the_way = tally(chain.targets, on_the_way[chain.sources] * chances, number)
        if on_the_way.sum() <= ENOUGH * chain.conversions.sum():
            return np.array([chain.conversions.sum(), chain.values.sum()]) - arrived
    raise NotSolvable(
        f"These journeys make {number:,} states and are too long for a Markov chain of this order: choose a lower one."
    )

"""What hypothesis makes up, and slow answers to compare the quick ones with."""

from itertools import combinations
from math import factorial

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reports.attribution.journeys import Journeys

CHANNELS = "abcdefgh"
# How fast a machine is that does other things besides is no property of the models.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def counted_paths(draw, *, channels=CHANNELS, longest=7):
    """Different paths, each with its conversions, value and nulls; at least one of them converts."""
    paths = draw(
        st.lists(
            st.lists(st.sampled_from(channels), min_size=1, max_size=longest).map(tuple),
            min_size=1,
            max_size=12,
            unique=True,
        )
    )
    rows = [
        (path, conversions, draw(st.integers(0, 10**7)) if conversions else 0, draw(st.integers(0, 30)))
        for path in paths
        for conversions in [draw(st.integers(0, 20))]
    ]
    path, conversions, value, nulls = rows[0]
    return [(path, conversions + 1, value, nulls), *rows[1:]]


def journeys_of(rows, **more):
    return Journeys.of(
        [path for path, *_ in rows],
        conversions=[row[1] for row in rows],
        values=[row[2] for row in rows],
        nulls=[row[3] for row in rows],
        **more,
    )


def chance_to_convert(rows, order, without=None):
    """Of the chain of these paths, by a dense solve with all that contains the channel `without` sent to null."""
    converted, null = object(), object()
    flows = {}
    for path, conversions, _, nulls in rows:
        size = min(order, len(path))
        states = [path[end - size : end] for end in range(size, len(path) + 1)]
        for old, new in zip([None, *states], [*states, None], strict=True):
            ends = [(new, conversions + nulls)] if new else [(converted, conversions), (null, nulls)]
            for end, times in ends:
                flows.setdefault(old, {}).setdefault(end, 0)
                flows[old][end] += times
    states = [state for state in flows if state and (without is None or without not in state)]
    place = {state: number for number, state in enumerate(states)}

    def chances(state):
        leaving = flows[state]
        whole = sum(leaving.values())
        onward = np.zeros(len(states))
        for end, times in leaving.items():
            if whole and end in place:
                onward[place[end]] = times / whole
        return onward, leaving.get(converted, 0) / whole if whole else 0.0

    steps = [chances(state) for state in states]
    matrix = np.array([onward for onward, _ in steps]).reshape(len(states), len(states))
    # A state that nobody is ever in leads nowhere, so that the matrix is regular.
    reached = np.linalg.solve(np.eye(len(states)) - matrix, np.array([gain for _, gain in steps]))
    onward, _ = chances(None)
    return float(onward @ reached)


def shapley_by_coalitions(rows, column):
    """From its definition, over all 2^n coalitions."""
    players = sorted({channel for path, *_ in rows for channel in path})

    def worth(coalition):
        return sum(row[column] for row in rows if set(row[0]) <= set(coalition))

    number = len(players)
    answer = {}
    for player in players:
        others = [one for one in players if one != player]
        answer[player] = sum(
            factorial(size) * factorial(number - size - 1) * (worth((*some, player)) - worth(some))
            for size in range(number)
            for some in combinations(others, size)
        ) / factorial(number)
    return answer

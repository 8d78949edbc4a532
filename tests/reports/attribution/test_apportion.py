from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.attribution.apportion import share_out, share_out_each
from tests.reports.attribution.journeys import unhurried


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),  # equal remainders: the first is served first
        (101, [1, 1, 1], [34, 34, 33]),
        (10, [1, 2], [3, 7]),  # 3.33 and 6.67: the larger remainder is served first
        (10, [0, 1], [0, 10]),
        (10, [0, 0], [0, 0]),
        (0, [1, 2], [0, 0]),
        (5, [], []),
        (10**30, [Fraction(1, 3), Fraction(2, 3)], [10**30 // 3, 10**30 * 2 // 3 + 1]),
    ],
)
def test_units_go_to_the_largest_remainders(total, weights, parts):
    assert share_out(total, weights) == parts


def _not_all_zero(weights):
    return [weights[0] + (not any(weights)), *weights[1:]]


@st.composite
def deals(draw):
    return draw(
        st.lists(
            st.tuples(
                st.integers(0, 10**14), st.lists(st.integers(0, 10**4), min_size=1, max_size=8).map(_not_all_zero)
            ),
            min_size=1,
            max_size=8,
        )
    )


@unhurried
@given(deals())
def test_many_deals_at_once_are_shared_out_as_each_alone(some):
    offsets = np.cumsum([0, *(len(weights) for _, weights in some)])
    parts = share_out_each(
        np.array([total for total, _ in some]), np.array([one for _, weights in some for one in weights]), offsets
    )

    assert parts.tolist() == [part for total, weights in some for part in share_out(total, weights)]


@unhurried
@given(deals(), st.floats(0.01, 100))
def test_parts_of_broken_weights_sum_to_their_deal(some, factor):
    offsets = np.cumsum([0, *(len(weights) for _, weights in some)])
    totals = np.array([total for total, _ in some])
    parts = share_out_each(totals, np.array([one * factor for _, weights in some for one in weights]), offsets)

    assert np.add.reduceat(parts, offsets[:-1]).tolist() == totals.tolist()
    assert parts.min() >= 0

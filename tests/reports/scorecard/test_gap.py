"""The parts of a gap in revenue sum to it, to the cent, and say of each step what it alone has done."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.scorecard.gap import Expected, decompose
from tests.reports.attribution.journeys import unhurried

AGREED = Expected(10, (1, Decimal("0.875"), Decimal("0.5"), Decimal("0.5")), Decimal(7000))


def test_a_case_worked_out_by_hand():
    """A win should bring 7000 / (10 × 1 × 0.875 × 0.5 × 0.5) = 3200.

    Two not followed up would have become 2 × 0.875 × 0.5 × 0.5 wins; half an SQL more than agreed, half a win; and two
    wins brought 4000 instead of 6400.
    """
    parts = decompose((10, 8, 7, 4, 2), Decimal(4000), AGREED)

    assert [int(part) for part in parts] == [0, -1400, 0, 800, 0, -2400]


@pytest.mark.parametrize(
    ("steps", "revenue", "place"),
    [
        ((20, 20, 20, 10, 5), 10_000, 0),  # half of what was agreed, all at the agreed rates
        ((40, 20, 20, 10, 5), 10_000, 1),
        ((40, 40, 20, 10, 5), 10_000, 2),
        ((40, 40, 40, 10, 5), 10_000, 3),
        ((40, 40, 40, 20, 5), 10_000, 4),
        ((40, 40, 40, 20, 10), 10_000, 5),
    ],
    ids=["volume", "follow-up", "acceptance", "conversion to SQL", "conversion to won", "value"],
)
def test_what_one_step_alone_has_missed_is_laid_at_its_door(steps, revenue, place):
    agreed = Expected(40, (1, 1, Fraction(1, 2), Fraction(1, 2)), Decimal(20_000))

    parts = decompose(steps, Decimal(revenue), agreed)

    assert parts == tuple(Decimal(-10_000) if number == place else Decimal(0) for number in range(6))


def test_where_nothing_was_won_the_whole_of_it_is_still_told():
    parts = decompose((0, 0, 0, 0, 0), Decimal(0), AGREED)

    assert parts == (Decimal(-7000), 0, 0, 0, 0, 0)


def test_a_rate_that_nobody_agreed_on_has_no_part_in_it():
    parts = decompose((10, 8, 4, 2, 1), Decimal(100), Expected(10, (1, None, 0.5, 0.5), Decimal(7000)))

    assert parts[2] == 0
    assert sum(parts) == Decimal(-6900)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ((10, 8, 7, 4, 2), Expected(0, (1, 1, 1, 1), Decimal(7000))),
        ((10, 8, 0, 0, 0), Expected(10, (1, None, 1, 1), Decimal(7000))),
        ((10, 0, 0, 0, 0), Expected(10, (1, None, 1, 1), Decimal(7000))),
    ],
)
def test_nothing_is_told_where_nothing_is_expected_to_come_through(steps, expected):
    assert decompose(steps, Decimal(0), expected) is None


cents = st.integers(0, 10**11).map(lambda number: Decimal(number).scaleb(-2))
rates = st.integers(100, 10_000).map(lambda number: Decimal(number).scaleb(-4))
counts = st.tuples(*[st.integers(0, 10**6)] * 5)
volumes = st.fractions(min_value=Fraction(1, 100), max_value=10**6)


@unhurried
@given(
    counts,
    cents,
    volumes,
    st.tuples(*[st.none() | rates] * 4),
    cents,
)
def test_the_parts_sum_to_the_gap_to_the_cent(steps, revenue, volume, agreed, target):
    parts = decompose(steps, revenue, Expected(volume, agreed, target))

    if parts is None:
        # Only where a step without an agreed rate let nothing through, or had nothing to begin with.
        assert any(rate is None and 0 in steps[number : number + 2] for number, rate in enumerate(agreed))
        return
    assert sum(parts) == revenue - target
    assert all(part == part.quantize(Decimal("0.01")) for part in parts)


@unhurried
@given(counts, cents, st.integers(1, 10**6), st.tuples(*[rates] * 4), cents)
def test_each_part_is_within_a_cent_of_its_formula(steps, revenue, volume, agreed, target):
    """Against the formula written out, one term after another."""
    parts = decompose(steps, revenue, Expected(volume, agreed, target))

    t1, t2, t3, t4 = (Fraction(one) for one in agreed)
    win = Fraction(target) / (volume * t1 * t2 * t3 * t4)
    n, n1, n2, n3, n4 = steps
    told = (
        (n - volume) * t1 * t2 * t3 * t4 * win,
        (n1 - n * t1) * t2 * t3 * t4 * win,
        (n2 - n1 * t2) * t3 * t4 * win,
        (n3 - n2 * t3) * t4 * win,
        (n4 - n3 * t4) * win,
        Fraction(revenue) - n4 * win,
    )
    assert all(abs(Fraction(part) - exact) < Fraction(1, 100) for part, exact in zip(parts, told, strict=True))

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from accounts.working_time import WorkingHours
from reports.days import end_of
from reports.scorecard.kpis import BY_KEY
from reports.scorecard.pace import Pace, Standing, pace_of
from reports.target_periods import read_period
from tests.factories import NOW

HOURS = WorkingHours(ZoneInfo("UTC"), dict.fromkeys(range(5), ((time(9), time(17)),)))
MQLS, REVENUE, FOLLOW_UP = BY_KEY["mqls"], BY_KEY["revenue"], BY_KEY["follow_up"]


@pytest.mark.parametrize(
    ("period", "at", "passed"),
    [
        ("2026-03", NOW, Fraction(17, 22 * 8)),  # two working days and an hour of 22
        ("2026-03", NOW.replace(day=7), Fraction(5, 22)),  # a Saturday: the five days before it
        ("2026-Q1", NOW, Fraction(44 * 8 + 1, 64 * 8)),
        ("2026-Q1", NOW.replace(month=5), Fraction(1)),
        ("2026-Q2", NOW, Fraction(0)),
        ("2026-03", end_of(NOW.replace(day=31).date()), Fraction(1)),
    ],
)
def test_what_has_passed_is_working_time(period, at, passed):
    assert pace_of(read_period(period), at, HOURS).passed == passed


def test_holidays_of_the_team_are_no_days_of_its_pace():
    off = WorkingHours(HOURS.time_zone, HOURS.week, frozenset({NOW.date().replace(day=2)}))

    assert pace_of(read_period("2026-03"), NOW, off).passed == Fraction(9, 21 * 8)


def test_a_period_without_working_time_goes_by_the_clock():
    closed = WorkingHours(HOURS.time_zone, {})
    third = datetime(2026, 4, 11, tzinfo=UTC)

    assert pace_of(read_period("2026-04"), third, closed).passed == Fraction(1, 3)


def test_counts_and_money_are_due_by_share_and_rates_in_full():
    pace = Pace(Fraction(1, 3))

    assert pace.due(MQLS, 100) == 33
    assert pace.due(REVENUE, Decimal(1000)) == Decimal("333.33")
    assert pace.due(FOLLOW_UP, 0.9) == 0.9
    assert pace.due(MQLS, None) is None


def test_the_forecast_goes_on_at_this_pace():
    pace = Pace(Fraction(1, 3))

    assert pace.forecast(MQLS, 40) == 120
    assert pace.forecast(REVENUE, Decimal("10.01")) == Decimal("30.03")
    assert pace.forecast(FOLLOW_UP, 0.8) == 0.8
    assert Pace(Fraction(0)).forecast(MQLS, 0) is None


@pytest.mark.parametrize(
    ("kpi", "passed", "actual", "target", "standing"),
    [
        (MQLS, "1/2", 100, 100, Standing.MET),
        (MQLS, "1/2", 50, 100, Standing.ON_PACE),
        (MQLS, "1/2", 49, 100, Standing.BEHIND),
        (MQLS, "1", 99, 100, Standing.MISSED),
        (MQLS, "0", 0, 100, Standing.NOT_BEGUN),
        (MQLS, "1/2", 7, None, Standing.NO_TARGET),
        (FOLLOW_UP, "1/2", 0.9, 0.9, Standing.ON_PACE),
        (FOLLOW_UP, "1", 0.9, 0.9, Standing.MET),
        (FOLLOW_UP, "1/2", 0.89, 0.9, Standing.BEHIND),
        (FOLLOW_UP, "1/2", None, 0.9, Standing.UNKNOWN),
    ],
)
def test_where_a_figure_stands(kpi, passed, actual, target, standing):
    assert Pace(Fraction(passed)).standing(kpi, actual, target) is standing


@pytest.mark.parametrize(
    ("written", "first", "last", "before"),
    [
        ("2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4"),
        ("2026-Q4", "2026-10-01", "2026-12-31", "2026-Q3"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-01"),
        ("2026-01", "2026-01-01", "2026-01-31", "2025-12"),
    ],
)
def test_a_period_is_a_quarter_or_a_month(written, first, last, before):
    period = read_period(written)

    assert (f"{period.first}", f"{period.last}", period.code) == (first, last, written)
    assert period.shifted(-1).code == before
    assert period.shifted(-1).last == period.first - timedelta(days=1)


@pytest.mark.parametrize(
    "written", ["", "2026", "2026-Q5", "2026-13", "2026-1", "26-Q1", "2026-Q1\n", "9999-Q4", "٢٠٢٦-Q1"]
)
def test_anything_else_is_no_period(written):
    with pytest.raises(ValueError, match=r"Write it as 2026-Q4 or 2026-11|is not between"):
        read_period(written)

"""How much of a period has passed, what was due by now, and where a figure stands against it."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from accounts.working_time import WorkingHours, working_time_between
from reports.days import company_zone, end_of
from reports.period import Period
from reports.report import Kind
from reports.scorecard.kpis import Kpi
from reports.target_periods import TargetPeriod

CENT = Decimal("0.01")
# Exact within a report: counts, money as Decimal, shares as numbers where 1 is the whole.
Number = int | float | Decimal


class Standing(StrEnum):
    MET = "Met"
    ON_PACE = "On pace"
    BEHIND = "Behind"
    MISSED = "Missed"
    NOT_BEGUN = "Not begun"
    NO_TARGET = "No target"
    UNKNOWN = "Unknown"

    @property
    def state(self) -> str:
        """That of a headline figure."""
        return {Standing.MET: "good", Standing.ON_PACE: "good", Standing.BEHIND: "warn", Standing.MISSED: "bad"}.get(
            self, ""
        )


@dataclass(frozen=True)
class Pace:
    """`passed`: the share of the working time of a period that is over, 0 to 1."""

    passed: Fraction

    @property
    def is_over(self) -> bool:
        return self.passed == 1

    def due(self, kpi: Kpi, target: Number | None) -> Number | None:
        """What of the target was due by now; a rate is due from the first day. Counts in full, money in whole cents."""
        if target is None or not kpi.grows:
            return target
        due = Fraction(target) * self.passed
        return _money(due) if kpi.kind is Kind.MONEY else _rounded(due)

    def forecast(self, kpi: Kpi, actual: Number | None) -> Number | None:
        """What it comes to at the end if it goes on like this; None before the first working hour."""
        if actual is None or not kpi.grows:
            return actual
        if not self.passed:
            return None
        whole = Fraction(actual) / self.passed
        return _money(whole) if kpi.kind is Kind.MONEY else _rounded(whole)

    def standing(self, kpi: Kpi, actual: Number | None, target: Number | None) -> Standing:
        """A count or a sum that has reached its target has met it; a rate only once the period is over."""
        if target is None:
            return Standing.NO_TARGET
        if not self.passed:
            return Standing.NOT_BEGUN
        if actual is None:
            return Standing.UNKNOWN
        if actual >= target:
            return Standing.MET if self.is_over or kpi.grows else Standing.ON_PACE
        if self.is_over:
            return Standing.MISSED
        on_pace = kpi.grows and Fraction(actual) >= Fraction(target) * self.passed
        return Standing.ON_PACE if on_pace else Standing.BEHIND


def pace_of(period: TargetPeriod, at: datetime, hours: WorkingHours) -> Pace:
    """As of an instant. Days are the company's, hours those of the team, or of the company. Where a period has no
    working time at all, it counts by the clock.
    """
    first, end = bounds(period.days)
    until = max(at, first) if at < end_of(period.last) else end  # the last instant of a period ends it
    whole = working_time_between(first, end, hours)
    if not whole:
        return Pace(_over(until - first, end - first))
    return Pace(_over(working_time_between(first, until, hours), whole))


def bounds(days: Period) -> tuple[datetime, datetime]:
    """The first instant of the days, and that after them, UTC."""
    assert days.first
    assert days.last
    zone = company_zone()
    end = datetime.combine(days.last + timedelta(days=1), time(), zone)
    return datetime.combine(days.first, time(), zone).astimezone(UTC), end.astimezone(UTC)


def _over(part: timedelta, whole: timedelta) -> Fraction:
    instant = timedelta(microseconds=1)
    return Fraction(part // instant, whole // instant)


def _rounded(number: Fraction) -> int:
    return int(number + Fraction(1, 2))


def _money(number: Fraction) -> Decimal:
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(CENT, ROUND_HALF_UP)

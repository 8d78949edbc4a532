"""The months and quarters for which targets are set. Pure."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from reports.parameters import EARLIEST, LATEST
from reports.period import Period

MONTH, QUARTER = 1, 3
_WRITTEN = re.compile(r"(\d{4})-(?:Q([1-4])|(0[1-9]|1[0-2]))", re.ASCII)


@dataclass(frozen=True)
class TargetPeriod:
    """`months` from the month that begins on `first`: one, or the three of a quarter of the calendar year."""

    first: date
    months: int

    @property
    def last(self) -> date:
        month = _month_after(self.first, self.months - 1)
        return month.replace(day=monthrange(month.year, month.month)[1])

    @property
    def days(self) -> Period:
        return Period(self.first, self.last)

    @property
    def code(self) -> str:
        """As in an address: 2026-Q4, 2026-11."""
        return f"{self.first.year}-Q{self._quarter}" if self.months == QUARTER else f"{self.first:%Y-%m}"

    @property
    def label(self) -> str:
        if self.months == QUARTER:
            return f"Q{self._quarter} {self.first.year}"
        return date_format(self.first, "YEAR_MONTH_FORMAT")

    @property
    def _quarter(self) -> int:
        return (self.first.month + 2) // 3

    def shifted(self, by: int) -> "TargetPeriod":
        """So many periods of the same length later; earlier where it is negative."""
        return TargetPeriod(_month_after(self.first, by * self.months), self.months)


def quarter_of(day: date) -> TargetPeriod:
    return TargetPeriod(date(day.year, (day.month - 1) // 3 * 3 + 1, 1), QUARTER)


def month_of(day: date) -> TargetPeriod:
    return TargetPeriod(day.replace(day=1), MONTH)


def read_period(text: str) -> TargetPeriod:
    """Raises ValueError with a sentence."""
    written = _WRITTEN.fullmatch(text)
    if not written:
        raise ValueError(f"“{text}” is no quarter and no month. Write it as 2026-Q4 or 2026-11.")
    year, quarter, month = written.groups()
    if not EARLIEST.year < int(year) < LATEST.year:
        raise ValueError(f"{text} is not between {EARLIEST.year + 1} and {LATEST.year - 1}.")
    if quarter:
        return TargetPeriod(date(int(year), int(quarter) * 3 - 2, 1), QUARTER)
    return TargetPeriod(date(int(year), int(month), 1), MONTH)


def _month_after(month: date, by: int) -> date:
    place = month.year * 12 + month.month - 1 + by
    return date(place // 12, place % 12 + 1, 1)

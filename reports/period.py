"""Whole days, both included; None where the period is open."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import Q

from accounts.formats import day


@dataclass(frozen=True)
class Period:
    first: date | None = None
    last: date | None = None

    def days(self, column: str) -> Q:
        """Rows whose date lies in it."""
        condition = Q()
        if self.first:
            condition &= Q(**{f"{column}__gte": self.first})
        if self.last:
            condition &= Q(**{f"{column}__lte": self.last})
        return condition

    def holds(self, column: str, zone: tzinfo) -> Q:
        """Rows whose instant lies in it, by the days of this time zone."""
        condition = Q()
        if self.first:
            condition &= Q(**{f"{column}__gte": datetime.combine(self.first, time(), zone)})
        if self.last:
            condition &= Q(**{f"{column}__lt": datetime.combine(self.last + timedelta(days=1), time(), zone)})
        return condition

    def __str__(self) -> str:
        first = f"from {day(self.first)}" if self.first else ""
        last = f"until {day(self.last)}" if self.last else ""
        return f"{first} {last}".strip()

"""The instants that a look at a team is measured by. Pure but for the hours given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from accounts.working_time import WorkingHours, add_working_time, working_day_before

AT_RISK = timedelta(hours=2)
# Up to so many working days in a stage; what is older than the last comes after them.
AGES = (0, 2, 5, 10)


@dataclass(frozen=True)
class Age:
    """How long leads have been in their stage: they entered on `first` or later, and before `before`; none is open."""

    label: str
    first: date | None
    before: date | None


@dataclass(frozen=True)
class Moments:
    """`today`, `week`, `month`: when they began, by the viewer's clock. `ages`: the newest first."""

    now: datetime
    today: datetime
    week: datetime
    month: datetime
    ages: Sequence[Age]

    @classmethod
    def at(cls, now: datetime, hours: WorkingHours) -> "Moments":
        """`now` in the viewer's time zone, whose days all of them are; ages are working days of `hours`."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        monday = today - timedelta(days=today.weekday())
        return cls(now, today, monday, today.replace(day=1), _ages(now.date(), hours))

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.now.tzinfo)


def _ages(today: date, hours: WorkingHours) -> list[Age]:
    firsts = [working_day_before(today, days, hours) for days in AGES]
    labels = ["Today", *(f"{low + 1}–{high} days" for low, high in pairwise(AGES))]
    ages = [Age(*one) for one in zip(labels, firsts, [None, *firsts[:-1]], strict=True)]
    return [*ages, Age(f"Over {AGES[-1]} days", None, firsts[-1])]


def at_risk_until(now: datetime, hours: WorkingHours) -> datetime:
    """Deadlines up to then are at risk: two working hours from now."""
    return add_working_time(now, AT_RISK, hours)

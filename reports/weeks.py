"""Weeks of the company: Monday to Sunday, as ISO numbers them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.principals import Principal
from accounts.roles import Role
from reports.days import company_day
from reports.parameters import EARLIEST, LATEST
from reports.period import Period

DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Week:
    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        return cls(day - day.weekday() * DAY)

    @classmethod
    def last_full(cls, at: datetime) -> "Week":
        """The last one that was over; at the last instant of a Sunday its own."""
        return cls.of(company_day(at + _MOMENT)).ago(1)

    def ago(self, weeks: int) -> "Week":
        return Week(self.monday - weeks * 7 * DAY)

    @property
    def following(self) -> "Week":
        return self.ago(-1)

    @property
    def sunday(self) -> date:
        return self.monday + 6 * DAY

    @property
    def period(self) -> Period:
        return Period(self.monday, self.sunday)

    def is_running(self, at: datetime) -> bool:
        return self.monday <= company_day(at + _MOMENT) <= self.sunday

    @property
    def number(self) -> str:
        """Within its year."""
        return f"W{self.monday.isocalendar().week:02}"

    def __str__(self) -> str:
        return f"{self.monday.isocalendar().year}-{self.number}"


def usual_week(principal: Principal, running: Week) -> Week:
    """The one that is meant when nothing is said: a rep sees beforehand what others read when it is over."""
    return running if principal.role == Role.REP else running.ago(1)


def read_week(text: str, _: Principal) -> Week:
    """Any day of it, or its ISO number."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"“{text}” is no week. Give any of its days as YYYY-MM-DD, or its number, for example 2026-W12."
        ) from error
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"{text} is not between {EARLIEST} and {LATEST}.")
    return Week.of(day)

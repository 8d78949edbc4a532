"""When the mail comes that collects a day's notifications: at eight in the morning of a working day."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from accounts.models import User, WorkingCalendar
from accounts.working_time import WorkingHours

MORNING = time(8)
DAY = timedelta(days=1)
LONGEST_REST = 366  # days; who never works gets his mail all the same


class MailDays:
    """The next collecting mail of each reader after `at`. Make one for a batch of messages.

    The days are those of his team's calendar, else of the company's; the clock is his own.
    """

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._known: dict[int, datetime] = {}

    def next_for(self, user: User) -> datetime:
        """Aware, UTC. Needs `team.calendar`: select it with the user."""
        if user.pk not in self._known:
            self._known[user.pk] = self._find(user)
        return self._known[user.pk]

    def _find(self, user: User) -> datetime:
        calendar = user.team.calendar if user.team else None
        hours = calendar.hours if calendar else self._company_hours
        today = self.at.astimezone(user.zone).date()
        days = [today + count * DAY for count in range(LONGEST_REST)]
        coming = [day for day in days[:2] if _morning(day, user) > self.at] + days[2:]
        return _morning(next((day for day in coming if _is_worked(day, hours)), coming[0]), user)

    @cached_property
    def _company_hours(self) -> WorkingHours:
        return (WorkingCalendar.objects.filter(is_default=True).first() or WorkingCalendar()).hours


def _morning(day: date, user: User) -> datetime:
    return datetime.combine(day, MORNING, user.zone).astimezone(UTC)


def _is_worked(day: date, hours: WorkingHours) -> bool:
    return bool(hours.week.get(day.weekday())) and day not in hours.holidays

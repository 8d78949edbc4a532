"""When teams work: time zone, opening hours, holidays."""

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import holidays
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.opening_hours import parse_days_off, parse_opening_hours
from accounts.working_time import WorkingHours


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as Europe/Berlin or UTC.")


def check_opening_hours(text: str) -> None:
    """The hours must be such that a deadline can be reckoned with them: intervals in order, none within another."""
    try:
        WorkingHours(time_zone=ZoneInfo("UTC"), week=parse_opening_hours(text))
    except ValueError as error:
        raise ValidationError(str(error)) from error


def check_days_off(text: str) -> None:
    try:
        parse_days_off(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class _PublicHolidays:
    """The days off of a country, the company's own added. Years are worked out as they are asked for."""

    def __init__(self, country: str, region: str, days_off: frozenset[date]) -> None:
        self._public = holidays.country_holidays(country, subdiv=region or None) if country else frozenset()
        self._own = days_off

    def __contains__(self, day: object) -> bool:
        return day in self._own or day in self._public

    def name_of(self, day: date) -> str:
        """What the day is called; nothing for a working day."""
        public = self._public.get(day) if isinstance(self._public, dict) else None
        return public or ("Day off" if day in self._own else "")


@lru_cache(maxsize=256)
def _working_hours(time_zone: str, opening_hours: str, country: str, region: str, days_off: str) -> WorkingHours:
    return WorkingHours(
        time_zone=ZoneInfo(time_zone),
        week=parse_opening_hours(opening_hours),
        holidays=_PublicHolidays(country, region, parse_days_off(days_off)),
    )


class WorkingCalendar(models.Model):
    """When a team works. Deadlines of its leads run only in these hours."""

    name = models.CharField(max_length=100, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    opening_hours = models.TextField(
        default="Mon-Fri 09:00-17:00",
        validators=[check_opening_hours],
        help_text="One line per group of days, several intervals a day: “Mon-Thu 09:00-12:30, 13:15-17:30”.",
    )
    holiday_country = models.CharField(max_length=2, blank=True, help_text="Public holidays of, for example, DE.")
    holiday_region = models.CharField(max_length=6, blank=True, help_text="Its region, for example BY. May be empty.")
    days_off = models.TextField(blank=True, validators=[check_days_off], help_text="More days off, one date a line.")
    is_default = models.BooleanField(default=False, help_text="The company's hours, for leads without a team.")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_calendar"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            holidays.country_holidays(self.holiday_country or "DE", subdiv=self.holiday_region or None)
        except NotImplementedError as error:
            raise ValidationError({"holiday_country": str(error)}) from error

    @property
    def hours(self) -> WorkingHours:
        return _working_hours(
            self.time_zone, self.opening_hours, self.holiday_country, self.holiday_region, self.days_off
        )

    def holidays_between(self, first: date, last: date) -> dict[date, str]:
        """The days without work from `first` to `last`, both included, each with its name. Weekends are none."""
        known = _PublicHolidays(self.holiday_country, self.holiday_region, parse_days_off(self.days_off))
        days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
        return {day: name for day in days if (name := known.name_of(day))}

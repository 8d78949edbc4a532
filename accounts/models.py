"""People, the tree of teams, and the hours they work."""

from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import holidays
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.opening_hours import parse_days_off, parse_opening_hours
from accounts.principals import Kind, Principal
from accounts.roles import Role
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


class Team(models.Model):
    """A node in the tree of sales teams. Its manager sees it and all teams below."""

    name = models.CharField(max_length=100, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    manager = models.ForeignKey("User", models.SET_NULL, null=True, blank=True, related_name="managed_teams")
    calendar = models.ForeignKey(
        WorkingCalendar, models.PROTECT, null=True, blank=True, help_text="Empty: the company's default hours."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def subtree_ids(root_ids: set[int]) -> frozenset[int]:
    """These teams and all below them. One query: companies have hundreds of teams, not millions."""
    children: dict[int | None, list[int]] = {}
    for team_id, parent_id in Team.objects.values_list("id", "parent_id"):
        children.setdefault(parent_id, []).append(team_id)
    found: set[int] = set()
    waiting = list(root_ids)
    while waiting:
        team_id = waiting.pop()
        if team_id not in found:  # a ring of teams, made by hand in the database, must not hang a page
            found.add(team_id)
            waiting.extend(children.get(team_id, ()))
    return frozenset(found)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        """A user who can sign in; without a password one who cannot yet. E-mails are kept in lower case."""
        user = self.model(email=email.strip().lower() if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(
            email, password, **({"role": Role.ADMIN, "is_staff": True, "is_superuser": True} | fields)
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody of the company. People known only from an imported file have no e-mail and cannot sign in."""

    email = models.EmailField("e-mail", unique=True, null=True, blank=True)
    name = models.CharField(max_length=150)
    role = models.CharField(max_length=10, choices=Role, default=Role.REP)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="members")
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[check_time_zone], help_text="Empty: the time zone of the team."
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May open the admin pages.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_has_a_known_role"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # An empty e-mail is no e-mail: two imported people may both have none.
        self.email = (self.email or "").strip().lower() or None
        super().save(*args, **kwargs)

    def get_short_name(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The viewer's time zone: his own, else his team's calendar's, else the installation's."""
        if self.time_zone:
            return ZoneInfo(self.time_zone)
        calendar = self.team.calendar if self.team else None
        return ZoneInfo(calendar.time_zone if calendar else settings.TIME_ZONE)

    @cached_property
    def principal(self) -> Principal:
        """Hidden queries: a manager's teams. Cached on the instance, which lives for one request."""
        return Principal(
            kind=Kind.USER, name=self.name, role=Role(self.role), user_id=self.pk, team_ids=self._team_ids()
        )

    def _team_ids(self) -> frozenset[int]:
        own = {self.team_id} if self.team_id else set()
        if self.role == Role.MANAGER:
            return subtree_ids(own | set(self.managed_teams.values_list("id", flat=True)))
        return frozenset(own)

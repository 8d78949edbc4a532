"""People, and the tree of teams they work in."""

from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.availability import check_countries, is_away
from accounts.models.calendars import WorkingCalendar, check_time_zone
from accounts.principals import Kind, Principal
from accounts.roles import Role


class Team(models.Model):
    """A node in the tree of sales teams. Its manager sees it and all teams below."""

    class Distribution(models.TextChoices):
        ROUND_ROBIN = "round_robin", "In turn"
        LEAST_LOADED = "least_loaded", "Whoever has the fewest"

    name = models.CharField(max_length=100, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    manager = models.ForeignKey("User", models.SET_NULL, null=True, blank=True, related_name="managed_teams")
    countries = models.JSONField(
        default=list,
        blank=True,
        validators=[check_countries],
        help_text="Its territory: country codes, for example DE, AT, CH.",
    )
    distribution = models.CharField(
        max_length=12,
        choices=Distribution,
        default=Distribution.ROUND_ROBIN,
        help_text="How new leads are shared among the reps who are available.",
    )
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


class Mails(models.TextChoices):
    """When somebody gets by mail what LeadFlow tells him. His notifications page shows it at once in any case."""

    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "Once a working day, together"
    NEVER = "never", "Never"


class Formats(models.TextChoices):
    """How dates and numbers are written for somebody. Each is the name of a locale with formats of its own."""

    BRITISH = "en-gb", "21 Nov 2026 · 1,234.50"
    AMERICAN = "en-us", "Nov 21, 2026 · 1,234.50"
    CONTINENTAL = "en-de", "21.11.2026 · 1.234,50"
    ISO = "en-ca", "2026-11-21 · 1,234.50"


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
    formats = models.CharField("dates and numbers", max_length=5, choices=Formats, default=Formats.BRITISH)
    mails = models.CharField(max_length=7, choices=Mails, default=Mails.AT_ONCE)
    weekly_report = models.BooleanField(
        null=True, blank=True, help_text="Gets the weekly report by mail. Unknown: whoever leads a team does."
    )
    is_on_duty = models.BooleanField(default=True, help_text="Gets new leads. Off: keeps what he has.")
    away_from = models.DateField(null=True, blank=True, help_text="First day of leave.")
    away_until = models.DateField(null=True, blank=True, help_text="Last day of leave.")
    lead_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many leads at most in MQL, SAL and SQL together. Empty: any."
    )
    can_sign = models.BooleanField(default=False, help_text="May sign agreements for marketing or for sales.")
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
            models.CheckConstraint(
                condition=Q(away_from=None) | Q(away_until=None) | Q(away_until__gte=F("away_from")),
                name="leave_ends_after_it_begins",
                violation_error_message="The last day of leave lies before the first.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # An empty e-mail is no e-mail: two imported people may both have none.
        self.email = (self.email or "").strip().lower() or None
        super().save(*args, **kwargs)

    @property
    def gets_weekly_report(self) -> bool:
        """By his own wish, else whoever leads people. Never a rep: he reads his own on its page. Asks for his teams."""
        if self.role == Role.REP:
            return False
        if self.weekly_report is not None:
            return self.weekly_report
        return self.role == Role.MANAGER or bool(self.managed_teams.all())

    def is_away_on(self, day: date) -> bool:
        return is_away(day, self.away_from, self.away_until)

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

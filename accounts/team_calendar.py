"""Who of the teams is on leave when in the weeks ahead, and when each team works."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from accounts.availability import is_away
from accounts.models import Team, User, WorkingCalendar
from accounts.presence import Presence, presence
from accounts.roles import SALES_ROLES
from accounts.team_tree import TeamTree

WEEKS = 6
HOLIDAYS_AHEAD = timedelta(weeks=12)


@dataclass(frozen=True)
class Day:
    """`why` is leave, holiday, or nothing for a day like any other; `is_off`: no opening hours on this weekday."""

    on: date
    why: str
    is_off: bool


@dataclass(frozen=True)
class Week:
    days: Sequence[Day]

    @property
    def begins(self) -> date:
        return self.days[0].on

    @property
    def leave(self) -> Sequence[Day]:
        """The working days of this week that are days of leave."""
        return [day for day in self.days if day.why == "leave" and not day.is_off]

    @property
    def is_all_leave(self) -> bool:
        """A holiday within does not break it."""
        return bool(self.leave) and all(day.why or day.is_off for day in self.days)


@dataclass(frozen=True)
class PersonRow:
    user: User
    presence: Presence
    weeks: Sequence[Week]


@dataclass(frozen=True)
class Holiday:
    on: date
    name: str


@dataclass(frozen=True)
class CalendarCard:
    """The hours of one or several teams. `lines`: as the admin wrote them, one for each group of days."""

    calendar: WorkingCalendar
    teams: Sequence[Team]
    lines: Sequence[str]
    holidays: Sequence[Holiday]


def people(tree: TeamTree) -> "QuerySet[User]":
    """Everybody in sales in these teams who has not left."""
    users = User.objects.filter(team__in=tree.teams, role__in=SALES_ROLES, is_active=True)
    return users.select_related("team__calendar").order_by("team__name", "name", "pk")


def person_rows(users: Iterable[User], company: WorkingCalendar, now: datetime) -> list[PersonRow]:
    return [_person_row(user, _calendar_of(user, company), now) for user in users]


def week_begins(now: datetime) -> list[date]:
    """The Mondays of this week and of those ahead. `now` in the viewer's time zone."""
    monday = now.date() - timedelta(days=now.weekday())
    return [monday + timedelta(weeks=ahead) for ahead in range(WEEKS)]


def calendar_cards(tree: TeamTree, company: WorkingCalendar, now: datetime) -> list[CalendarCard]:
    """One for each calendar that these teams work by."""
    teams_by: dict[int | None, list[Team]] = {}
    for team in tree.teams.values():
        teams_by.setdefault(team.calendar_id or company.pk, []).append(team)
    return [_card(teams[0].calendar or company, teams, now) for teams in teams_by.values()]


def company_calendar() -> WorkingCalendar:
    """The default one; where the admin keeps none, that of `funnel.limits`: Monday to Friday 9 to 17 UTC."""
    return WorkingCalendar.objects.filter(is_default=True).first() or WorkingCalendar(name="Company")


def _calendar_of(user: User, company: WorkingCalendar) -> WorkingCalendar:
    return (user.team.calendar if user.team else None) or company


def _person_row(user: User, calendar: WorkingCalendar, now: datetime) -> PersonRow:
    today = now.astimezone(calendar.hours.time_zone).date()
    here = presence(
        today,
        is_active=user.is_active,
        is_on_duty=user.is_on_duty,
        away_from=user.away_from,
        away_until=user.away_until,
    )
    return PersonRow(user, here, [_week(monday, user, calendar) for monday in week_begins(now)])


def _week(monday: date, user: User, calendar: WorkingCalendar) -> Week:
    return Week([_day(monday + timedelta(days=ahead), user, calendar) for ahead in range(7)])


def _day(on: date, user: User, calendar: WorkingCalendar) -> Day:
    hours = calendar.hours
    is_leave = is_away(on, user.away_from, user.away_until)
    why = "holiday" if on in hours.holidays else "leave" if is_leave else ""
    return Day(on, why, is_off=not hours.week.get(on.weekday()))


def _card(calendar: WorkingCalendar, teams: Sequence[Team], now: datetime) -> CalendarCard:
    today = now.astimezone(calendar.hours.time_zone).date()
    ahead = calendar.holidays_between(today, today + HOLIDAYS_AHEAD)
    lines = [line.strip().replace("-", "–") for line in calendar.opening_hours.splitlines() if line.strip()]
    return CalendarCard(calendar, teams, lines, [Holiday(on, name) for on, name in sorted(ahead.items())])

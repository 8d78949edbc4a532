"""Who works at the demo company: teams in three regions with their own hours, reps of different temper, marketers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db.models import Count

from accounts.models import Team, User, WorkingCalendar
from accounts.roles import Role
from accounts.working_time import WorkingHours
from funnel.lifecycle import SALES_STAGES
from funnel.models import Lead
from leadflow.demo.words import COUNTRIES, mailbox_word

PASSWORD = "leadflow-demo"  # noqa: S105 - public: it opens demo data only
DOMAIN = "demo.leadflow.test"

# Region: (time zone, opening hours, country and region of the public holidays)
_HOURS = {
    "DACH": ("Europe/Berlin", "Mon-Thu 08:00-12:00, 12:45-17:30\nFri 08:00-12:00, 12:45-16:00", "DE", "BY"),
    "Nordics": ("Europe/Stockholm", "Mon-Fri 08:00-11:30, 12:15-16:45", "SE", ""),
    "Iberia": ("Europe/Madrid", "Mon-Thu 09:00-14:00, 15:30-18:30\nFri 08:30-15:00", "ES", "MD"),
}

_MARKETERS = (("Paulo Brandão", "marketing"), ("Wiebke Carstens", ""))

# Region: its manager
_MANAGERS = {"DACH": "Birgit Aschauer", "Nordics": "Gunnar Lindholm", "Iberia": "Amaya Redondo"}


@dataclass(frozen=True)
class Temper:
    """How a rep works. `answers_in`: working hours, the median; the shares are of the hand-offs he gets."""

    answers_in: float
    ignores: float
    gives_up: float
    skill: float


STEADY = Temper(answers_in=2.5, ignores=0.03, gives_up=0.02, skill=1.0)
SHARP = Temper(answers_in=0.9, ignores=0.01, gives_up=0.01, skill=1.35)
SLOW = Temper(answers_in=6.0, ignores=0.10, gives_up=0.06, skill=0.8)
CHERRY_PICKER = Temper(answers_in=1.5, ignores=0.20, gives_up=0.08, skill=1.15)
DEMO = Temper(answers_in=1.6, ignores=0.0, gives_up=0.0, skill=1.1)
TIDY = Temper(answers_in=2.0, ignores=0.0, gives_up=0.0, skill=1.0)

_REPS: dict[str, tuple[tuple[str, Temper], ...]] = {
    "DACH": (
        ("Robin Adler", DEMO),
        ("Jasmin Vogt", SHARP),
        ("Timo Kessler", STEADY),
        ("Corinna Haas", STEADY),
        ("Deniz Arslan", CHERRY_PICKER),
        ("Urs Gerber", SLOW),
        ("Melanie Prinz", TIDY),
        ("Patrick Seitz", STEADY),
    ),
    "Nordics": (
        ("Oskar Wallin", SHARP),
        ("Ida Kvist", STEADY),
        ("Mads Thomsen", SLOW),
        ("Helmi Saarinen", STEADY),
        ("Tor Bakken", STEADY),
        ("Stina Fors", CHERRY_PICKER),
    ),
    "Iberia": (
        ("Clara Montes", SHARP),
        ("Bruno Sequeira", STEADY),
        ("Irene Cano", STEADY),
        ("Xavier Rovira", SLOW),
        ("Luísa Prado", STEADY),
        ("Gael Arias", CHERRY_PICKER),
    ),
}
# Who does not get new leads, and since when. Their own were finished by then.
ON_LEAVE, OFF_DUTY = "Melanie Prinz", "Irene Cano"
LEAVE_BEGAN, LEAVE_ENDS = timedelta(days=55), timedelta(days=30)
LAST_LEADS_BEFORE_LEAVE = timedelta(days=150)
OFF_DUTY_SINCE = timedelta(days=12)
CAP_STEP, ROOM = 5, 20  # leads

REGIONS = tuple(_REPS)
HOME_REGION = REGIONS[0]


@dataclass(frozen=True)
class Rep:
    user: User
    temper: Temper


@dataclass(frozen=True)
class Staff:
    """`teams` are the regions, by name; `sales` is above them all."""

    sales: Team
    teams: Mapping[str, Team]
    reps: Mapping[str, tuple[Rep, ...]]
    demo_rep: Rep
    head_of_sales: User
    marketers: tuple[User, ...]
    office_hours: WorkingHours

    @property
    def home_team(self) -> Team:
        return self.teams[HOME_REGION]


@dataclass(frozen=True)
class _Logins:
    """Makes users who all have the one hash of the one password: making a hash is slow on purpose."""

    password: str
    since: datetime

    def user(self, name: str, role: Role, team: Team | None = None, mailbox: str = "", **rights: bool) -> User:
        email = f"{mailbox or mailbox_word(name).replace('-', '.')}@{DOMAIN}"
        return User(
            name=name, email=email, role=role, team=team, password=self.password, created_at=self.since, **rights
        )

    def rep(self, name: str, temper: Temper, team: Team) -> Rep:
        return Rep(self.user(name, Role.REP, team, mailbox="rep" if temper is DEMO else ""), temper)


def create_staff(*, since: datetime, now: datetime) -> Staff:
    """The tree of teams with their calendars, and everybody in them."""
    office, logins = _office_calendar(), _Logins(make_password(PASSWORD), since)
    sales = Team.objects.create(name="Sales", calendar=office)
    teams = {region: _team(region, sales) for region in REGIONS}
    head = logins.user("Margarete Stein", Role.MANAGER, sales, "manager", can_sign=True)
    managers = {region: logins.user(name, Role.MANAGER, teams[region]) for region, name in _MANAGERS.items()}
    marketers = tuple(
        logins.user(name, Role.MARKETING, None, mailbox, can_sign=bool(mailbox)) for name, mailbox in _MARKETERS
    )
    admin = logins.user("Sanna Ojala", Role.ADMIN, None, "admin", is_staff=True, is_superuser=True)
    reps = {
        region: tuple(logins.rep(name, temper, teams[region]) for name, temper in group)
        for region, group in _REPS.items()
    }
    _send_away({rep.user.name: rep.user for group in reps.values() for rep in group}, now)
    sellers = [rep.user for group in reps.values() for rep in group]
    User.objects.bulk_create([head, *managers.values(), *marketers, admin, *sellers])
    _appoint(sales, head)
    for region, manager in managers.items():
        _appoint(teams[region], manager)
    demo_rep = next(rep for rep in reps[HOME_REGION] if rep.temper is DEMO)
    return Staff(sales, teams, reps, demo_rep, head, marketers, office.hours)


def cap_leads(staff: Staff) -> None:
    """Most reps have some room left; one at home has more than he should, and the demo rep has plenty of room."""
    held = Lead.objects.filter(stage__in=SALES_STAGES, owner__isnull=False).order_by()
    loads = dict(held.values_list("owner").annotate(held=Count("pk")))
    for region, reps in staff.reps.items():
        by_load = sorted((rep.user for rep in reps), key=lambda user: loads.get(user.pk, 0))
        cap = (loads.get(by_load[-1].pk, 0) // CAP_STEP + 1) * CAP_STEP
        for user in by_load:
            user.lead_cap = cap
        if region == HOME_REGION:
            staff.demo_rep.user.lead_cap = cap + ROOM
            over = next(user for user in reversed(by_load) if user != staff.demo_rep.user)
            over.lead_cap = max((loads.get(over.pk, 0) - 1) // CAP_STEP * CAP_STEP, 1)
    User.objects.bulk_update([rep.user for reps in staff.reps.values() for rep in reps], ["lead_cap"])


def _team(region: str, sales: Team) -> Team:
    return Team.objects.create(
        name=region, parent=sales, calendar=_calendar(region), countries=sorted(COUNTRIES[region])
    )


def _send_away(users: Mapping[str, User], now: datetime) -> None:
    users[OFF_DUTY].is_on_duty = False
    users[ON_LEAVE].away_from = (now - LEAVE_BEGAN).date()
    users[ON_LEAVE].away_until = (now + LEAVE_ENDS).date()


def _office_calendar() -> WorkingCalendar:
    """The company's default hours, which every installation has."""
    office, _ = WorkingCalendar.objects.update_or_create(
        is_default=True,
        defaults={
            "name": "Head office",
            "time_zone": "Europe/Berlin",
            "opening_hours": "Mon-Fri 08:30-17:00",
            "holiday_country": "DE",
        },
    )
    return office


def _calendar(region: str) -> WorkingCalendar:
    time_zone, opening_hours, country, holiday_region = _HOURS[region]
    return WorkingCalendar.objects.create(
        name=region,
        time_zone=time_zone,
        opening_hours=opening_hours,
        holiday_country=country,
        holiday_region=holiday_region,
    )


def _appoint(team: Team, manager: User) -> None:
    team.manager = manager
    team.save(update_fields=["manager"])

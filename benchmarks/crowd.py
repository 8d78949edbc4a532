"""A large sales department at work: reps who share leads of all stages, most of them waiting for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from random import Random

from accounts.models import Team, User, WorkingCalendar
from accounts.principals import SYSTEM
from accounts.roles import Role
from benchmarks.databases import analyze
from benchmarks.multiply import BY_SERVICES, multiply
from funnel.inputs import CompanyInput, LeadInput, Past
from funnel.lifecycle import Stage
from funnel.models import Lead
from funnel.services.past import record_history
from funnel.services.receive import receive_leads

# Each rep's queue is as long however many leads there are: some 2,300, far more than anybody works through.
REPS = 20
LEADS_A_REP = 5_000
BATCH = 500
CHANNELS = ("organic-search", "paid-search", "webinar", "event", "referral", "unknown")
# How far leads have come, in parts of 20.
STAGES = {Stage.INQUIRY: 5, Stage.NURTURE: 3, Stage.MQL: 4, Stage.SAL: 4, Stage.SQL: 2, Stage.LOST: 1, Stage.WON: 1}
ARRIVED_AS = {Stage.INQUIRY, Stage.NURTURE}
SPAN = timedelta(days=360)


# A small team among large ones: of a million leads it has 30,000.
SMALL = 33


class CrowdOfAnotherSize(RuntimeError):
    """What was kept has not as many leads as are asked for."""


@dataclass(frozen=True)
class Crowd:
    """`quiet` has a single lead; the other reps share the rest. `manager` has a large team, `lower` a small one."""

    busy: User
    quiet: User
    manager: User
    lower: User
    marketing: User
    leads: int


def crowd_of(leads: int, *, now: datetime) -> Crowd:
    """The crowd that is there, else one that is gathered. Raises CrowdOfAnotherSize."""
    there = Lead.objects.count()
    if not there:
        _gather(leads, now=now)
    elif there != leads:
        raise CrowdOfAnotherSize(f"The database that was kept has {there:,} leads: ask for as many, or drop it.")
    named = {user.name: user for user in User.objects.select_related("team")}
    names = ("Rep 0", "Quiet rep", "Manager", "Lower manager", "Marketing")
    return Crowd(*(named[name] for name in names), leads=leads)


def _gather(leads: int, *, now: datetime) -> None:
    """Through the services that every lead comes by: ledger, hand-offs, deadlines and touches are real.

    Of more than 100,000 leads most are copies of a part that has come by the services, in whole multiples of it.
    """
    hours = WorkingCalendar.objects.create(name="Sales")
    *teams, small = [Team.objects.create(name=f"Team {number}", calendar=hours) for number in range(5)]
    count = max(REPS, leads // LEADS_A_REP)
    reps = [
        _person(f"Rep {number}", small if number >= count - max(1, count // SMALL) else teams[number % len(teams)])
        for number in range(count)
    ]
    quiet = _person("Quiet rep", teams[0])
    _person("Manager", teams[0], Role.MANAGER)
    _person("Lower manager", small, Role.MANAGER)
    _person("Marketing", None, Role.MARKETING)
    rng = Random(1)
    weights = list(STAGES.values())
    times = ceil(leads / BY_SERVICES)
    made = leads // times
    for begin in range(1, made, BATCH):
        numbers = range(begin, min(begin + BATCH, made))
        stages = rng.choices(list(STAGES), weights, k=len(numbers))
        _add(numbers, stages, reps, rng=rng, now=now)
    multiply(times)
    rest = range(leads - (leads - 1 - (made - 1) * times), leads)
    _add(rest, [Stage.SAL] * len(rest), reps, rng=rng, now=now)
    _add([leads], [Stage.MQL], [quiet], rng=rng, now=now)
    analyze()


def _person(name: str, team: Team | None, role: Role = Role.REP) -> User:
    email = f"{name.replace(' ', '.').lower()}@sales.example"
    return User.objects.create(name=name, email=email, team=team, role=role)


def _add(numbers: Sequence[int], stages: Sequence[Stage], reps: Sequence[User], *, rng: Random, now: datetime) -> None:
    inputs = [_input(number, stage, rng, now) for number, stage in zip(numbers, stages, strict=True)]
    leads = [received.lead for received in receive_leads(inputs, by=SYSTEM, at=now)]
    pasts = [
        Past(lead=lead, outcome=stage, mql_at=_between(lead.created_at, now, rng), owner=rng.choice(reps))
        for lead, stage in zip(leads, stages, strict=True)
        if lead and stage not in ARRIVED_AS
    ]
    record_history(pasts, by=SYSTEM, recorded_at=now)


def _input(number: int, stage: Stage, rng: Random, now: datetime) -> LeadInput:
    domain = f"company{number // 3}.example"
    return LeadInput(
        source="benchmark",
        external_id=str(number),
        email=f"buyer.{number}@{domain}",
        first_name="Bea",
        last_name=f"Buyer {number}",
        company=CompanyInput(name=f"Company {number // 3}", domain=domain),
        channel=rng.choice(CHANNELS),
        created_at=_between(now - SPAN, now, rng),
        stage=stage if stage in ARRIVED_AS else Stage.INQUIRY,
    )


def _between(begin: datetime, end: datetime, rng: Random) -> datetime:
    return begin + rng.random() * (end - begin)

"""A large sales department at work: reps who share leads of all stages, most of them waiting for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from random import Random

from accounts.models import Team, User, WorkingCalendar
from accounts.principals import SYSTEM
from benchmarks.databases import analyze
from benchmarks.multiply import multiply
from funnel.inputs import CompanyInput, LeadInput, Past
from funnel.lifecycle import Stage
from funnel.services.past import record_history
from funnel.services.receive import receive_leads

# Each rep's queue is as long however many leads there are: some 2,300, far more than anybody works through.
REPS = 20
LEADS_A_REP = 5_000
# So many come by the services; beyond that they are copied inside the database.
BY_SERVICES = 100_000
BATCH = 500
CHANNELS = ("organic-search", "paid-search", "webinar", "event", "referral", "unknown")
# How far leads have come, in parts of 20.
STAGES = {Stage.INQUIRY: 5, Stage.NURTURE: 3, Stage.MQL: 4, Stage.SAL: 4, Stage.SQL: 2, Stage.LOST: 1, Stage.WON: 1}
ARRIVED_AS = {Stage.INQUIRY, Stage.NURTURE}
SPAN = timedelta(days=360)


@dataclass(frozen=True)
class Crowd:
    """`quiet` has a single lead; the others share the rest."""

    busy: User
    quiet: User
    leads: int


def gather(leads: int, *, now: datetime) -> Crowd:
    """Through the services that every lead comes by: ledger, hand-offs, deadlines and touches are real.

    Of more than 100,000 leads most are copies of a part that has come by the services, in whole multiples of it.
    """
    hours = WorkingCalendar.objects.create(name="Sales")
    teams = [Team.objects.create(name=f"Team {number}", calendar=hours) for number in range(4)]
    reps = [_rep(f"Rep {number}", teams[number % len(teams)]) for number in range(max(REPS, leads // LEADS_A_REP))]
    quiet = _rep("Quiet rep", teams[0])
    rng = Random(1)
    weights = list(STAGES.values())
    times = ceil(leads / BY_SERVICES)
    made = leads // times
    for begin in range(1, made, BATCH):
        numbers = range(begin, min(begin + BATCH, made))
        stages = rng.choices(list(STAGES), weights, k=len(numbers))
        _add(numbers, stages, reps, rng=rng, now=now)
    multiply(times)
    _add([leads], [Stage.MQL], [quiet], rng=rng, now=now)
    analyze()
    return Crowd(reps[0], quiet, leads)


def _rep(name: str, team: Team) -> User:
    return User.objects.create(name=name, email=f"{name.replace(' ', '.').lower()}@sales.example", team=team)


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

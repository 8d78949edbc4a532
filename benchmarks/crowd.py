"""A large sales department at work: 20 reps who share leads of all stages, most of them waiting for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from accounts.models import Team, User
from accounts.principals import SYSTEM
from benchmarks.databases import analyze
from funnel.inputs import CompanyInput, LeadInput, Past
from funnel.lifecycle import Stage
from funnel.services.past import record_history
from funnel.services.receive import receive_leads

REPS = 20
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
    """Through the services that every lead comes by: ledger, hand-offs, deadlines and touches are real."""
    teams = [Team.objects.create(name=f"Team {number}") for number in range(4)]
    reps = [_rep(f"Rep {number}", teams[number % len(teams)]) for number in range(REPS)]
    quiet = _rep("Quiet rep", teams[0])
    rng = Random(1)
    weights = list(STAGES.values())
    for begin in range(1, leads, BATCH):
        numbers = range(begin, min(begin + BATCH, leads))
        stages = rng.choices(list(STAGES), weights, k=len(numbers))
        _add(numbers, stages, reps, rng=rng, now=now)
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

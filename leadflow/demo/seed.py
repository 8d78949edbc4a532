"""Fills an empty database with the demo company and a past that ends now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from random import Random

from django.db import transaction

from accounts.principals import Kind, Principal
from funnel.inputs import LeadInput
from funnel.models import Lead, Reason
from funnel.services.lookups import Lookups
from funnel.services.receive import receive_leads
from funnel.services.touches import touch_rows
from funnel.sweep import run_sweep
from leadflow.demo.agreements import FEWEST_EMPLOYEES, create_agreements
from leadflow.demo.buying import tell_decisions
from leadflow.demo.channels import CHANNELS, create_channels
from leadflow.demo.delivery import deliver
from leadflow.demo.disputes import draft_anew, settle
from leadflow.demo.lives import Course, random_rep
from leadflow.demo.people import SOURCE, Person, Population
from leadflow.demo.proof import create_proof
from leadflow.demo.staff import HOME_REGION, cap_leads, create_staff
from leadflow.demo.story import Story
from leadflow.demo.targets import set_targets
from leadflow.demo.today import Today
from leadflow.demo.world import World

AUTOMATION = "Demo automation"
DAYS_A_MONTH = 30.44
DAYS_BEFORE = timedelta(days=60)
LEADS_A_TRANSACTION = 250  # a commit waits for the disk
SELF_SOURCED_SHARE = 0.025
OWN_SOURCE = "leadflow"  # leads that a rep entered on the page

# When marketing's tools report, UTC: (hour, hours since the time before, share of the day's leads)
_REPORTS = ((6, 16, 0.35), (14, 8, 0.65))
_WEEKEND_SHARE = 0.3


@dataclass(frozen=True)
class Size:
    """`leads` in `months` until now, with `touches` each on average. The same `seed` gives the same company."""

    leads: int
    months: int
    touches: int
    seed: int


@dataclass(frozen=True)
class _Arrival:
    number: int
    reported_at: datetime
    created_at: datetime


def seed(size: Size, *, now: datetime, on_progress: Callable[[int], object]) -> None:
    """Needs a database without leads, teams and channels. `on_progress` is told how many leads were added."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = today - timedelta(days=size.months * DAYS_A_MONTH)
    population = Population(seed=size.seed, leads=size.leads, touches=size.touches)
    with transaction.atomic():
        world = _create_world(size, population, start=start, today=today, now=now)
    demo_day = Today(world)
    scenes = list(demo_day.scenes())[: size.leads]
    regular = size.leads - len(scenes)
    arrivals = _arrivals(population, regular, start=start, today=today)
    for group in _chunks(arrivals):
        with transaction.atomic():
            _tell(world, population, group)
        on_progress(len(group))
    with transaction.atomic():
        for number, scene in zip(_home_numbers(population, regular), scenes, strict=False):
            arrival = _Arrival(number, scene.arrives_at, scene.arrives_at - timedelta(minutes=7))
            for story, person in _received(world, population, [arrival], own_finds=False, is_known_well=True):
                scene.play(story, person)
                story.finish()
        world.write_journal()
        settle(world, demo_day.disputed, demo_day.ago)
        draft_anew(world)
        tell_decisions(population, now)
        cap_leads(world.staff)
    on_progress(len(scenes))
    run_sweep(now=now)
    set_targets(world.staff, now=now)
    with transaction.atomic():
        deliver(now=now)


def _create_world(size: Size, population: Population, *, start: datetime, today: datetime, now: datetime) -> World:
    staff = create_staff(since=start - DAYS_BEFORE, now=now)
    rng = population.random("spend", 0)
    create_channels(start=start.date(), end=today.date(), leads=size.leads, rng=rng)
    create_proof(staff.marketers[0], at=start)
    changed_at = start + (today - start) * 0.4
    named = [LeadInput(source=SOURCE, channel=plan.slug) for plan in CHANNELS]
    named += [LeadInput(source=SOURCE, campaign=one.slug) for plan in CHANNELS for one in plan.campaigns]
    return World(
        now=now,
        staff=staff,
        agreements=create_agreements(staff, since=start - DAYS_BEFORE, changed_at=changed_at),
        reasons={reason.slug: reason for reason in Reason.objects.all()},
        automation=Principal(kind=Kind.API_KEY, name=AUTOMATION, source=SOURCE),
        lookups=Lookups(named),
    )


# --- arrivals ---


def _arrivals(population: Population, leads: int, *, start: datetime, today: datetime) -> Iterator[_Arrival]:
    """All leads in the order in which they are reported: more from month to month, few at weekends."""
    days = [start + timedelta(days=number) for number in range((today - start).days)]
    weights = [(1 + index / len(days)) * (_WEEKEND_SHARE if day.weekday() > 4 else 1) for index, day in enumerate(days)]
    total, passed, first = sum(weights), 0.0, 0
    for day, weight in zip(days, weights, strict=True):
        passed += weight
        last = leads if day is days[-1] else round(leads * passed / total)
        of_day = [_arrival(population.random("arrival", number), number, day) for number in range(first, last)]
        yield from sorted(of_day, key=lambda one: (one.reported_at, one.number))
        first = last


def _arrival(rng: Random, number: int, day: datetime) -> _Arrival:
    hour, window, _ = rng.choices(_REPORTS, [share for _, _, share in _REPORTS])[0]
    reported_at = day.replace(hour=hour, minute=0, second=0)
    created_at = reported_at - timedelta(seconds=rng.randrange(60, window * 3600))
    return _Arrival(number, reported_at, created_at)


def _chunks(arrivals: Iterator[_Arrival]) -> Iterator[list[_Arrival]]:
    chunk: list[_Arrival] = []
    for _, reported in groupby(arrivals, key=lambda one: one.reported_at):
        chunk += reported
        if len(chunk) >= LEADS_A_TRANSACTION:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _home_numbers(population: Population, first: int) -> Iterator[int]:
    """People who work in the demo rep's region, at companies of the agreed size."""
    number = first
    while True:
        employer = population.employer(number)
        if employer.region == HOME_REGION and employer.employees >= FEWEST_EMPLOYEES:
            yield number
        number += 1


# --- stories ---


def _tell(world: World, population: Population, arrivals: list[_Arrival]) -> None:
    for _, reported in groupby(arrivals, key=lambda one: one.reported_at):
        for story, person in _received(world, population, list(reported)):
            Course(story, person).run()
    world.write_journal()


def _received(
    world: World,
    population: Population,
    reported: list[_Arrival],
    *,
    own_finds: bool = True,
    is_known_well: bool = False,
) -> list[tuple[Story, Person]]:
    """The leads of one report, each at the beginning of its story."""
    stories = {one.number: population.random("story", one.number) for one in reported}
    found = {number for number, rng in stories.items() if own_finds and rng.random() < SELF_SOURCED_SHARE}
    people = {
        one.number: population.person(
            one.number,
            created_at=one.created_at,
            self_sourced=one.number in found,
            is_known_well=is_known_well,
        )
        for one in reported
    }
    at = reported[0].reported_at
    others = [number for number in people if number not in found]
    leads = _receive(world.automation, [people[number].given for number in others], others, at)
    for number in found:
        rep = random_rep(world, people[number].region, at, stories[number])
        given = replace(people[number].given, source=OWN_SOURCE, owner=rep.user, created_at=at)
        leads |= _receive(rep.user.principal, [given], [number], at)
    world.journal.open(leads.values())
    return [(_story(world, leads[number], person, stories[number]), person) for number, person in people.items()]


def _receive(by: Principal, given: list[LeadInput], numbers: list[int], at: datetime) -> dict[int, Lead]:
    answers = receive_leads(given, by=by, at=at) if given else []
    leads = [answer.lead for answer in answers if answer.lead]
    return dict(zip(numbers, leads, strict=True))


def _story(world: World, lead: Lead, person: Person, rng: Random) -> Story:
    later = touch_rows(lead, person.later, source=SOURCE, lookups=world.lookups)
    return Story(world, lead, later=later, rng=rng)

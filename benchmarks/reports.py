"""What the server needs for each report's page, by Django's test client, and for reports as of a past day."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.principals import SYSTEM
from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, seconds_of, statements_of, times_of
from benchmarks.multiply import multiply_facts
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.lifecycle import Stage
from funnel.models import Lead
from reports.days import company_day
from reports.engine import entries_for
from reports.facts.refresh import catch_up
from reports.models import LeadFact
from reports.ready import make_ready

REQUESTS = 30
# So many leads move between two pages, where some do.
MOVED = 3
AS_OF = ("closed-loop", "funnel")
LONG_AGO = timedelta(days=100)


def measure(crowd: Crowd, *, now: datetime) -> Iterator[Figure]:
    if not LeadFact.objects.exists():
        yield Figure("facts of all leads read", seconds_of(partial(multiply_facts, crowd.leads)), "s")
    catch_up()
    yield Figure("all reports made ready, the first time", seconds_of(partial(make_ready, now=now)), "s")
    viewers = {"": crowd.marketing, " of a manager": crowd.manager}
    for whose, viewer in viewers.items():
        for entry in entries_for(viewer.principal):
            if entry.is_kept:
                yield _page(f"{entry.name}{whose}", viewer, reverse("report", args=[entry.name]))
    yield from _while_leads_move(crowd, now)
    yield from _as_of(crowd, now)


def _goal() -> float:
    return 60 if connection.vendor == "postgresql" else 200


def _page(what: str, viewer: User, url: str) -> Figure:
    get = partial(_get, _signed_in(viewer), url)
    times = times_of(get, repeat=REQUESTS, warm_up=2)
    spent = f"median {times.median * 1000:.0f} ms, of it {median(times.cpu) * 1000:.0f} ms CPU"
    note = f"{spent}; {statements_of(get).count} statements"
    return Figure(f"report {what}, p95", times.p95 * 1000, "ms", _goal(), note)


def _while_leads_move(crowd: Crowd, now: datetime) -> Iterator[Figure]:
    """Each page is the first after some leads have moved, and no sweep in between."""
    leads = iter(Lead.objects.filter(stage=Stage.SAL).order_by("?")[: MOVED * REQUESTS * 2])
    client = _signed_in(crowd.marketing)
    for name in ("closed-loop", "response"):
        url = reverse("report", args=[name])
        seconds = []
        for _ in range(REQUESTS):
            for _ in range(MOVED):
                lead = next(leads)
                said = Statement(outcome=Outcome.VOICEMAIL)
                record_disposition(lead_id=lead.pk, statement=said, by=lead.owner.principal, at=now)
            seconds.append(seconds_of(partial(_get, client, url)))
        p95 = sorted(seconds)[int(len(seconds) * 0.95)]
        yield Figure(f"report {name} after {MOVED} leads moved, p95", p95 * 1000, "ms")
    yield Figure("all reports made ready after that", seconds_of(partial(make_ready, now=now)), "s")


def _as_of(crowd: Crowd, now: datetime) -> Iterator[Figure]:
    given = {"as_of": company_day(now - LONG_AGO).isoformat()}
    for entry in entries_for(SYSTEM):
        if entry.name in AS_OF:
            compute: Callable[[], object] = partial(entry.report, given, principal=crowd.marketing.principal, now=now)
            times = times_of(compute, repeat=3)
            yield Figure(f"report {entry.name} as of a past day", times.median, "s", 5)


def _signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _get(client: Client, url: str) -> None:
    status = client.get(url).status_code
    if status != 200:
        raise RuntimeError(f"The page answered {status}: there is nothing to measure.")

"""Leads told by 8 callers one by one, and by 4 in bulk, among those that are there: through gunicorn, over HTTP."""

import io
import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from os import environ
from statistics import quantiles
from time import perf_counter
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks.figures import Figure
from benchmarks.servers import HOST, PORT, bare, product
from integrations.models import ApiKey
from integrations.services.keys import Scope, create_key

SECONDS = 20
WARM_UP_SECONDS = 3
CALLERS, BULK_CALLERS = 8, 4
A_CALL = 500
SOURCE = "benchmark"

Body = dict[str, Any]


@dataclass(frozen=True)
class Load:
    """`seconds`: of each request; `lasted`: from the first to the last."""

    seconds: Sequence[float]
    lasted: float

    @property
    def a_second(self) -> float:
        return len(self.seconds) / self.lasted

    def spread(self) -> str:
        p50, p95 = (quantiles(self.seconds, n=100, method="inclusive")[share] * 1000 for share in (49, 94))
        return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, {len(self.seconds):,} requests"


def measure(names: Sequence[str], leads: int) -> Iterator[Figure]:
    """Among the leads that `import_touches` has left."""
    if not {"api", "bulk"} & set(names):
        return
    if connection.vendor != "postgresql" or not environ.get("REDIS_URL"):
        raise RuntimeError("api and bulk are measured in production's shape: set DATABASE_URL and REDIS_URL.")
    _, key = create_key(name=SOURCE, source=SOURCE, scopes=list(Scope), at=timezone.now())
    ApiKey.objects.update(calls_a_minute=1_000_000)
    with product():
        if "api" in names:
            yield from _single(_Caller("/api/v1/leads/", key), leads)
        if "bulk" in names:
            yield from _bulk(_Caller("/api/v1/leads/bulk/", key), leads)
    with bare():
        alone = _load(_Caller("/leads/", key), CALLERS, (_bare_lead(n) for n in count()))
    yield Figure("bare insert by REST framework", alone.a_second, "/s", note=alone.spread())
    call_command("verify_history", stdout=io.StringIO())


def _single(caller: "_Caller", leads: int) -> Iterator[Figure]:
    told = _load(caller, CALLERS, (_lead(n, leads) for n in count()))
    p95 = quantiles(told.seconds, n=20, method="inclusive")[-1] * 1000
    what = f"upsert among {leads:,} leads"
    yield Figure(what, told.a_second, "/s", goal=110, at_least=True, note=told.spread())
    yield Figure(f"{what}, 95th percentile", p95, "ms", goal=250)


def _bulk(caller: "_Caller", leads: int) -> Iterator[Figure]:
    told = _load(
        caller, BULK_CALLERS, ({"leads": [_lead(c * A_CALL + n, leads) for n in range(A_CALL)]} for c in count(100))
    )
    yield Figure(
        f"upsert of {A_CALL} in a call", told.a_second * A_CALL, "leads/s", goal=3000, at_least=True, note=told.spread()
    )


def _lead(number: int, leads: int) -> Body:
    """Every second one is known, and has another title now."""
    known = number % 2
    name = f"buyer.{number % leads}" if known else f"new.{number}"
    company = number % leads // 3
    return {
        "email": f"{name}@company{company}.example",
        "external_id": f"api-{name}",
        "first_name": "Bea",
        "last_name": f"Buyer {number}",
        "title": f"Head of {number}",
        "phone": "+49 30 901820",
        "company": {"name": f"Company {company}", "domain": f"company{company}.example", "country": "DE"},
        "channel": "webinar",
        "campaign": "campaign-1",
        "score": number % 100,
        "touches": [
            {"at": "2026-01-02T09:14:00Z", "kind": "webinar", "channel": "webinar", "external_id": f"t-{name}-{number}"}
        ],
    }


def _bare_lead(number: int) -> Body:
    names = {"first_name": "Bea", "last_name": f"Buyer {number}", "title": "Head"}
    return {"email": f"bare.{number}@company.example", "external_id": f"b-{number}", **names}


class _Caller:
    def __init__(self, path: str, key: str) -> None:
        self.path = path
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, http: HTTPConnection, body: bytes) -> float:
        begin = perf_counter()
        http.request("POST", self.path, body, self.headers)
        answer = http.getresponse()
        said = answer.read()
        if answer.status not in {200, 201}:
            raise RuntimeError(f"The server answered {answer.status}: {said[:500].decode()}")
        return perf_counter() - begin


def _load(caller: _Caller, callers: int, bodies: Iterator[Body]) -> Load:
    """So many callers at once, each with a connection that it keeps, for some seconds after a few to warm up."""
    lock, begin = threading.Lock(), perf_counter() + WARM_UP_SECONDS

    def work() -> list[float]:
        seconds = []
        with closing(HTTPConnection(HOST, PORT, timeout=30)) as http:
            while perf_counter() < begin + SECONDS:
                with lock:
                    body = next(bodies)
                took = caller.call(http, json.dumps(body).encode())
                if perf_counter() > begin:
                    seconds.append(took)
        return seconds

    with ThreadPoolExecutor(callers) as threads:
        working = [threads.submit(work) for _ in range(callers)]
        seconds = [took for one in working for took in one.result()]
    return Load(seconds, perf_counter() - begin)

"""/metrics for Prometheus: what waits, what was given up, how old it is; counted from rows, by their indexes."""

import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Count, Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from accounts.models import Mail
from funnel.lifecycle import Stage
from funnel.models import Flag, Lead
from funnel.services.jobs import job_states
from integrations.models import Delivery, InboxItem, Upload
from leadflow.health import STARTED_AT
from leadflow.jobs import EVERY

STAGES_KEPT_SECONDS = 60
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED")

Families = Iterator[GaugeMetricFamily]

# --- requests of this process ---------------------------------------------------------------------------------

REQUESTS = CollectorRegistry()
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_count = Counter("leadflow_http_requests", "Requests answered.", ["pid", "method", "status"], registry=REQUESTS)
_seconds = Histogram(
    "leadflow_http_request_seconds",
    "How long requests took.",
    ["pid"],
    registry=REQUESTS,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class RequestMetricsMiddleware:
    """Counts and times every request. Each web process tells of its own, under its `pid`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in _METHODS else "other"
        _seconds.labels(os.getpid()).observe(time.perf_counter() - began)
        _count.labels(os.getpid(), method, f"{response.status_code // 100}xx").inc()
        return response


# --- from rows ------------------------------------------------------------------------------------------------


def families(now: datetime) -> Families:
    """All that a scrape reads of the database: a dozen small queries, most of them over partial indexes."""
    yield from _jobs(now)
    yield from _inbox(now)
    yield from _deliveries(now)
    yield from _mails(now)
    holes = Flag.objects.filter(kind=Flag.Kind.BLACK_HOLE, cleared_at=None).count()
    yield GaugeMetricFamily("leadflow_black_hole_leads", "Leads in the Black Hole now.", value=holes)
    yield _by("stage", "leadflow_leads", "Leads by stage.", Stage.values, _leads())
    imports = Upload.objects.filter(state__in=[Upload.State.WAITING, Upload.State.RUNNING]).count()
    yield GaugeMetricFamily("leadflow_imports_waiting", "Files that wait to be imported, or are.", value=imports)


def _jobs(now: datetime) -> Families:
    """Of a job that never ended: since this process began."""
    age = GaugeMetricFamily("leadflow_job_age_seconds", "Since each job of the clock last ended.", labels=["job"])
    late = GaugeMetricFamily("leadflow_job_late", "1 where it should have ended since.", labels=["job"])
    for one in job_states(EVERY, now=now, since=STARTED_AT):
        age.add_metric([one.job], (now - (one.last_end or STARTED_AT)).total_seconds())
        late.add_metric([one.job], float(one.is_late))
    yield age
    yield late


def _inbox(now: datetime) -> Families:
    states = (InboxItem.State.WAITING, InboxItem.State.FAILED, InboxItem.State.DEAD)
    counts = _counted(InboxItem.objects.filter(state__in=states), "state")
    yield _by("state", "leadflow_inbox_messages", "Messages of tools, by what became of them.", states, counts)
    waiting = InboxItem.objects.filter(state=InboxItem.State.WAITING)
    yield _oldest("leadflow_inbox_oldest_seconds", "Age of the oldest message that waits.", waiting, "received_at", now)


def _deliveries(now: datetime) -> Families:
    states = (Delivery.State.WAITING, Delivery.State.DEAD)
    counts = {state: Delivery.objects.filter(state=state).count() for state in states}  # each by its partial index
    yield _by("state", "leadflow_deliveries", "Deliveries of webhooks that are not taken.", states, counts)
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, endpoint__is_active=True)
    told = "Age of the oldest delivery that waits for an endpoint that is on."
    yield _oldest("leadflow_deliveries_oldest_seconds", told, waiting, "created_at", now)


def _mails(now: datetime) -> Families:
    waiting = Mail.objects.filter(sent_at=None, dead=False)
    counts = {"waiting": waiting.count(), "dead": Mail.objects.filter(dead=True).count()}
    yield _by("state", "leadflow_mails", "Mails that are not sent.", counts, counts)
    yield _oldest("leadflow_mails_oldest_seconds", "Age of the oldest mail that waits.", waiting, "created_at", now)


def _leads() -> dict[str, int]:
    """Kept for a minute: counting a million leads takes longer than the rest together."""
    counts: dict[str, int] | None = cache.get("metrics-leads")
    if counts is None:
        counts = _counted(Lead.objects.filter(merged_into=None), "stage")
        cache.set("metrics-leads", counts, STAGES_KEPT_SECONDS)
    return counts


def _counted(rows: QuerySet[Any], column: str) -> dict[str, int]:
    return dict(rows.order_by().values_list(column).annotate(count=Count("pk")))


def _by(label: str, name: str, told: str, values: Iterable[str], counts: dict[Any, int]) -> GaugeMetricFamily:
    """Also those of which there are none: a figure that is missing raises no alarm."""
    family = GaugeMetricFamily(name, told, labels=[label])
    for value in values:
        family.add_metric([str(value)], counts.get(value, 0))
    return family


def _oldest(name: str, told: str, rows: QuerySet[Any], since: str, now: datetime) -> GaugeMetricFamily:
    oldest = rows.order_by().aggregate(oldest=Min(since))["oldest"]
    return GaugeMetricFamily(name, told, value=(now - oldest).total_seconds() if oldest else 0)


# --- the page -------------------------------------------------------------------------------------------------


class _Read(CollectorRegistry):
    """What was read, to be written as Prometheus does; an error of the database is met before."""

    def __init__(self, read: list[GaugeMetricFamily]) -> None:
        super().__init__()
        self._read = read

    def collect(self) -> Families:
        return iter(self._read)


@login_not_required
@never_cache
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """For `Authorization: Bearer LEADFLOW_METRICS_TOKEN`; without a token set, for the machine itself alone."""
    if not _may_read(request):
        text = "Send LEADFLOW_METRICS_TOKEN as a bearer token; without one set, ask from the machine itself.\n"
        return HttpResponse(text, content_type="text/plain", status=403)
    try:
        read = list(families(timezone.now()))
    except DatabaseError:
        text = "the database does not answer\n"
        return HttpResponse(text, content_type="text/plain", status=503, headers={"Retry-After": "5"})
    return HttpResponse(generate_latest(_Read(read)) + generate_latest(REQUESTS), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        is_right = secrets.compare_digest(token.encode(), settings.METRICS_TOKEN.encode())
        return scheme.lower() == "bearer" and is_right
    # A proxy on the same machine speaks for somebody else.
    is_forwarded = any(name in request.META for name in FORWARDED)
    return not is_forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a socket of the file system has none
        return False

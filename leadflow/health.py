"""Is the process alive, and is it ready to work? For load balancers and containers."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from funnel.services.jobs import job_states
from leadflow.jobs import EVERY

STARTED_AT = timezone.now()


@login_not_required
@never_cache
@require_GET
def livez(_request: HttpRequest) -> HttpResponse:
    """The process answers; it asks nothing of the database."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@never_cache
@require_GET
def jobs(_request: HttpRequest) -> HttpResponse:
    """When each job of the beat last ended; 503 where one has not for three of its intervals."""
    try:
        states = job_states(EVERY, now=timezone.now(), since=STARTED_AT)
    except DatabaseError:
        return _not_ready("the database does not answer")
    told = [
        {"job": one.job, "every_seconds": int(one.every.total_seconds()), "last_end": one.last_end, "late": one.is_late}
        for one in states
    ]
    return JsonResponse({"jobs": told}, status=503 if any(one.is_late for one in states) else 200)


@login_not_required
@never_cache
@require_GET
def readyz(_request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration; else 503 with the reason."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return _not_ready("the database does not answer")
    return _not_ready(f"{len(waiting)} migrations have not run") if waiting else HttpResponse("ready\n", "text/plain")


def _not_ready(reason: str) -> HttpResponse:
    return HttpResponse(f"not ready: {reason}\n", content_type="text/plain", status=503, headers={"Retry-After": "5"})

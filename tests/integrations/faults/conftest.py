"""What goes wrong on purpose, and how much of it: LEADFLOW_TEST_SCALE=10 is the size for a run by hand."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import redis
from django.conf import settings
from django.db import connection

from integrations.models import ApiKey
from tests.integrations.api.conftest import caller_of
from tests.processes import ROOT, database_url
from tests.web_server import serving

SCALE = int(os.environ.get("LEADFLOW_TEST_SCALE", "1"))
WEB = "leadflow-web"


def end_its_connections(_rng):
    """As a PostgreSQL that is started anew. SQLite has no server that could be."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s",
            [WEB],
        )
    connection.close()


def empty_redis(_rng):
    if settings.CELERY_BROKER_URL.startswith("redis"):
        redis.Redis.from_url(settings.CELERY_BROKER_URL).flushdb()


@contextmanager
def importing(file):
    """`manage.py import_leads` beside what the block does; it has to end well."""
    command = [sys.executable, "manage.py", "import_leads", str(file)]
    environment = os.environ | {"DATABASE_URL": database_url()}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
        assert process.wait(timeout=300) == 0
    finally:
        process.kill()
        process.wait()


def in_threads(calls):
    """What each call returned, in their order; they run side by side."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return [future.result() for future in [threads.submit(call) for call in calls]]


@pytest.fixture
def key(transactional_db):
    """The header of a key that may call as often as it likes."""
    headers = caller_of("mautic").headers
    ApiKey.objects.update(calls_a_minute=10**9)
    return headers


@pytest.fixture
def web(key):
    connection.close()
    with serving(workers=2, PGAPPNAME=WEB) as server:
        yield server

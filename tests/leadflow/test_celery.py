import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook

from integrations.models import Delivery, Endpoint, InboxItem
from leadflow.celery import app
from tests.integrations.inbound.sending import SECRET, post, source
from tests.integrations.outbound.receiver import receiver

STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def worker(transactional_db):
    """A real worker on Redis and on the test's database; on it, because its name is, nobody else's tasks."""
    app.control.purge()
    name = f"test-{os.getpid()}@localhost"
    settings = connection.settings_dict
    database = f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "--app",
            "leadflow",
            "worker",
            "--concurrency",
            "1",
            "--hostname",
            name,
        ],
        env=os.environ | {"DATABASE_URL": f"{database}/{settings['NAME']}"},
    )
    yield name
    process.terminate()
    assert process.wait(timeout=60) == 0


def totals(name):
    """How many tasks of each name the worker has taken, or None while it does not answer."""
    answer = app.control.inspect([name], timeout=1).stats()
    return answer[name]["total"] if answer else None


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert condition()


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()

    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert scheduled - app.tasks.keys() == set()


def test_a_round_that_nobody_took_expires_before_the_next_is_due():
    for name, entry in app.conf.beat_schedule.items():
        assert entry["options"]["expires"] < entry["schedule"], name


@pytest.mark.redis
@pytest.mark.slow
def test_a_real_worker_takes_the_sweep_from_redis_and_ends_it(worker):
    wait_until(lambda: totals(worker) is not None)

    app.send_task("funnel.tasks.sweep")

    wait_until(lambda: totals(worker) == {"funnel.tasks.sweep": 1})
    wait_until(lambda: app.control.inspect([worker], timeout=1).active() == {worker: []})


@pytest.fixture
def open_loopback(monkeypatch):
    """For the worker, which reads it when it starts."""
    monkeypatch.setenv("LEADFLOW_WEBHOOK_NETWORKS", "127.0.0.0/8")


@pytest.mark.redis
@pytest.mark.slow
def test_a_real_worker_reads_a_message_and_tells_of_its_lead(open_loopback, worker, client):
    source("generic", field_map={"email": "/mail"}, options={"signature": "secret"})
    wait_until(lambda: totals(worker) is not None)
    with receiver() as there:
        before = timezone.now() - timedelta(minutes=1)
        endpoint = Endpoint.objects.create(name="CRM", url=there.url, secret=STANDARD, created_at=before)

        post(client, "generic", '{"mail": "ann@buyer.example"}', **{"X-LeadFlow-Secret": SECRET})
        app.send_task("integrations.tasks.read_inbox")
        wait_until(lambda: InboxItem.objects.get().state == "done")
        app.send_task("integrations.tasks.send_webhooks")
        wait_until(lambda: Delivery.objects.filter(endpoint=endpoint, state="sent").exists())

    ((_id, headers, body, _what),) = there.got
    told = Webhook(STANDARD).verify(body, {name.lower(): value for name, value in headers.items()})
    assert (told["type"], told["data"]["lead"]["email"]) == ("lead.created", "ann@buyer.example")

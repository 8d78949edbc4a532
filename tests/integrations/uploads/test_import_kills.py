"""A worker that is killed ten times: every row of the file comes to one end, and no lead is made twice."""

import random
import time
from collections import Counter

import pytest
from django.db import connection

from funnel.models import Lead, LeadEvent
from integrations.models import Upload
from leadflow.celery import app
from tests.processes import start, stop, wait_until

KILLS = 10
ROWS, BAD = 10_000, 500

SHORT_LEASE = """
from datetime import timedelta
from integrations.services import upload_runs
upload_runs.LEASE = timedelta(seconds=3)
"""
LOOP = """
import time
from django.utils import timezone
while True:
    upload_runs.run_uploads(clock=timezone.now, until=timezone.now() + timedelta(seconds=8))
    time.sleep(0.1)
"""
CELERY = """
from leadflow.celery import app
options = ["--pool", "solo", "--without-gossip", "--without-mingle", "--loglevel", "error"]
app.worker_main(["worker", "--hostname", "imports@localhost", *options])
"""


def file():
    """Half of the bad rows have no address, the others name somebody of a row far above."""
    addresses = [f"a{number}@x.test" for number in range(ROWS)]
    for number in range(BAD // 2):
        addresses[number * 40 + 39] = "nobody"
        addresses[number * 40 + 38] = addresses[number]
    return "email\n" + "".join(f"{one}\n" for one in addresses)


class Workers:
    """Two at a time, as in production; `ring` is what Celery's beat does."""

    def __init__(self, script, *, folder, celery):
        self.script, self.folder, self.celery = SHORT_LEASE + script, folder, celery
        self.running = []

    def start(self):
        self.running = [start(self.script, LEADFLOW_DATA_DIR=str(self.folder)) for _ in range(1 if self.celery else 2)]

    def ring(self):
        assert [one.poll() for one in self.running] == [None] * len(self.running), "one ended by itself"
        if self.celery:
            app.send_task("integrations.tasks.run_imports")

    def kill(self):
        stop(self.running)


@pytest.fixture(params=["by itself", pytest.param("under Celery", marks=pytest.mark.redis)])
def workers(request, transactional_db, tmp_path):
    celery = request.param == "under Celery"
    if celery:
        app.control.purge()
    workers = Workers(CELERY if celery else LOOP, folder=tmp_path, celery=celery)
    yield workers
    stop(workers.running)


def now_of(upload):
    """Its state and line as they are; no connection is held meanwhile."""
    try:
        return Upload.objects.values_list("state", "line").get(pk=upload.pk)
    finally:
        connection.close()


def wait_for_more(upload, workers, than):
    def is_further():
        workers.ring()
        return now_of(upload)[1] > than

    wait_until(is_further, seconds=120)
    return now_of(upload)[1]


def end(upload, workers):
    def is_over():
        workers.ring()
        return now_of(upload)[0] in {"done", "failed"}

    wait_until(is_over, seconds=300)
    upload.refresh_from_db()
    return upload


@pytest.mark.slow
def test_a_file_of_10_000_rows_survives_ten_kills_and_changes_nothing_again(uploads, workers):
    pauses = random.Random(14)  # the same kills each time
    upload, line = uploads.waiting(file()), 0
    for _ in range(KILLS):
        workers.start()
        line = wait_for_more(upload, workers, line)
        time.sleep(pauses.uniform(0, 0.4))
        workers.kill()
    workers.start()
    first = end(upload, workers)
    second = end(uploads.waiting(file()), workers)
    workers.kill()

    assert first.tally == {"created": ROWS - BAD, "rejected": BAD}
    assert second.tally == {"skipped": ROWS - BAD, "rejected": BAD}
    for done in (first, second):
        assert (done.state, done.error, done.attempts, done.line) == ("done", "", 0, ROWS + 1)
        assert Counter(done.rows.values_list("status", flat=True)) == done.tally
        assert done.rows.values("line").distinct().count() == ROWS
    assert Lead.objects.count() == ROWS - BAD
    assert LeadEvent.objects.filter(kind=LeadEvent.Kind.CREATED).count() == ROWS - BAD

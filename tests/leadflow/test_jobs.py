"""/healthz/jobs: whether the jobs of the clock still end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from funnel.models import JobRun
from funnel.services.jobs import forget_runs, job_states, note_run, slot_of
from funnel.tasks import sweep
from leadflow import health
from leadflow.jobs import EVERY

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def states(client):
    answer = client.get("/healthz/jobs")
    return answer.status_code, {one["job"]: one for one in answer.json()["jobs"]}


def test_a_job_that_ended_is_told_with_its_time(client, monkeypatch):
    before = timezone.now()
    monkeypatch.setattr(health, "STARTED_AT", before)

    sweep.apply()

    status, told = states(client)
    assert status == 200
    assert told["funnel.tasks.sweep"]["last_end"] >= before.isoformat()[:19]
    assert told.keys() == EVERY.keys()


def test_a_job_that_has_not_ended_for_three_rounds_is_red(client, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr(health, "STARTED_AT", now - timedelta(hours=2))
    for job, every in EVERY.items():
        note_run(job, every=every, started_at=now, finished_at=now)
    JobRun.objects.filter(job="funnel.tasks.sweep").update(finished_at=now - 4 * MINUTE)

    status, told = states(client)

    assert status == 503
    assert [job for job, one in told.items() if one["late"]] == ["funnel.tasks.sweep"]


def test_a_job_that_failed_has_not_ended(monkeypatch):
    def broken(**_given):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("funnel.tasks.run_sweep", broken)

    sweep.apply()

    assert not JobRun.objects.exists()


def test_whoever_has_just_started_gives_every_job_its_first_time():
    now = timezone.now()

    (fresh,) = job_states({"job": MINUTE}, now=now + 2 * MINUTE, since=now)
    (late,) = job_states({"job": MINUTE}, now=now + 4 * MINUTE, since=now)

    assert (fresh.is_late, late.is_late, late.last_end) == (False, True, None)


def test_two_runs_of_one_slot_are_one_row_and_old_ones_are_forgotten():
    now = timezone.now()
    at = slot_of(now, MINUTE)
    for seconds in (1, 30):
        started_at = at + timedelta(seconds=seconds)
        note_run("job", every=MINUTE, started_at=started_at, finished_at=started_at)

    assert JobRun.objects.get().finished_at == at + timedelta(seconds=30)
    assert forget_runs(now=now + timedelta(days=1)) == 0
    assert forget_runs(now=now + timedelta(days=3)) == 1

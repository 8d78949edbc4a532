"""Remembers when each job of the beat has ended, for /healthz/jobs. Celery's signals, so that no job has to know."""

from datetime import datetime, timedelta
from typing import Any

from celery.signals import task_postrun, task_prerun
from celery.states import SUCCESS
from django.utils import timezone

from leadflow.celery import app

EVERY = {entry["task"]: timedelta(seconds=entry["schedule"]) for entry in app.conf.beat_schedule.values()}

_begun: dict[str, datetime] = {}


@task_prerun.connect
def note_begin(task_id: str, **_told: Any) -> None:
    _begun[task_id] = timezone.now()


@task_postrun.connect
def note_end(task_id: str, task: Any, state: str, **_told: Any) -> None:
    """A job that failed has not ended: its error is in the log, and the next round tries again."""
    from funnel.services.jobs import note_run  # noqa: PLC0415  # models exist once Django is set up

    started_at = _begun.pop(task_id, timezone.now())
    if state == SUCCESS and task.name in EVERY:
        note_run(task.name, every=EVERY[task.name], started_at=started_at, finished_at=timezone.now())

"""When each job of the clock last ended: for whoever watches that they do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from funnel.models import JobRun

# So many intervals without an end, and something is wrong.
PATIENCE = 3
KEPT = timedelta(days=2)


@dataclass(frozen=True)
class JobState:
    """`last_end` is none where the job never ended. `is_late`: it should have ended since."""

    job: str
    every: timedelta
    last_end: datetime | None
    is_late: bool


def note_run(job: str, *, every: timedelta, started_at: datetime, finished_at: datetime) -> None:
    """Remember that a run has ended; of two in the same slot of time the last end counts."""
    JobRun.objects.update_or_create(
        job=job, slot=slot_of(started_at, every), defaults={"started_at": started_at, "finished_at": finished_at}
    )


def slot_of(at: datetime, every: timedelta) -> datetime:
    """The beginning of the slot of time that `at` lies in."""
    seconds = every.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, at.tzinfo)


def job_states(expected: dict[str, timedelta], *, now: datetime, since: datetime) -> list[JobState]:
    """How each job stands, by name; one query. `since`: when the watching began: a job may end first after that."""
    last = dict(
        JobRun.objects.filter(job__in=expected)
        .values("job")
        .annotate(last=Max("finished_at"))
        .values_list("job", "last")
    )
    return [
        JobState(job, every, last.get(job), is_late=now - max(last.get(job) or since, since) > PATIENCE * every)
        for job, every in sorted(expected.items())
    ]


def forget_runs(*, now: datetime) -> int:
    """Drop the runs of more than two days ago; answers how many."""
    return JobRun.objects.filter(started_at__lt=now - KEPT).delete()[0]

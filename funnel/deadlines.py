"""How long a lead may wait: which clock runs in which stage, and when it runs out. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.working_time import WorkingHours, add_working_days, add_working_time, working_time_between
from funnel.lifecycle import CLOSED_STAGES, MARKETING_STAGES, Stage


@dataclass(frozen=True)
class Limits:
    """What the agreement and the stage allow. `stale_after_days`: working days in sales' stages, else calendar days."""

    accept_within: timedelta
    first_attempt_within: timedelta
    stale_after_days: int


@dataclass(frozen=True)
class Waiting:
    """Since when a lead waits, for each of the three clocks. All instants are aware."""

    stage_entered_at: datetime
    handed_off: bool = False
    first_attempt_at: datetime | None = None
    last_disposition_at: datetime | None = None
    last_touch_at: datetime | None = None
    wake_at: datetime | None = None


@dataclass(frozen=True)
class Deadline:
    at: datetime
    clock: str


def next_deadline(stage: Stage, waiting: Waiting, limits: Limits, hours: WorkingHours) -> Deadline | None:
    """The deadline of a lead that waits like this; closed leads have none."""
    if stage in CLOSED_STAGES:
        return None
    if stage in MARKETING_STAGES:
        return _marketing_deadline(stage, waiting, limits)
    if stage is Stage.MQL:
        return Deadline(add_working_time(waiting.stage_entered_at, limits.accept_within, hours), "accept")
    if stage is Stage.SAL and waiting.handed_off and waiting.first_attempt_at is None:
        return Deadline(add_working_time(waiting.stage_entered_at, limits.first_attempt_within, hours), "first_attempt")
    since = max(filter(None, (waiting.stage_entered_at, waiting.last_disposition_at)))
    return Deadline(add_working_days(since, limits.stale_after_days, hours), "disposition")


def moved_deadline(due_at: datetime, at: datetime, old: WorkingHours, new: WorkingHours) -> datetime:
    """The same deadline for somebody else at `at`: the working time that was left passes in his hours.

    A deadline missed by then stays what it was.
    """
    if old is new or due_at <= at:
        return due_at
    return add_working_time(at, working_time_between(at, due_at, old), new)


def _marketing_deadline(stage: Stage, waiting: Waiting, limits: Limits) -> Deadline:
    if stage is Stage.NURTURE and waiting.wake_at:
        return Deadline(waiting.wake_at, "wake")
    since = max(filter(None, (waiting.stage_entered_at, waiting.last_touch_at)))
    return Deadline(since + timedelta(days=limits.stale_after_days), "touch")

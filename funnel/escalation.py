"""The ladder of the agreement: at which shares of the allowed time somebody is told, and when that is. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.working_time import WorkingHours, add_working_time, working_time_between

DEADLINE = 100
NOTHING = timedelta(0)


class Told(StrEnum):
    """Who hears of a step."""

    OWNER = "owner"
    MANAGER = "manager"
    MANAGERS_MANAGER = "manager's manager"


@dataclass(frozen=True)
class Clock:
    """A clock of sales as it runs for the lead's present owner: since when, until when, in whose hours.

    `allowed` is the whole working time that the agreement gives; where the lead changed hands, part of it was used up
    before `started_at`.
    """

    started_at: datetime
    due_at: datetime
    allowed: timedelta
    hours: WorkingHours

    @property
    def missed_before(self) -> bool:
        """The deadline had passed before this owner got the lead: his ladder runs over the whole time anew."""
        return self.due_at <= self.started_at


@dataclass(frozen=True)
class Step:
    """A rung of the ladder. `share`: percent of the allowed working time."""

    share: int
    at: datetime

    @property
    def told(self) -> Told:
        if self.share < DEADLINE:
            return Told.OWNER
        return Told.MANAGER if self.share == DEADLINE else Told.MANAGERS_MANAGER


def ladder(clock: Clock, shares: Iterable[int]) -> list[Step]:
    """Its steps in order. The deadline is one of them, whatever the agreement lists."""
    return [Step(share, _instant(clock, share)) for share in sorted({*shares, DEADLINE})]


def still_said(step: Step, steps: Iterable[Step], now: datetime) -> bool:
    """Whether a step due at `now` still makes sense: a reminder does not, once the next step is due as well."""
    return step.told is not Told.OWNER or not any(later.share > step.share and later.at <= now for later in steps)


def _instant(clock: Clock, share: int) -> datetime:
    if share == DEADLINE and not clock.missed_before:
        return clock.due_at
    need = clock.allowed * share / 100 - _used(clock)
    return add_working_time(clock.started_at, max(need, NOTHING), clock.hours)


def _used(clock: Clock) -> timedelta:
    """What earlier owners have used of the allowed time."""
    if clock.missed_before:
        return NOTHING
    left = working_time_between(clock.started_at, clock.due_at, clock.hours)
    return max(clock.allowed - left, NOTHING)

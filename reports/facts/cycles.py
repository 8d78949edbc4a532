"""What sales did with one hand-off, read off its dispositions. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from dispositions.outcomes import RULES, Outcome

# Working time between two instants, in the hours of whoever has the lead.
Worked = Callable[[datetime, datetime], timedelta]


@dataclass(frozen=True)
class Said:
    """One disposition that stands: undone ones are left out."""

    outcome: str
    at: datetime
    channel: str
    counted: bool


@dataclass(frozen=True)
class Work:
    """Minutes are working time; None where it has not happened, or is not known."""

    answered_at: datetime | None
    answer_minutes: int | None
    attempted_at: datetime | None
    attempt_minutes: int | None
    attempts: int
    channels: int
    tries: int
    conversations: int
    reached_at: datetime | None
    reached_on: int | None


def work_on(
    *,
    opened_at: datetime,
    accepted_at: datetime | None,
    ended_at: datetime | None,
    said: Sequence[Said],
    worked: Worked,
) -> Work:
    """`said`: the hand-off's dispositions in order. Where there are none, an import's dates say when it was answered.

    Waiting for the first attempt begins with the acceptance.
    """
    answered_at = min((one.at for one in said), default=accepted_at or ended_at)
    tries = [one for one in said if RULES[Outcome(one.outcome)].works_the_lead]
    contacts = [number for number, one in enumerate(tries, 1) if RULES[Outcome(one.outcome)].is_contact]
    attempted_at = tries[0].at if tries else None
    counted = [one for one in tries if one.counted]
    return Work(
        answered_at=answered_at,
        answer_minutes=_minutes(worked, opened_at, answered_at),
        attempted_at=attempted_at,
        attempt_minutes=_minutes(worked, accepted_at or opened_at, attempted_at),
        attempts=len(counted),
        channels=len({one.channel for one in counted if one.channel}),
        tries=len(tries),
        conversations=len(contacts),
        reached_at=tries[contacts[0] - 1].at if contacts else None,
        reached_on=contacts[0] if contacts else None,
    )


@dataclass(frozen=True)
class Hole:
    """A hand-off's time in the Black Hole: since when, until when (None: still), calendar minutes once it is out."""

    fell_at: datetime | None = None
    recovered_at: datetime | None = None
    minutes: int | None = None


def hole_of(episodes: Sequence[tuple[datetime, datetime | None]]) -> Hole:
    """`episodes`: each from the missed deadline to the disposition that ended it, in order."""
    if not episodes:
        return Hole()
    ends = [cleared for _, cleared in episodes]
    if None in ends:
        return Hole(episodes[0][0])
    spent = sum(((cleared - due) for due, cleared in episodes if cleared), timedelta())
    return Hole(episodes[0][0], max(end for end in ends if end), int(spent / timedelta(minutes=1)))


def _minutes(worked: Worked, since: datetime, until: datetime | None) -> int | None:
    """Begun minutes count: whoever answers half a minute late is late."""
    return None if until is None else ceil(worked(since, until) / timedelta(minutes=1))

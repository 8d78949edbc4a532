"""Whether somebody gets new leads on a day, in the words of a page. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from accounts.availability import is_away

SOON = timedelta(weeks=6)


class State(StrEnum):
    HERE = "here"
    OFF_DUTY = "off duty"
    ON_LEAVE = "on leave"
    GONE = "left"


@dataclass(frozen=True)
class Presence:
    """`until`: the last day of a leave, none where it has no end yet. `leaves_on`: the first day of one ahead."""

    state: State
    until: date | None = None
    leaves_on: date | None = None

    @property
    def is_here(self) -> bool:
        return self.state is State.HERE


def presence(
    today: date, *, is_active: bool, is_on_duty: bool, away_from: date | None, away_until: date | None
) -> Presence:
    """`today` is the date where the person works. A leave within six weeks is told ahead."""
    if not is_active:
        return Presence(State.GONE)
    if is_away(today, away_from, away_until):
        return Presence(State.ON_LEAVE, until=away_until)
    ahead = away_from if away_from and today < away_from <= today + SOON else None
    return Presence(State.HERE if is_on_duty else State.OFF_DUTY, leaves_on=ahead)

"""Which attempts count towards the agreed number: at most two a working day of the owner's team. Pure."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

COUNTED_PER_DAY = 2


@dataclass(frozen=True)
class Attempts:
    """The attempts of a hand-off so far; `on_last_day` is how many counted on the day of the last one."""

    counted: int = 0
    channels: tuple[str, ...] = ()
    last_at: datetime | None = None
    on_last_day: int = 0


def count_attempt(attempts: Attempts, at: datetime, channel: str, zone: ZoneInfo) -> tuple[Attempts, bool]:
    """The attempts with this one added, and whether it counted. Days are those of `zone`."""
    same_day = attempts.last_at is not None and _day(attempts.last_at, zone) == _day(at, zone)
    on_that_day = attempts.on_last_day if same_day else 0
    if on_that_day >= COUNTED_PER_DAY:
        return attempts, False
    channels = attempts.channels if channel in attempts.channels else (*attempts.channels, channel)
    return (
        replace(attempts, counted=attempts.counted + 1, channels=channels, last_at=at, on_last_day=on_that_day + 1),
        True,
    )


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()

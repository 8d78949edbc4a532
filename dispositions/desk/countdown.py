"""How long is left on a clock, as people say it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SOON = timedelta(hours=2)


@dataclass(frozen=True)
class Countdown:
    """`state` is ok, soon or late: how urgently it is shown."""

    due_at: datetime
    text: str
    state: str


def countdown(due_at: datetime | None, now: datetime) -> Countdown | None:
    return time_left(due_at, now) if due_at else None


def time_left(due_at: datetime, now: datetime) -> Countdown:
    """static/js/countdown.js goes on with the same words while the page is open."""
    if due_at <= now:
        return Countdown(due_at, f"{spell(now - due_at)} late", "late")
    left = due_at - now
    return Countdown(due_at, f"{spell(left)} left", "soon" if left <= SOON else "ok")


def spell(span: timedelta) -> str:
    """In the largest unit that still says something: 5 min, 3 h, 12 d, 8 mo, 3 y."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} min"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} h"
    days = hours // 24
    if days < 60:
        return f"{days} d"
    return f"{days // 30} mo" if days < 730 else f"{days // 365} y"

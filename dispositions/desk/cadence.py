"""When to try next: spread over the agreed days and over the times of day, in both parties' hours. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from accounts.working_time import MIDNIGHT, WorkingHours, add_working_days
from dispositions.attempts import COUNTED_PER_DAY
from dispositions.outcomes import Channel
from funnel.persistence import DAY, Progress, is_working_day, working_days_between

EVERY = timedelta(minutes=30)
SAME_DAY_PAUSE = timedelta(hours=3)
FOLLOW_UP_AFTER = 3  # working days
SAME_TIME = 60  # minutes: so near is about the time of day at which they answered
LOOKS_AHEAD = 45  # days
# Parts of the prospect's day: until when, and how the tries in it are spoken of.
_PARTS = ((time(11, 30), "mornings"), (time(14), "around midday"), (time.max, "afternoons"))


@dataclass(frozen=True)
class Try:
    """An attempt that was made. `at` is aware."""

    at: datetime
    channel: str


@dataclass(frozen=True, kw_only=True)
class Pursuit:
    """All that the next slot depends on.

    `tries` in the order of their times. `ours`: the team's hours. `theirs`: those of each zone the prospect may be
    in, the likeliest first; none where nobody knows. `channels`: those that may be used, the best first.
    """

    progress: Progress
    tries: Sequence[Try]
    ours: WorkingHours
    theirs: Sequence[WorkingHours]
    channels: Sequence[Channel]


@dataclass(frozen=True)
class Slot:
    """When to try, by which channel, and why then. `our_clock`, `their_clock`: what the walls show, without zone.

    `their_clock` is None where their zone is not known for sure; `everywhere`: it suits every zone they may be in.
    """

    at: datetime
    channel: Channel
    why: str
    our_clock: datetime
    their_clock: datetime | None = None
    everywhere: bool = False


def next_slot(pursuit: Pursuit, now: datetime) -> Slot | None:
    """The next attempt; none where the two parties' hours never meet, or no channel is left."""
    channel = next_channel(pursuit)
    if channel is None:
        return None
    after = _earliest(pursuit, now)
    for slots, everywhere in _days(pursuit, _target(pursuit, now), after):
        at, why = _best(slots, pursuit)
        is_new = bool(pursuit.tries) and channel.value not in pursuit.progress.channels
        return _slot(at, channel, "not tried that way yet" if is_new else why, pursuit, everywhere)
    return None


def follow_up_slot(pursuit: Pursuit, reached_at: datetime, now: datetime) -> Slot | None:
    """After a conversation: three working days later, about the time of day at which they answered.

    By phone, unless they have refused that.
    """
    by_phone = Channel.PHONE in pursuit.channels or not pursuit.channels
    channel = Channel.PHONE if by_phone else pursuit.channels[0]
    target = add_working_days(reached_at, FOLLOW_UP_AFTER, pursuit.ours).astimezone(pursuit.ours.time_zone).date()
    reached = _minute(reached_at, _reference(pursuit))
    for slots, everywhere in _days(pursuit, target, now):
        at = min(slots, key=lambda one: (abs(_minute(one, _reference(pursuit)) - reached), one))
        is_near = abs(_minute(at, _reference(pursuit)) - reached) <= SAME_TIME
        why = "they answered at this time of day" if is_near else f"{FOLLOW_UP_AFTER} working days later"
        return _slot(at, channel, why, pursuit, everywhere)
    return None


def next_channel(pursuit: Pursuit) -> Channel | None:
    """A channel not tried yet while the agreement asks for one more, else the best."""
    untried = [channel for channel in pursuit.channels if channel.value not in pursuit.progress.channels]
    if pursuit.tries and pursuit.progress.channels_missing and untried:
        return untried[0]
    return pursuit.channels[0] if pursuit.channels else None


def _target(pursuit: Pursuit, now: datetime) -> date:
    """The day of our calendar on which the next attempt is due, today at the earliest."""
    ours, progress = pursuit.ours, pursuit.progress
    today = now.astimezone(ours.time_zone).date()
    if not pursuit.tries:
        return today
    last = pursuit.tries[-1].at.astimezone(ours.time_zone).date()
    days = working_days_between(last, progress.over_on, ours) if progress.over_on else 0
    return max(today, _working_day_after(last, _pause(progress, days), ours))


def _pause(progress: Progress, days: int) -> int:
    """Working days until the next attempt: what is left of the period, shared among what is left of the attempts."""
    left = progress.attempts_required - progress.attempts
    if left <= 0:
        return max(days, 1)
    # Twice a day only where the agreement asks for more attempts than it has days.
    fewest = 1 if progress.attempts_required <= progress.days_required + 1 else 0
    return max(days // left, fewest)


def _working_day_after(day: date, days: int, hours: WorkingHours) -> date:
    """So many working days later; nobody looks further than some weeks."""
    for _ in range(LOOKS_AHEAD):
        if days <= 0:
            break
        day += DAY
        days -= is_working_day(day, hours)
    return day


def _earliest(pursuit: Pursuit, now: datetime) -> datetime:
    return max(now, pursuit.tries[-1].at + SAME_DAY_PAUSE) if pursuit.tries else now


def _days(pursuit: Pursuit, target: date, after: datetime) -> Iterator[tuple[list[datetime], bool]]:
    """The slots of each day from `target` on that has any; whether they suit every zone the prospect may be in."""
    zone = pursuit.ours.time_zone
    tried = Counter(one.at.astimezone(zone).date() for one in pursuit.tries)
    first = max(target, after.astimezone(zone).date())
    for number in range(LOOKS_AHEAD):
        day = first + number * DAY
        if tried[day] >= COUNTED_PER_DAY or not is_working_day(day, pursuit.ours):
            continue
        free = [at for at in _our_slots(day, pursuit.ours) if at > after]
        for zones in (pursuit.theirs, pursuit.theirs[:1]):
            if slots := [at for at in free if all(_is_open(at, hours) for hours in zones)]:
                yield slots, len(zones) == len(pursuit.theirs)
                break


def _our_slots(day: date, hours: WorkingHours) -> Iterator[datetime]:
    """Every half hour of the team's day, in UTC. A time that the clocks skip is none."""
    for opens, closes in hours.week.get(day.weekday(), ()):
        local = datetime.combine(day, opens)
        local += timedelta(minutes=-local.minute % 30)
        end = datetime.combine(day + DAY if closes == MIDNIGHT else day, closes)
        while local < end:
            at = local.replace(tzinfo=hours.time_zone).astimezone(UTC)
            if at.astimezone(hours.time_zone).replace(tzinfo=None) == local:
                yield at
            local += EVERY


def _is_open(at: datetime, hours: WorkingHours) -> bool:
    local = at.astimezone(hours.time_zone)
    if not is_working_day(local.date(), hours):
        return False
    return any(opens <= local.time() < closes for opens, closes in hours.week[local.weekday()])


def _best(slots: Sequence[datetime], pursuit: Pursuit) -> tuple[datetime, str]:
    """The slot in the part of their day that was tried least, far from every time tried; and why it."""
    hours = _reference(pursuit)
    by_part: dict[str, list[datetime]] = {}
    for at in slots:
        by_part.setdefault(_part(at, hours), []).append(at)
    tried = Counter(_part(one.at, hours) for one in pursuit.tries)
    part = min(by_part, key=lambda name: tried[name])
    minutes = [_minute(one.at, hours) for one in pursuit.tries]
    if not tried[part]:
        middle = by_part[part][len(by_part[part]) // 2]
        return middle, f"not tried {part} yet" if minutes else "the sooner the better"
    at = max(by_part[part], key=lambda one: min(abs(_minute(one, hours) - minute) for minute in minutes))
    return at, "these hours are the only ones you share" if len(by_part) == 1 else f"tried least {part}"


def _part(at: datetime, hours: WorkingHours) -> str:
    clock = at.astimezone(hours.time_zone).time()
    return next(name for until, name in _PARTS if clock < until)


def _minute(at: datetime, hours: WorkingHours) -> int:
    local = at.astimezone(hours.time_zone)
    return local.hour * 60 + local.minute


def _reference(pursuit: Pursuit) -> WorkingHours:
    """Whose clock tells the time of day: theirs, where it is known."""
    return pursuit.theirs[0] if pursuit.theirs else pursuit.ours


def _slot(at: datetime, channel: Channel, why: str, pursuit: Pursuit, everywhere: bool) -> Slot:  # noqa: FBT001
    theirs = pursuit.theirs
    known = len({_clock(at, hours) for hours in theirs}) == 1
    return Slot(
        at,
        channel,
        why,
        _clock(at, pursuit.ours),
        _clock(at, theirs[0]) if known else None,
        everywhere=everywhere and len(theirs) > 1 and not known,
    )


def _clock(at: datetime, hours: WorkingHours) -> datetime:
    return at.astimezone(hours.time_zone).replace(tzinfo=None)


def untried(channels: Iterable[Channel], progress: Progress) -> list[Channel]:
    """The channels that may be used and have not been."""
    return [channel for channel in channels if channel.value not in progress.channels]

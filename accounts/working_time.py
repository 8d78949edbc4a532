"""Working-time arithmetic: deadlines and waiting times in the hours a team works.

Every datetime in and out is aware (a naive one is a ValueError); results are UTC.
A local time is the instant at which the zone's clocks first show it or a later one: a time skipped in spring
is the moment of the change, and of a time shown twice in autumn the first counts.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, islice, pairwise
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)
NOTHING = timedelta(0)
DAY = timedelta(days=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TEN_YEARS = 120  # in months
END_OF_CALENDAR = datetime.max.replace(tzinfo=UTC)
LAST_MONTH = date.max.year * 12 - 1  # December 9998: the last midnight of 9999 is no datetime


class NoWorkingTime(ValueError):
    """The hours have no working time within ten years."""


@dataclass(frozen=True, eq=False)
class WorkingHours:
    """When a team works. Its parts must never change: what follows from them is cached per instance.

    `week` maps a weekday (0 is Monday) to sorted, disjoint intervals. A close of 00:00 is the midnight that
    ends the day, so a night shift is 22:00-00:00 and 00:00-06:00 on the day after.
    `holidays` are local dates without work.
    """

    time_zone: ZoneInfo
    week: Mapping[int, tuple[tuple[time, time], ...]]
    holidays: Container[date] = frozenset()

    def __post_init__(self) -> None:
        for weekday, intervals in self.week.items():
            _check_day(weekday, intervals)


def add_working_time(start: datetime, need: timedelta, hours: WorkingHours) -> datetime:
    """The instant at which `need` of working time has passed; a closing instant, not the opening after it.

    A need of nothing ends at the start when that is working time, else at the next opening.
    """
    if need < NOTHING:
        raise ValueError(f"Working time can be added, not taken away: {need}.")
    at = next_opening(start, hours)
    if need == NOTHING:
        return at
    if need > END_OF_CALENDAR - at:
        raise NoWorkingTime(f"The calendar ends before {need} of working time.")
    for month in _working_months(at, hours):
        worked = month.worked_before(at) + need
        if worked <= month.worked[-1]:
            return month.reached(worked)
        need = worked - month.worked[-1]
    raise _no_working_time(at)


def working_time_between(start: datetime, end: datetime, hours: WorkingHours) -> timedelta:
    """Never negative: before its start, a span has no working time."""
    start, end = _utc(start), _utc(end)
    if end <= start:
        return NOTHING
    # Where clocks go back over midnight, an instant belongs to the working day after its local date.
    last = _month_number(_local(end, hours) + DAY)
    months = (_month(hours, number) for number in range(_month_number(_local(start, hours)), last + 1))
    return sum((month.worked_before(end) - month.worked_before(start) for month in months), NOTHING)


def add_working_days(start: datetime, days: int, hours: WorkingHours) -> datetime:
    """The same wall-clock time on the days-th working day after the start's.

    A start outside working time counts from the next opening. Where the team does not work at that time of
    the target day, the next opening after it.
    """
    if days < 0:
        raise ValueError(f"Working days can be added, not taken away: {days}.")
    opening = next_opening(start, hours)
    if days == 0:
        return opening
    local = _local(opening, hours)
    target = _working_day_after(local.date(), days, opening, hours)
    return next_opening(_first_instant(datetime.combine(target, local.time()), hours.time_zone), hours)


def working_day_before(day: date, days: int, hours: WorkingHours) -> date:
    """The days-th working day before `day`; 0: `day` itself."""
    if days < 0:
        raise ValueError(f"Working days before cannot be fewer than none: {days}.")
    if days == 0:
        return day
    found = next(islice(_working_dates_before(day, hours), days - 1, None), None)
    if found is None:
        raise _no_working_time(datetime.combine(day, MIDNIGHT))
    return found


def is_working(at: datetime, hours: WorkingHours) -> bool:
    """The opening instant is working time, the closing instant is not."""
    at = _utc(at)  # a local time shown twice would become the first of the two by adding to it
    return working_time_between(at, at + timedelta.resolution, hours) > NOTHING


def next_opening(at: datetime, hours: WorkingHours) -> datetime:
    """`at` itself during working time."""
    at = _utc(at)
    for month in _working_months(at, hours):
        following = bisect_right(month.closes, at)
        if following < len(month.closes):
            return max(at, month.opens[following])
    raise _no_working_time(at)


@dataclass(frozen=True, slots=True)
class _Month:
    """A month's working days and its intervals as instants; `worked` is what was worked by each close."""

    days: tuple[date, ...]
    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]
    worked: tuple[timedelta, ...]

    def worked_before(self, at: datetime) -> timedelta:
        opened = bisect_right(self.opens, at)
        if not opened:
            return NOTHING
        return self.worked[opened - 1] - max(NOTHING, self.closes[opened - 1] - at)

    def reached(self, worked: timedelta) -> datetime:
        interval = bisect_left(self.worked, worked)
        return self.closes[interval] - (self.worked[interval] - worked)


# A month is 4 to 8 kB: at most some 30 MB a process, and calendars no longer in use fall out.
@lru_cache(maxsize=4096)
def _month(hours: WorkingHours, number: int) -> _Month:
    intervals = {day: found for day in _dates_of(number) if (found := _intervals(day, hours))}
    opens, closes = zip(*sum(intervals.values(), ()), strict=True) if intervals else ((), ())
    worked = accumulate(close - opening for opening, close in zip(opens, closes, strict=True))
    return _Month(tuple(intervals), opens, closes, tuple(worked))


def _working_months(at: datetime, hours: WorkingHours) -> Iterator[_Month]:
    """From the month of `at` on; ends after ten years in a row without any, or with the calendar."""
    idle = 0
    for number in range(_month_number(_local(at, hours)), LAST_MONTH + 1):
        month = _month(hours, number)
        idle = 0 if month.days else idle + 1
        if idle > TEN_YEARS:
            return
        if month.days:
            yield month


def _working_day_after(day: date, days: int, at: datetime, hours: WorkingHours) -> date:
    for month in _working_months(at, hours):
        target = bisect_right(month.days, day) + days
        if target <= len(month.days):
            return month.days[target - 1]
        days = target - len(month.days)
    raise _no_working_time(at)


def _working_dates_before(day: date, hours: WorkingHours) -> Iterator[date]:
    """The latest first; ends after ten years."""
    first = _month_number(day)
    for number in range(first, max(first - TEN_YEARS, 0), -1):
        yield from (one for one in reversed(_month(hours, number).days) if one < day)


def _intervals(day: date, hours: WorkingHours) -> tuple[tuple[datetime, datetime], ...]:
    """As instants, in order. An interval that the clocks skip altogether is left out."""
    intervals = hours.week.get(day.weekday(), ())
    if not intervals or day in hours.holidays:
        return ()
    found = []
    for opens, closes in intervals:
        opening = _first_instant(datetime.combine(day, opens), hours.time_zone)
        last_day = day + DAY if closes == MIDNIGHT else day
        close = _first_instant(datetime.combine(last_day, closes), hours.time_zone)
        if opening < close:
            found.append((opening, close))
    return tuple(found)


def _first_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the zone's clocks first show this local time or a later one."""
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return first
    # The clocks were put forward over this time, at a whole second between these two readings of it.
    earliest = second.replace(microsecond=0)

    def shown_after(seconds: int) -> datetime:
        return (earliest + timedelta(seconds=seconds)).astimezone(zone).replace(tzinfo=None)

    seconds = bisect_left(range(int((first - second).total_seconds())), local, key=shown_after)
    return earliest + timedelta(seconds=seconds)


def _check_day(weekday: int, intervals: tuple[tuple[time, time], ...]) -> None:
    if weekday not in range(7):
        raise ValueError(f"{weekday!r} is no weekday: 0 is Monday, 6 is Sunday.")
    name = WEEKDAYS[weekday]
    for opens, closes in intervals:
        if opens.tzinfo or closes.tzinfo:
            raise ValueError(f"{name}: {opens}-{closes} has a time zone of its own.")
        if closes <= opens and closes != MIDNIGHT:
            raise ValueError(f"{name}: {opens:%H:%M}-{closes:%H:%M} closes before it has opened.")
    for (_, closes), (opens, _) in pairwise(intervals):
        if opens < closes or closes == MIDNIGHT:
            raise ValueError(f"{name}: the interval at {opens:%H:%M} overlaps the one before it.")


def _no_working_time(at: datetime) -> NoWorkingTime:
    return NoWorkingTime(f"These hours leave no working time within ten years, counted from {at:%Y-%m-%d}.")


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone.")
    return at.astimezone(UTC)


def _local(at: datetime, hours: WorkingHours) -> datetime:
    return at.astimezone(hours.time_zone)


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _dates_of(month: int) -> Iterator[date]:
    day = date(month // 12, month % 12 + 1, 1)
    while _month_number(day) == month:
        yield day
        day += DAY

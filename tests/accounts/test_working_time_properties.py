"""Random hours around changes of clocks, against a model that reads the clock on the wall every minute."""

from bisect import bisect_left
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accounts.working_time import (
    WorkingHours,
    add_working_days,
    add_working_time,
    is_working,
    next_opening,
    working_time_between,
)

pytestmark = pytest.mark.anywhere

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DAYS_BEFORE, DAYS_AFTER = 4, 5
CHANGES_OF_CLOCKS = [
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),  # half an hour back
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),  # half an hour forward
    ("Asia/Kolkata", datetime(2026, 1, 1, tzinfo=UTC)),  # none at all
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2, tzinfo=UTC)),  # back at midnight, to the day before
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),  # forward at midnight
    ("America/St_Johns", datetime(2009, 11, 1, 2, 31, tzinfo=UTC)),  # back at 00:01, to the month before
    ("America/Toronto", datetime(1919, 3, 31, 4, 30, tzinfo=UTC)),  # forward from 23:30 to 00:30
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a date left out
]


@lru_cache
def wall_clock(zone, change):
    """What it shows each minute from four days before. Put back, it stands still until time catches up."""
    begin = change - DAYS_BEFORE * DAY
    length = (DAYS_BEFORE + DAYS_AFTER) * 1440
    instants = [(begin + minute * MINUTE).astimezone(ZoneInfo(zone)) for minute in range(length)]
    shown = accumulate((instant.replace(tzinfo=None) for instant in instants), max)
    return begin, [(now.date(), minute_of(now)) for now in shown]


def minutes_worked(change, hours):
    """One flag a minute: is the time shown within an interval of the date shown?"""
    _, shown = wall_clock(*change)
    of_date = {}
    for day in {day for day, _ in shown}:
        of_date[day] = bytearray(1440)
        if day not in hours.holidays:
            for opens, closes in hours.week[day.weekday()]:
                first, last = minute_of(opens), minute_of(closes) or 1440
                of_date[day][first:last] = b"\1" * (last - first)
    return bytes(of_date[day][minute] for day, minute in shown)


def naive_add(worked, start, need):
    """The minute at which the need is met; None where the model ends before."""
    if need == 0:
        return next((minute for minute in range(start, len(worked)) if worked[minute]), None)
    for minute in range(start, len(worked)):
        need -= worked[minute]
        if need == 0:
            return minute + 1
    return None


def minute_of(of_day):
    return of_day.hour * 60 + of_day.minute


def intervals_of(cuts):
    cuts = sorted(cuts)
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return tuple((time_of(opens), time_of(closes)) for opens, closes in pairs if opens < closes)


def time_of(minute):
    return time(minute // 60 % 24, minute % 60)


cuts = st.integers(0, 1440) | st.sampled_from([0, 1, 30, 60, 120, 135, 150, 165, 180, 1380, 1410, 1440])
usual_days = st.sampled_from([[0, 1440], [0, 360, 1320, 1440], [60, 720, 780, 1410], [540, 1020], []])
day_plans = (usual_days | st.lists(cuts, min_size=2, max_size=6)).map(intervals_of)
weeks = st.tuples(*[day_plans] * 4).map(lambda plans: {weekday: plans[weekday % 4] for weekday in range(7)})


@st.composite
def hours_at_a_change(draw):
    change = draw(st.sampled_from(CHANGES_OF_CLOCKS))
    days_off = draw(st.frozensets(st.integers(-4, 5), max_size=3))
    off = frozenset(change[1].date() + days * DAY for days in days_off)
    return change, WorkingHours(ZoneInfo(change[0]), draw(weeks), off)


# Counted from the change of clocks, because small numbers are drawn most.
minutes = st.integers(-DAYS_BEFORE * 1440, DAYS_AFTER * 1440 - 1).map(lambda n: DAYS_BEFORE * 1440 + n)
moments = st.timedeltas(-DAYS_BEFORE * DAY, DAYS_AFTER * DAY)
needs = st.timedeltas(timedelta(0), timedelta(hours=400))
cases = settings(max_examples=1500, deadline=None, derandomize=True, database=None)


@cases
@given(hours_at_a_change(), minutes, st.integers(0, 3000))
def test_a_deadline_is_where_counting_worked_minutes_leads(hours_at_change, start, need):
    change, hours = hours_at_change
    begin, _ = wall_clock(*change)
    expected = naive_add(minutes_worked(change, hours), start, need)
    assume(expected is not None)

    local_start = (begin + start * MINUTE).astimezone(hours.time_zone)
    assert add_working_time(local_start, need * MINUTE, hours) == begin + expected * MINUTE


@cases
@given(hours_at_a_change(), minutes, minutes)
def test_the_time_between_is_the_number_of_worked_minutes(hours_at_change, start, end):
    change, hours = hours_at_change
    begin, _ = wall_clock(*change)
    worked = sum(minutes_worked(change, hours)[start:end])

    span = [(begin + minute * MINUTE).astimezone(hours.time_zone) for minute in (start, end)]
    assert working_time_between(*span, hours) == worked * MINUTE


@cases
@given(hours_at_a_change(), minutes)
def test_working_and_the_next_opening_are_what_the_wall_clock_says(hours_at_change, at):
    change, hours = hours_at_change
    begin, _ = wall_clock(*change)
    worked = minutes_worked(change, hours)
    opening = worked.find(1, at)
    local = (begin + at * MINUTE).astimezone(hours.time_zone)

    assert is_working(local, hours) is bool(worked[at])
    if opening >= 0:
        assert next_opening(local, hours) == begin + opening * MINUTE


@cases
@given(hours_at_a_change(), minutes, st.integers(1, 4))
def test_working_days_end_on_the_date_that_counting_dates_leads_to(hours_at_change, start, days):
    change, hours = hours_at_change
    begin, shown = wall_clock(*change)
    worked = minutes_worked(change, hours)
    opening = worked.find(1, start)
    assume(opening >= 0)
    local = (begin + opening * MINUTE).astimezone(hours.time_zone)
    working_days = {day for (day, _), is_worked in zip(shown, worked, strict=True) if is_worked}
    dates = sorted(day for day in working_days if day > local.date())
    assume(len(dates) >= days)
    due = bisect_left(shown, (dates[days - 1], minute_of(local)))
    expected = worked.find(1, due)
    assume(expected >= 0)

    local_start = (begin + start * MINUTE).astimezone(hours.time_zone)
    assert add_working_days(local_start, days, hours) == begin + expected * MINUTE


@cases
@given(hours_at_a_change(), moments, needs)
def test_the_working_time_up_to_a_deadline_is_what_was_needed(hours_at_change, moment, need):
    change, hours = hours_at_change
    start = change[1] + moment
    assume(any(hours.week.values()))

    assert working_time_between(start, add_working_time(start, need, hours), hours) == need


@cases
@given(hours_at_a_change(), moments, moments, needs, needs)
def test_a_later_start_or_a_greater_need_never_ends_earlier(hours_at_change, moment, other, need, more):
    change, hours = hours_at_change
    earlier, later = sorted(change[1] + after for after in (moment, other))
    less, greater = sorted((need, more))
    assume(any(hours.week.values()))

    deadline = add_working_time(earlier, less, hours)

    assert earlier <= deadline <= add_working_time(later, less, hours)
    assert deadline <= add_working_time(earlier, greater, hours)


@cases
@given(hours_at_a_change(), st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_two_spans_that_meet_add_up(hours_at_change, moments_in_order):
    change, hours = hours_at_change
    first, middle, last = (change[1] + moment for moment in moments_in_order)

    whole = working_time_between(first, last, hours)

    assert working_time_between(first, middle, hours) + working_time_between(middle, last, hours) == whole

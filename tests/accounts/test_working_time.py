from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest

from accounts.working_time import (
    NoWorkingTime,
    WorkingHours,
    add_working_days,
    add_working_time,
    is_working,
    next_opening,
    working_day_before,
    working_time_between,
)

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = time(0)
ALWAYS = dict.fromkeys(range(7), ((MIDNIGHT, MIDNIGHT),))
NIGHTS = dict.fromkeys(range(7), ((MIDNIGHT, time(6)), (time(22), MIDNIGHT)))


def mon_to_fri(*intervals):
    return dict.fromkeys(range(5), tuple((time(opens), time(closes)) for opens, closes in intervals))


OFFICE = WorkingHours(BERLIN, mon_to_fri((10, 18)))
WITH_LUNCH = WorkingHours(BERLIN, mon_to_fri((9, 12), (13, 17)))
EASTER_MONDAY_OFF = WorkingHours(BERLIN, mon_to_fri((10, 18)), frozenset({date(2026, 4, 6)}))


def berlin(month, day, hour=0, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def new_york(month, day, hour=0, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=NEW_YORK)


WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, MONDAY = (6, 3), (6, 4), (6, 5), (6, 6), (6, 8)


# Deadlines


@pytest.mark.parametrize(
    ("start", "need", "deadline"),
    [
        (berlin(*WEDNESDAY, 15), 10 * HOUR, berlin(*THURSDAY, 17)),
        (berlin(*WEDNESDAY, 20), 10 * HOUR, berlin(*FRIDAY, 12)),
        (berlin(*SATURDAY, 15), 2 * HOUR, berlin(*MONDAY, 12)),
        (berlin(*FRIDAY, 17), 2 * HOUR, berlin(*MONDAY, 11)),
        (berlin(*WEDNESDAY, 7), 1 * MINUTE, berlin(*WEDNESDAY, 10, 1)),
        (berlin(6, 24, 15), 40 * HOUR, berlin(7, 1, 15)),
    ],
)
def test_a_deadline_counts_opening_hours_only(start, need, deadline):
    assert add_working_time(start, need, OFFICE) == deadline


@pytest.mark.parametrize("days", [1, 2, 3])
def test_a_need_that_ends_at_closing_time_ends_there_and_not_at_the_next_opening(days):
    assert add_working_time(berlin(6, 3, 10), days * 8 * HOUR, OFFICE) == berlin(6, 2 + days, 18)


def test_the_smallest_need_after_closing_time_ends_just_after_the_next_opening():
    deadline = add_working_time(berlin(*FRIDAY, 18), timedelta.resolution, OFFICE)

    assert deadline == berlin(*MONDAY, 10) + timedelta.resolution


@pytest.mark.parametrize(
    ("start", "deadline"),
    [
        (berlin(*WEDNESDAY, 15), berlin(*WEDNESDAY, 15)),
        (berlin(*WEDNESDAY, 10), berlin(*WEDNESDAY, 10)),
        (berlin(*WEDNESDAY, 18), berlin(*THURSDAY, 10)),
        (berlin(*SATURDAY, 15), berlin(*MONDAY, 10)),
    ],
)
def test_no_need_ends_at_the_start_or_the_next_opening(start, deadline):
    assert add_working_time(start, timedelta(0), OFFICE) == deadline


def test_working_time_is_never_taken_away():
    with pytest.raises(ValueError, match="not taken away"):
        add_working_time(berlin(*WEDNESDAY), -HOUR, OFFICE)


def test_a_lunch_break_does_not_count():
    assert add_working_time(berlin(*WEDNESDAY, 11), 2 * HOUR, WITH_LUNCH) == berlin(*WEDNESDAY, 14)
    assert add_working_time(berlin(*WEDNESDAY, 12, 30), 1 * HOUR, WITH_LUNCH) == berlin(*WEDNESDAY, 14)
    assert working_time_between(berlin(*WEDNESDAY), berlin(*THURSDAY), WITH_LUNCH) == 7 * HOUR


def test_a_holiday_does_not_count():
    thursday, tuesday = berlin(4, 2, 17), berlin(4, 7, 11)

    assert add_working_time(thursday, 10 * HOUR, EASTER_MONDAY_OFF) == tuesday
    assert working_time_between(thursday, tuesday, EASTER_MONDAY_OFF) == 10 * HOUR


def test_thanksgiving_of_the_holidays_package_does_not_count():
    hours = WorkingHours(NEW_YORK, mon_to_fri((9, 17)), holidays.country_holidays("US"))

    assert add_working_time(new_york(11, 25, 16), 2 * HOUR, hours) == new_york(11, 27, 10)
    assert working_time_between(new_york(11, 25, 16), new_york(11, 27, 10), hours) == 2 * HOUR


def test_an_answer_is_in_utc_whatever_the_zone_of_the_question():
    kolkata = berlin(*WEDNESDAY, 15).astimezone(ZoneInfo("Asia/Kolkata"))

    deadline = add_working_time(kolkata, HOUR, OFFICE)

    assert deadline == datetime(2026, 6, 3, 14, tzinfo=UTC)
    assert deadline.tzinfo is UTC


# Waiting times


def test_what_was_worked_between_two_instants_leaves_nights_and_weekends_out():
    assert working_time_between(berlin(*WEDNESDAY, 20), berlin(*FRIDAY, 12), OFFICE) == 10 * HOUR
    assert working_time_between(berlin(*FRIDAY, 18), berlin(*MONDAY, 10), OFFICE) == timedelta(0)
    assert working_time_between(berlin(*FRIDAY, 17, 59), berlin(*MONDAY, 10, 1), OFFICE) == 2 * MINUTE


def test_an_end_before_the_start_has_no_working_time_between():
    assert working_time_between(berlin(*THURSDAY, 15), berlin(*WEDNESDAY, 15), OFFICE) == timedelta(0)


def test_twelve_years_add_up():
    weekdays = sum((date(2014, 3, 1) + days * DAY).weekday() < 5 for days in range(4383))

    worked = working_time_between(berlin(3, 1, year=2014), berlin(3, 1), OFFICE)

    assert worked == weekdays * 8 * HOUR
    assert add_working_time(berlin(3, 1, year=2014), worked, OFFICE) == berlin(2, 27, 18)


# Daylight saving


@pytest.mark.parametrize(
    ("midnight", "length"),
    [
        (berlin(3, 29), 23 * HOUR),
        (berlin(10, 25), 25 * HOUR),
        (new_york(3, 8), 23 * HOUR),
        (new_york(11, 1), 25 * HOUR),
        (new_york(11, 2), 24 * HOUR),
        (datetime(2026, 10, 4, tzinfo=ZoneInfo("Australia/Lord_Howe")), 23.5 * HOUR),
        (datetime(2026, 4, 5, tzinfo=ZoneInfo("Australia/Lord_Howe")), 24.5 * HOUR),
        (datetime(2011, 12, 29, tzinfo=ZoneInfo("Pacific/Apia")), 24 * HOUR),
    ],
)
def test_a_day_around_the_clock_is_as_long_as_it_really_was(midnight, length):
    hours = WorkingHours(midnight.tzinfo, ALWAYS)
    next_midnight = (midnight + DAY).astimezone(UTC)

    assert working_time_between(midnight, next_midnight, hours) == length
    assert add_working_time(midnight, length, hours) == next_midnight


@pytest.mark.parametrize(
    ("day", "length"), [(berlin(3, 28), 7 * HOUR), (berlin(3, 29), 8 * HOUR), (berlin(10, 24), 9 * HOUR)]
)
def test_a_night_shift_loses_an_hour_in_spring_and_gains_one_in_autumn(day, length):
    hours = WorkingHours(BERLIN, NIGHTS)
    evening, morning = day.replace(hour=22), (day + DAY).replace(hour=6)

    assert working_time_between(evening, morning, hours) == length
    assert add_working_time(evening, length, hours) == morning


def test_an_opening_that_the_clocks_skip_is_the_moment_they_are_put_forward():
    hours = WorkingHours(BERLIN, {6: ((time(2, 30), time(5)),)})

    assert next_opening(berlin(3, 29), hours) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert working_time_between(berlin(3, 29), berlin(3, 30), hours) == 2 * HOUR


def test_an_interval_that_the_clocks_skip_altogether_is_no_working_time():
    hours = WorkingHours(BERLIN, {6: ((time(2, 15), time(2, 45)),)})

    assert next_opening(berlin(3, 29), hours) == berlin(4, 5, 2, 15)


def test_an_opening_that_the_clocks_show_twice_is_the_first():
    hours = WorkingHours(BERLIN, {6: ((time(2, 30), time(5)),)})

    assert next_opening(berlin(10, 25), hours) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert working_time_between(berlin(10, 25), berlin(10, 26), hours) == 3.5 * HOUR


def test_a_time_shown_again_after_midnight_is_part_of_the_new_month():
    zone = ZoneInfo("America/St_Johns")  # in 2009, clocks went from 00:01 on 1 November back to 23:01
    hours = WorkingHours(zone, {6: ((MIDNIGHT, time(6)),)})
    shown_again = datetime(2009, 10, 31, 23, 30, tzinfo=zone, fold=1)

    assert is_working(shown_again, hours)
    assert working_time_between(shown_again - HOUR, shown_again, hours) == 30 * MINUTE


# Openings


@pytest.mark.parametrize(
    ("at", "working", "opening"),
    [
        (berlin(*FRIDAY, 9, 59), False, berlin(*FRIDAY, 10)),
        (berlin(*FRIDAY, 10), True, berlin(*FRIDAY, 10)),
        (berlin(*FRIDAY, 17, 59), True, berlin(*FRIDAY, 17, 59)),
        (berlin(*FRIDAY, 18), False, berlin(*MONDAY, 10)),
        (berlin(*SATURDAY, 12), False, berlin(*MONDAY, 10)),
    ],
)
def test_the_opening_instant_is_working_time_and_the_closing_instant_is_not(at, working, opening):
    assert is_working(at, OFFICE) is working
    assert next_opening(at, OFFICE) == opening


def test_an_hour_shown_twice_is_told_apart():
    hours = WorkingHours(BERLIN, {6: ((time(2), time(2, 30)),)})
    shown_first = berlin(10, 25, 2, 15)

    assert is_working(shown_first, hours)
    assert not is_working(shown_first.replace(fold=1), hours)


def test_midnight_in_a_night_shift_is_working_time():
    assert is_working(berlin(*THURSDAY), WorkingHours(BERLIN, NIGHTS))


# Working days


@pytest.mark.parametrize(
    ("start", "days", "deadline"),
    [
        (berlin(6, 3, 15), 5, berlin(6, 10, 15)),
        (berlin(6, 3, 15), 0, berlin(6, 3, 15)),
        (berlin(6, 5, 15), 1, berlin(6, 8, 15)),
        (berlin(6, 3, 18), 1, berlin(6, 5, 10)),
        (berlin(6, 6, 15), 1, berlin(6, 9, 10)),
        (berlin(6, 6, 15), 0, berlin(6, 8, 10)),
        (berlin(3, 27, 15), 1, berlin(3, 30, 15)),
        (berlin(6, 3, 15), 60, berlin(8, 26, 15)),
    ],
)
def test_working_days_end_at_the_same_wall_clock_time(start, days, deadline):
    assert add_working_days(start, days, OFFICE) == deadline


def test_a_holiday_is_no_working_day():
    assert add_working_days(berlin(4, 2, 15), 2, EASTER_MONDAY_OFF) == berlin(4, 7, 15)


def test_working_days_end_at_the_next_opening_where_the_last_day_is_shorter():
    hours = WorkingHours(BERLIN, mon_to_fri((10, 18)) | {4: ((time(10), time(14)),)})

    assert add_working_days(berlin(*THURSDAY, 15), 1, hours) == berlin(*MONDAY, 10)
    assert add_working_days(berlin(*THURSDAY, 14), 1, hours) == berlin(*MONDAY, 10)
    assert add_working_days(berlin(*THURSDAY, 13), 1, hours) == berlin(*FRIDAY, 13)


@pytest.mark.parametrize(
    ("start", "deadline"),
    [
        (berlin(3, 28, 2, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (berlin(10, 24, 2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
    ],
    ids=["skipped in spring", "twice in autumn", "from the second of two"],
)
def test_working_days_keep_the_wall_clock_time_over_a_change_of_clocks(start, deadline):
    assert add_working_days(start, 1, WorkingHours(BERLIN, ALWAYS)) == deadline


def test_working_days_are_never_taken_away():
    with pytest.raises(ValueError, match="not taken away"):
        add_working_days(berlin(*WEDNESDAY), -1, OFFICE)


# What is refused


@pytest.mark.parametrize("week", [{}, {0: ()}])
@pytest.mark.parametrize(
    "ask",
    [
        lambda hours: next_opening(berlin(*WEDNESDAY), hours),
        lambda hours: add_working_time(berlin(*WEDNESDAY), HOUR, hours),
        lambda hours: add_working_days(berlin(*WEDNESDAY), 1, hours),
    ],
)
def test_hours_without_working_time_are_refused_with_a_sentence(week, ask):
    with pytest.raises(NoWorkingTime, match="no working time within ten years, counted from 2026-06-0"):
        ask(WorkingHours(BERLIN, week))


def test_hours_without_working_time_are_never_working():
    never = WorkingHours(BERLIN, {})

    assert not is_working(berlin(*WEDNESDAY), never)
    assert working_time_between(berlin(6, 3, year=2010), berlin(6, 3), never) == timedelta(0)


def test_hours_whose_last_working_day_has_passed_are_refused():
    class FromJune4On:
        def __contains__(self, day):
            return day > date(2026, 6, 3)

    hours = WorkingHours(BERLIN, mon_to_fri((10, 18)), FromJune4On())

    assert add_working_time(berlin(6, 3, 10), 8 * HOUR, hours) == berlin(6, 3, 18)
    with pytest.raises(NoWorkingTime):
        add_working_time(berlin(6, 3, 10), 9 * HOUR, hours)
    with pytest.raises(NoWorkingTime):
        add_working_days(berlin(6, 3, 10), 1, hours)


def test_a_need_beyond_the_end_of_the_calendar_is_refused():
    with pytest.raises(NoWorkingTime, match="The calendar ends before 999999999 days"):
        add_working_time(berlin(*WEDNESDAY), timedelta.max, OFFICE)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ({0: ((time(9), time(12)), (time(11), time(17)))}, "Monday: the interval at 11:00 overlaps"),
        ({1: ((time(13), time(17)), (time(9), time(12)))}, "Tuesday: the interval at 09:00 overlaps"),
        ({2: ((time(9), MIDNIGHT), (time(10), time(12)))}, "Wednesday: the interval at 10:00 overlaps"),
        ({3: ((time(9), time(9)),)}, "Thursday: 09:00-09:00 closes before it has opened"),
        ({4: ((time(22), time(6)),)}, "Friday: 22:00-06:00 closes before it has opened"),
        ({5: ((time(9, tzinfo=UTC), time(17)),)}, "Saturday: .* has a time zone of its own"),
        ({7: ((time(9), time(17)),)}, "7 is no weekday"),
    ],
)
def test_impossible_hours_are_refused_by_the_name_of_the_day(day, sentence):
    with pytest.raises(ValueError, match=sentence):
        WorkingHours(BERLIN, day)


def test_a_datetime_without_a_time_zone_is_refused():
    naive = datetime(2026, 6, 3, 15)  # noqa: DTZ001

    for ask in (is_working, next_opening):
        with pytest.raises(ValueError, match="2026-06-03 15:00:00 has no time zone"):
            ask(naive, OFFICE)


# Days before


@pytest.mark.parametrize(
    ("day", "days", "before"),
    [
        (date(2026, 6, 3), 0, date(2026, 6, 3)),
        (date(2026, 6, 6), 0, date(2026, 6, 6)),  # a Saturday is itself
        (date(2026, 6, 3), 2, date(2026, 6, 1)),
        (date(2026, 6, 3), 3, date(2026, 5, 29)),  # over the weekend, into the month before
        (date(2026, 6, 7), 1, date(2026, 6, 5)),
        (date(2026, 4, 7), 1, date(2026, 4, 3)),  # Easter Monday is none
        (date(2026, 6, 3), 300, date(2025, 4, 8)),
    ],
)
def test_working_days_are_counted_back_from_a_date(day, days, before):
    assert working_day_before(day, days, EASTER_MONDAY_OFF) == before


def test_working_days_back_are_never_fewer_than_none_and_never_sought_for_ever():
    with pytest.raises(ValueError, match="cannot be fewer than none: -1"):
        working_day_before(date(2026, 6, 3), -1, OFFICE)
    with pytest.raises(NoWorkingTime):
        working_day_before(date(2026, 6, 3), 4000, OFFICE)

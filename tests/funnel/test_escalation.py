"""The instants of the ladder, worked out by hand."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.working_time import WorkingHours, add_working_time
from funnel.deadlines import moved_deadline
from funnel.escalation import Clock, Step, Told, ladder, still_said

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SHARES = [50, 80, 100, 200]
EIGHT_HOURS = timedelta(hours=8)


def office(*intervals, zone=BERLIN, holidays=()):
    hours = tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in intervals)
    return WorkingHours(time_zone=zone, week=dict.fromkeys(range(5), hours), holidays=frozenset(holidays))


def at(day, clock, zone=BERLIN):
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=zone).astimezone(UTC)


def climbed(start, hours, *, allowed=EIGHT_HOURS, shares=SHARES):
    """Local day and time of each step of a clock that starts here."""
    clock = Clock(start, add_working_time(start, allowed, hours), allowed, hours)
    return [f"{step.at.astimezone(hours.time_zone):%m-%d %H:%M}" for step in ladder(clock, shares)]


TEN_TO_SIX = office(("10:00", "18:00"))
WITH_LUNCH = office(("09:00", "12:30"), ("13:15", "17:45"))


@pytest.mark.parametrize(
    ("start", "hours", "steps"),
    [
        pytest.param(
            at("2026-03-04", "15:00"),
            TEN_TO_SIX,
            ["03-05 11:00", "03-05 13:24", "03-05 15:00", "03-06 15:00"],
            id="over night",
        ),
        pytest.param(
            at("2026-03-06", "15:00"),
            TEN_TO_SIX,
            ["03-09 11:00", "03-09 13:24", "03-09 15:00", "03-10 15:00"],
            id="over a weekend",
        ),
        pytest.param(
            at("2026-03-07", "15:00"),
            TEN_TO_SIX,
            ["03-09 14:00", "03-09 16:24", "03-09 18:00", "03-10 18:00"],
            id="begun on a Saturday",
        ),
        pytest.param(
            at("2026-03-04", "09:00"),
            WITH_LUNCH,
            ["03-04 13:45", "03-04 16:09", "03-04 17:45", "03-05 17:45"],
            id="with a lunch break",
        ),
        pytest.param(
            at("2026-04-02", "14:00"),
            office(("10:00", "18:00"), holidays=[date(2026, 4, 3), date(2026, 4, 6)]),
            ["04-02 18:00", "04-07 12:24", "04-07 14:00", "04-08 14:00"],
            id="over Easter",
        ),
    ],
)
def test_the_steps_are_shares_of_the_working_time(start, hours, steps):
    assert climbed(start, hours) == steps


NIGHT = WorkingHours(BERLIN, {day: ((time(0), time(6)),) for day in range(7)})


def test_in_spring_the_night_is_an_hour_shorter():
    """Six hours a night but five on 29 March, when two o'clock becomes three."""
    assert climbed(at("2026-03-28", "00:00"), NIGHT, allowed=timedelta(hours=11)) == [
        "03-28 05:30",
        "03-29 03:48",  # 8.8 h: the sixth hour ended at six, 2.8 h later it is 2:48, shown as 3:48
        "03-29 06:00",
        "03-31 05:00",
    ]


def test_in_autumn_the_night_is_an_hour_longer():
    """Seven hours on 25 October, when three o'clock becomes two."""
    assert climbed(at("2026-10-24", "00:00"), NIGHT, allowed=timedelta(hours=13)) == [
        "10-25 00:30",
        "10-25 03:24",  # 10.4 h: 4.4 h after midnight, one of them shown twice
        "10-25 06:00",
        "10-28 01:00",
    ]


# --- an owner change half way ---------------------------------------------------------------------------------


def changed(clock, moment, new_hours):
    """The clock as it runs on for a new owner."""
    return Clock(moment, moved_deadline(clock.due_at, moment, clock.hours, new_hours), clock.allowed, new_hours)


def test_the_time_that_is_left_passes_in_the_hours_of_the_new_owner():
    """Begun Wednesday 10:00 in Berlin, given to New York at 13:00 (7:00 there): 3 of 8 hours are used."""
    hours = office(("09:00", "17:00"), zone=NEW_YORK)
    clock = Clock(at("2026-03-04", "10:00"), at("2026-03-04", "18:00"), EIGHT_HOURS, TEN_TO_SIX)

    steps = ladder(changed(clock, at("2026-03-04", "13:00"), hours), SHARES)

    assert steps == [
        Step(50, at("2026-03-04", "10:00", NEW_YORK)),
        Step(80, at("2026-03-04", "12:24", NEW_YORK)),
        Step(100, at("2026-03-04", "14:00", NEW_YORK)),
        Step(200, at("2026-03-05", "14:00", NEW_YORK)),
    ]


def test_a_step_the_former_owner_has_used_up_is_due_at_the_new_owners_next_opening():
    """At 17:00 in Berlin 7 of 8 hours are used; New York is at lunch until 13:00 its time."""
    hours = office(("09:00", "11:00"), ("13:00", "17:00"), zone=NEW_YORK)
    clock = Clock(at("2026-03-04", "10:00"), at("2026-03-04", "18:00"), EIGHT_HOURS, TEN_TO_SIX)

    steps = ladder(changed(clock, at("2026-03-04", "17:30"), hours), SHARES)

    assert [f"{step.at.astimezone(NEW_YORK):%d %H:%M}" for step in steps] == [
        "04 13:00",
        "04 13:00",
        "04 13:30",
        "05 15:30",
    ]


def test_a_change_over_a_holiday_and_the_clocks_of_both_sides():
    """Friday 27 March, 16:00 in Berlin, 11:00 in New York, an hour nearer until the 29th: 4 of 8 h are left."""
    hours = office(("12:00", "14:00"), zone=NEW_YORK, holidays=[date(2026, 3, 30)])
    clock = Clock(at("2026-03-27", "12:00"), at("2026-03-30", "12:00"), EIGHT_HOURS, TEN_TO_SIX)

    moved = changed(clock, at("2026-03-27", "16:00"), hours)

    assert moved.due_at == at("2026-03-31", "14:00", NEW_YORK) == datetime(2026, 3, 31, 18, 0, tzinfo=UTC)


def test_a_deadline_that_was_missed_stays_and_the_new_owner_gets_the_whole_time():
    clock = Clock(at("2026-03-04", "10:00"), at("2026-03-04", "18:00"), EIGHT_HOURS, TEN_TO_SIX)

    moved = changed(clock, at("2026-03-06", "12:00"), WITH_LUNCH)

    assert moved.due_at == at("2026-03-04", "18:00")
    assert [f"{step.at.astimezone(BERLIN):%d %H:%M}" for step in ladder(moved, SHARES)] == [
        "06 16:45",
        "09 10:24",
        "09 12:00",
        "10 12:00",
    ]


def test_the_same_hours_leave_the_deadline_to_the_microsecond():
    due_at = at("2026-03-04", "18:00") + timedelta(microseconds=1)

    assert moved_deadline(due_at, at("2026-03-04", "11:00"), TEN_TO_SIX, TEN_TO_SIX) == due_at


# --- what is said ---------------------------------------------------------------------------------------------


def test_the_deadline_is_a_step_whatever_the_agreement_lists():
    clock = Clock(at("2026-03-04", "10:00"), at("2026-03-04", "18:00"), EIGHT_HOURS, TEN_TO_SIX)

    assert [step.share for step in ladder(clock, [])] == [100]
    assert [step.share for step in ladder(clock, [150, 25])] == [25, 100, 150]


@pytest.mark.parametrize(
    ("share", "told"), [(50, Told.OWNER), (99, Told.OWNER), (100, Told.MANAGER), (200, Told.MANAGERS_MANAGER)]
)
def test_who_hears_of_a_step(share, told):
    assert Step(share, at("2026-03-04", "10:00")).told is told


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("13:59", []),
        ("14:00", [50]),
        ("16:24", [80]),
        ("18:00", [100]),
        ("23:00", [100]),
    ],
)
def test_of_the_steps_found_late_only_what_still_makes_sense_is_said(now, said):
    clock = Clock(at("2026-03-04", "10:00"), at("2026-03-04", "18:00"), EIGHT_HOURS, TEN_TO_SIX)
    steps, moment = ladder(clock, SHARES), at("2026-03-04", now)

    assert [step.share for step in steps if step.at <= moment and still_said(step, steps, moment)] == said

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.working_time import WorkingHours
from funnel.deadlines import Deadline, Limits, Waiting, next_deadline
from funnel.lifecycle import CLOSED_STAGES, Stage

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingHours(time_zone=BERLIN, week={day: ((time(10), time(18)),) for day in range(5)})
LIMITS = Limits(accept_within=timedelta(hours=8), first_attempt_within=timedelta(hours=4), stale_after_days=5)
WEDNESDAY = datetime(2026, 3, 4, 15, 0, tzinfo=BERLIN)


def deadline(stage, limits=LIMITS, **waiting):
    return next_deadline(stage, Waiting(**({"stage_entered_at": WEDNESDAY} | waiting)), limits, OFFICE)


def berlin(*parts):
    return datetime(*parts, tzinfo=BERLIN).astimezone(UTC)


def test_an_mql_is_accepted_or_refused_within_the_agreed_working_hours():
    assert deadline(Stage.MQL, handed_off=True) == Deadline(berlin(2026, 3, 5, 15), "accept")


def test_an_accepted_lead_is_attempted_within_the_agreed_working_hours():
    assert deadline(Stage.SAL, handed_off=True) == Deadline(berlin(2026, 3, 5, 11), "first_attempt")


def test_after_the_first_attempt_silence_is_counted_in_working_days():
    called = datetime(2026, 3, 5, 12, 30, tzinfo=BERLIN)

    answer = deadline(Stage.SAL, handed_off=True, first_attempt_at=called, last_disposition_at=called)

    assert answer == Deadline(berlin(2026, 3, 12, 12, 30), "disposition")


def test_a_lead_of_its_own_find_has_no_first_attempt_to_miss():
    assert deadline(Stage.SAL) == Deadline(berlin(2026, 3, 11, 15), "disposition")


def test_an_opportunity_is_silent_since_its_last_disposition_or_its_stage_whichever_is_later():
    long_ago = WEDNESDAY - timedelta(days=20)

    answer = deadline(Stage.SQL, handed_off=True, first_attempt_at=long_ago, last_disposition_at=long_ago)

    assert answer == Deadline(berlin(2026, 3, 11, 15), "disposition")


def test_an_inquiry_waits_for_a_touch_in_calendar_days():
    assert deadline(Stage.INQUIRY) == Deadline(WEDNESDAY + timedelta(days=5), "touch")


def test_a_touch_starts_the_wait_for_the_next_one():
    touched = WEDNESDAY + timedelta(days=2)

    assert deadline(Stage.INQUIRY, last_touch_at=touched) == Deadline(touched + timedelta(days=5), "touch")


def test_a_touch_before_the_stage_does_not_shorten_the_wait():
    before = WEDNESDAY - timedelta(days=2)

    assert deadline(Stage.NURTURE, last_touch_at=before) == Deadline(WEDNESDAY + timedelta(days=5), "touch")


def test_a_nurtured_lead_wakes_up_on_its_date_whatever_touches_it():
    wake_at = WEDNESDAY + timedelta(days=90)

    assert deadline(Stage.NURTURE, wake_at=wake_at, last_touch_at=WEDNESDAY) == Deadline(wake_at, "wake")


def test_a_wake_up_date_means_nothing_to_an_inquiry():
    answer = deadline(Stage.INQUIRY, wake_at=WEDNESDAY + timedelta(days=90))

    assert answer == Deadline(WEDNESDAY + timedelta(days=5), "touch")


@pytest.mark.parametrize("stage", CLOSED_STAGES)
def test_a_closed_lead_has_no_deadline(stage):
    assert deadline(stage, handed_off=True) is None


def test_a_weekend_is_no_working_time():
    saturday = datetime(2026, 3, 7, 15, 0, tzinfo=BERLIN)
    two_hours = Limits(timedelta(hours=2), timedelta(hours=2), 5)

    assert deadline(Stage.MQL, two_hours, stage_entered_at=saturday).at == berlin(2026, 3, 9, 12)


def test_a_holiday_is_no_working_time():
    hours = WorkingHours(BERLIN, OFFICE.week, holidays=frozenset({date(2026, 3, 5)}))

    answer = next_deadline(Stage.MQL, Waiting(stage_entered_at=WEDNESDAY), LIMITS, hours)

    assert answer.at == berlin(2026, 3, 6, 15)

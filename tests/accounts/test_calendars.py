"""Opening hours as people write them, and the calendars made of them."""

from datetime import UTC, date, datetime, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import WorkingCalendar
from accounts.opening_hours import parse_days_off, parse_opening_hours
from accounts.working_time import is_working
from tests.factories import CalendarFactory

MORNING, AFTERNOON = (time(9), time(12, 30)), (time(13, 15), time(17, 30))


@pytest.mark.parametrize(
    ("text", "week"),
    [
        ("Mon-Fri 09:00-12:30", dict.fromkeys(range(5), (MORNING,))),
        ("Mon 09:00-12:30, 13:15-17:30", {0: (MORNING, AFTERNOON)}),
        ("Mon 13:15-17:30, 09:00-12:30", {0: (MORNING, AFTERNOON)}),
        ("Mon, Wed 09:00-12:30\nFri 13:15-17:30", {0: (MORNING,), 2: (MORNING,), 4: (AFTERNOON,)}),
        ("Sat-Mon 9:00-12:30", dict.fromkeys((5, 6, 0), (MORNING,))),
        ("monday - tuesday 09:00 - 12:30", dict.fromkeys((0, 1), (MORNING,))),
        ("\n Mon 09:00-12:30 \n\n", {0: (MORNING,)}),
        ("Mon 22:00-24:00", {0: ((time(22), time(0)),)}),
    ],
)
def test_opening_hours_are_read_as_written(text, week):
    assert parse_opening_hours(text) == week


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Opening hours are empty."),
        ("Mon", "“Mon” is not a line of opening hours."),
        ("Foo 09:00-17:00", "“Foo” in “Foo 09:00-17:00” is not a day."),
        ("Mon-Wed-Fri 09:00-17:00", "“Mon-Wed-Fri” in “Mon-Wed-Fri 09:00-17:00” is not a day."),
        ("Mon 09:00", "“09:00” in “Mon 09:00” is not an interval."),
        ("Mon 09:00-12:00,", "“” in “Mon 09:00-12:00,” is not an interval."),
        ("Mon 09:00-25:00", "“09:00-25:00” in “Mon 09:00-25:00” is not a time of day."),
        ("Mon 09:61-17:00", "“09:61-17:00” in “Mon 09:61-17:00” is not a time of day."),
    ],
)
def test_wrong_opening_hours_are_quoted(text, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        parse_opening_hours(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "Mon-Fri 17:00-09:00",
        "Mon 09:00-12:00, 11:00-13:00",
        "Mon-Fri 09:00-17:00\nMon 10:00-12:00",
        "Mon 22:00-24:30",
        "Mon 09:00-09:00",
    ],
)
def test_hours_that_no_deadline_can_be_reckoned_with_are_not_saved(text):
    calendar = CalendarFactory.build(opening_hours=text)

    with pytest.raises(ValidationError) as refused:
        calendar.full_clean()

    assert refused.value.message_dict.keys() == {"opening_hours"}


def test_days_off_are_dates():
    assert parse_days_off("2026-12-24\n\n 2026-12-31 ") == {date(2026, 12, 24), date(2026, 12, 31)}
    with pytest.raises(ValueError, match=r"^“24.12.2026” is not a date. Write it as 2026-12-24.$"):
        parse_days_off("24.12.2026")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("opening_hours", "always"),
        ("days_off", "Christmas"),
        ("holiday_country", "XX"),
    ],
)
def test_a_calendar_with_a_mistake_is_refused_at_its_field(field, value):
    calendar = CalendarFactory.build(**{field: value})

    with pytest.raises(ValidationError) as refused:
        calendar.full_clean()

    assert refused.value.message_dict.keys() == {field}


@pytest.mark.django_db
def test_there_is_one_default_calendar():
    assert WorkingCalendar.objects.get(is_default=True).name == "Company"
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarFactory(is_default=True)


def working(calendar, month, day, hour):
    return is_working(datetime(2026, month, day, hour, tzinfo=UTC), calendar.hours)


def test_a_calendar_knows_public_holidays_and_the_companys_own_days_off():
    bavaria = CalendarFactory.build(time_zone="UTC", holiday_country="DE", holiday_region="BY", days_off="2026-03-04")

    assert not working(bavaria, 1, 6, 10)  # Epiphany, in Bavaria and few others
    assert not working(bavaria, 3, 4, 10)
    assert working(bavaria, 3, 5, 10)


def test_a_holiday_of_one_region_is_worked_in_another():
    berlin = CalendarFactory.build(time_zone="UTC", holiday_country="DE", holiday_region="BE")

    assert working(berlin, 1, 6, 10)


def test_changed_hours_hold_at_once():
    calendar = CalendarFactory.build(time_zone="UTC")
    assert not working(calendar, 3, 4, 18)

    calendar.opening_hours = "Mon-Fri 09:00-20:00"

    assert working(calendar, 3, 4, 18)

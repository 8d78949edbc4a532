"""When to try next: in both parties' hours, spread over the agreed days and the times of day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.working_time import WorkingHours, is_working
from dispositions.desk.cadence import Pursuit, Try, follow_up_slot, next_slot
from dispositions.desk.prospect import prospect_hours, zones_of
from dispositions.desk.pursuit import slot_in_words
from dispositions.outcomes import Channel
from funnel.models import Agreement, HandOff
from funnel.persistence import progress_of

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
OFFICE = dict.fromkeys(range(5), ((time(9), time(17)),))
BERLIN = WorkingHours(ZoneInfo("Europe/Berlin"), OFFICE)
CHANNELS = (Channel.PHONE, Channel.EMAIL, Channel.SOCIAL)


def pursuit(tries=(), *, at=NOW, ours=BERLIN, theirs=None, channels=CHANNELS, **agreed):
    """`tries`: (time, channel). Two of a day count, as everywhere."""
    counted = [one for place, one in enumerate(tries) if sum(o[0].date() == one[0].date() for o in tries[:place]) < 2]
    hand_off = HandOff(
        agreement=Agreement(**agreed),
        first_attempt_at=tries[0][0] if tries else None,
        last_attempt_at=counted[-1][0] if counted else None,
        attempts=len(counted),
        attempt_channels=list(dict.fromkeys(channel for _, channel in counted)),
    )
    return Pursuit(
        progress=progress_of(hand_off, ours, at),
        tries=[Try(*one) for one in tries],
        ours=ours,
        theirs=prospect_hours("Europe/Berlin", "") if theirs is None else theirs,
        channels=channels,
    )


def whole_course(ours=BERLIN, theirs=None, **agreed):
    """Every attempt made at its slot, until the lead counts as unable to reach."""
    tries, at = [(NOW, "phone")], NOW
    for _ in range(40):
        course = pursuit(tries, at=at, ours=ours, theirs=theirs, **agreed)
        if course.progress.is_enough:
            return tries
        slot = next_slot(course, at)
        at = slot.at
        tries.append((at, slot.channel.value))
    raise AssertionError("it never ends")


def test_seven_attempts_take_the_agreed_ten_working_days_and_both_channels():
    tries = whole_course()

    days = [at.date() for at, _ in tries]
    assert len(tries) == 7
    assert (days[0], days[-1]) == (NOW.date(), NOW.date() + 14 * DAY)  # ten working days later
    assert len(set(days)) == 7
    assert {channel for _, channel in tries} == {"phone", "email"}


def test_they_are_spread_over_the_times_of_day():
    hours = [at.astimezone(BERLIN.time_zone).hour for at, _ in whole_course()]

    assert min(hours) < 11
    assert any(11 <= hour < 14 for hour in hours)
    assert max(hours) >= 14


def test_more_attempts_than_days_make_two_a_day_and_never_three():
    tries = whole_course(attempts_required=12, attempts_within_days=5)

    days = [at.astimezone(BERLIN.time_zone).date() for at, _ in tries]
    assert max(days.count(day) for day in days) == 2


def test_the_second_attempt_of_a_day_waits_three_hours():
    slot = next_slot(pursuit([(NOW, "phone")], attempts_required=20, attempts_within_days=3), NOW)

    assert slot.at >= NOW + timedelta(hours=3)


def test_a_channel_that_is_missing_comes_next_and_then_the_best_again():
    first = next_slot(pursuit([(NOW, "phone")]), NOW)
    both = next_slot(pursuit([(NOW, "phone"), (NOW + DAY, "email")], at=NOW + DAY), NOW + DAY)

    assert (first.channel, first.why) == (Channel.EMAIL, "not tried that way yet")
    assert both.channel is Channel.PHONE


def test_what_they_refused_is_not_proposed():
    slot = next_slot(pursuit([(NOW, "phone")], channels=(Channel.PHONE, Channel.SOCIAL)), NOW)

    assert slot.channel is Channel.SOCIAL


def test_without_a_channel_nothing_is_proposed():
    assert next_slot(pursuit(channels=()), NOW) is None


def test_hours_that_never_meet_have_no_slot():
    auckland = prospect_hours("Pacific/Auckland", "")

    assert next_slot(pursuit([(NOW, "phone")], theirs=auckland), NOW) is None


def test_a_holiday_of_ours_and_one_of_theirs_are_left_out():
    ours = WorkingHours(ZoneInfo("Europe/Berlin"), OFFICE, frozenset({datetime(2026, 5, 26).date()}))  # noqa: DTZ001
    friday = datetime(2026, 5, 22, 15, 0, tzinfo=UTC)

    slot = next_slot(pursuit(at=friday, ours=ours, theirs=prospect_hours("", "DE")), friday)

    # Monday is Whit Monday in Germany, Tuesday is ours.
    assert slot.our_clock.date().isoformat() == "2026-05-27"


def test_after_a_conversation_they_are_called_at_the_time_they_answered():
    london = prospect_hours("Europe/London", "")
    reached = datetime(2026, 3, 4, 13, 40, tzinfo=UTC)

    slot = follow_up_slot(pursuit(theirs=london), reached, reached)

    assert slot.their_clock == datetime(2026, 3, 9, 13, 30)  # noqa: DTZ001  # what the wall shows


def test_long_after_a_conversation_the_next_slot_is_still_ahead():
    reached = NOW - 90 * DAY

    slot = follow_up_slot(pursuit(), reached, NOW)

    assert NOW < slot.at < NOW + DAY


# --- whose hours ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "first"),
    [("US", "America/New_York"), ("BR", "America/Sao_Paulo"), ("DE", "Europe/Berlin"), ("UA", "Europe/Kyiv")],
)
def test_the_zone_of_most_people_comes_first(country, first):
    assert zones_of(country)[0] == first


def test_a_country_nobody_knows_has_no_hours():
    assert prospect_hours("", "XX") == ()


def test_a_slot_suits_every_zone_of_a_country_where_there_is_one():
    ours = WorkingHours(ZoneInfo("America/New_York"), OFFICE)
    slot = next_slot(pursuit([(NOW, "phone")], ours=ours, theirs=prospect_hours("", "CA")), NOW)

    assert slot.everywhere
    assert all(is_working(slot.at, hours) for hours in prospect_hours("", "CA"))


def test_else_it_suits_the_zone_of_most_people():
    slot = next_slot(pursuit([(NOW, "phone")], theirs=prospect_hours("", "US")), NOW)

    assert not slot.everywhere
    assert is_working(slot.at, prospect_hours("America/New_York", "")[0])


# --- in words -------------------------------------------------------------------------------------------------


def test_the_reason_is_told_with_both_clocks():
    theirs = prospect_hours("Europe/Athens", "")
    tries = [(datetime(2026, 3, 4, 13, 0, tzinfo=UTC), "phone"), (datetime(2026, 3, 5, 13, 0, tzinfo=UTC), "email")]

    slot = next_slot(pursuit(tries, at=tries[-1][0], theirs=theirs), tries[-1][0])

    assert slot_in_words(slot) == "Fri 6 Mar, 10:30 their time, 09:30 yours, by phone: not tried mornings yet"


def test_one_clock_is_enough_where_both_show_the_same():
    words = slot_in_words(next_slot(pursuit(), NOW))

    assert words.startswith("Wed 4 Mar, ")
    assert "yours" not in words


def test_where_nothing_is_known_of_their_hours_ours_are_named():
    assert "yours" in slot_in_words(next_slot(pursuit(theirs=()), NOW))


# --- whatever happens -----------------------------------------------------------------------------------------

ZONES = ["UTC", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "America/Halifax", "Africa/Johannesburg"]
WEEKS = [
    OFFICE,
    dict.fromkeys(range(5), ((time(8, 20), time(12)), (time(12, 50), time(18)))),
    dict.fromkeys(range(6), ((time(6), time(0)),)),
]


@st.composite
def courses(draw):
    ours = WorkingHours(
        ZoneInfo(draw(st.sampled_from(ZONES))),
        draw(st.sampled_from(WEEKS)),
        frozenset(draw(st.sets(st.dates(NOW.date(), NOW.date() + 60 * DAY), max_size=6))),
    )
    minutes = sorted(draw(st.lists(st.integers(0, 30 * 24 * 60), min_size=1, max_size=12)))
    tries = [(NOW + timedelta(minutes=one), draw(st.sampled_from(["phone", "email"]))) for one in minutes]
    now = tries[-1][0] + timedelta(minutes=draw(st.integers(0, 20 * 24 * 60)))
    zone, country = draw(st.sampled_from([("Europe/Athens", ""), ("", "US"), ("", "DE"), ("", "ES"), ("", "")]))
    theirs = prospect_hours(zone, country)
    agreed = {"attempts_required": draw(st.integers(1, 14)), "attempts_within_days": draw(st.integers(1, 20))}
    return pursuit(tries, at=now, ours=ours, theirs=theirs, **agreed), now


@settings(max_examples=250, deadline=None)
@given(courses())
def test_a_slot_lies_ahead_in_both_parties_hours_on_a_day_that_has_room(course):
    chase, now = course
    slot = next_slot(chase, now)
    if slot is None:
        return
    zone = chase.ours.time_zone
    of_that_day = [one for one in chase.tries if one.at.astimezone(zone).date() == slot.at.astimezone(zone).date()]
    assert slot.at > now
    assert is_working(slot.at, chase.ours)
    assert all(is_working(slot.at, hours) for hours in chase.theirs[:1])
    assert len(of_that_day) < 2
    assert slot == next_slot(chase, now)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 10), st.integers(1, 15), st.sampled_from(ZONES))
def test_a_course_that_keeps_to_its_slots_ends_at_the_agreed_number_and_day(required, days, zone):
    ours = WorkingHours(ZoneInfo(zone), OFFICE)
    tries = whole_course(ours=ours, theirs=(), attempts_required=required, attempts_within_days=days)

    local = [at.astimezone(ours.time_zone).date() for at, _ in tries]
    assert len(tries) >= required
    assert local == sorted(local)
    assert max(local.count(day) for day in local) <= 2
    if required <= days + 1:
        assert len(tries) == required

"""The company's hours are Monday to Friday 9 to 17 UTC; NOW is a Wednesday, 10:00. Eight working hours to answer."""

from datetime import timedelta

from dispositions.outcomes import Outcome
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import computed, fallen, headline, line, say

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def answered(rep, after, outcome=Outcome.ACCEPT, **more):
    lead = LeadFactory(handed_off=True, owner=rep)
    say(lead, rep, outcome, at=NOW + after, **more)
    return lead


def test_hours_are_working_hours_to_the_first_thing_said(marketing, rep):
    for after in (HOUR, 3 * HOUR, DAY):  # a day later is eight working hours later
        answered(rep, after)

    report = computed("response", marketing, now=NOW + 3 * DAY)

    assert line(report, owner=str(rep.pk))["median_hours"] == 3.0
    assert headline(report)["p90_hours"] == 8.0


def test_the_agreement_is_kept_by_answers_in_time_and_broken_by_late_and_missing_ones(marketing, rep):
    answered(rep, 8 * HOUR)
    answered(rep, DAY + timedelta(seconds=1))  # eight working hours and a second
    fallen(owner=rep)
    LeadFactory(handed_off=True, owner=rep, at=NOW + 2 * DAY)  # still in time

    row = line(computed("response", marketing, now=NOW + 2 * DAY + HOUR), owner=str(rep.pk))

    assert (row["hand_offs"], row["answered"], row["kept"], row["late"], row["overdue"]) == (4, 2, 1, 1, 1)
    assert row["compliance"] == round(1 / 3, 6)


def test_by_speed_one_sees_what_fast_answers_bring(marketing, rep):
    answered(rep, HOUR / 2)
    answered(rep, HOUR / 2, Outcome.REFUSE, reason="no_need")
    answered(rep, 3 * HOUR)
    LeadFactory(handed_off=True, owner=rep)

    report = computed("response", marketing, now=NOW + 4 * HOUR, by="speed")

    assert [(one["speed_name"], one["hand_offs"], one["acceptance"]) for one in report.rows] == [
        ("Within an hour", 2, 0.5),
        ("2–4 hours", 1, 1.0),
        ("Not answered", 1, None),
    ]


def test_as_of_a_past_day_later_answers_are_not_known(marketing, rep):
    answered(rep, 2 * DAY)

    then = computed("response", marketing, now=NOW + 9 * DAY, as_of=(NOW + DAY).date().isoformat())

    assert headline(then)["hand_offs"] == 1
    assert line(then, owner=str(rep.pk))["answered"] == 0


def test_the_rows_add_up_to_the_total(marketing, rep, eastern_rep):
    for someone in (rep, eastern_rep):
        answered(someone, HOUR)
    report = computed("response", marketing, now=NOW + DAY, by="team")

    for key in ("hand_offs", "answered", "kept"):
        assert report.totals[0][key] == sum(one[key] for one in report.rows) == 2

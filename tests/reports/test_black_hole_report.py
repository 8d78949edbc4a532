from datetime import timedelta
from decimal import Decimal

from dispositions.outcomes import Outcome
from funnel.sweep import run_sweep
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import closed_loop, computed, headline, line, say

DAY = timedelta(days=1)


def inside(rep, *, until=None, **given):
    """Handed over at NOW, not answered for three days; `until`: how long after NOW sales did."""
    lead = LeadFactory(handed_off=True, owner=rep, **given)
    run_sweep(now=NOW + 2 * DAY)
    if until:
        say(lead, rep, Outcome.ACCEPT, at=NOW + until)
    return lead


def test_ever_inside_is_who_is_inside_and_who_recovered(marketing, rep):
    inside(rep)
    inside(rep, until=4 * DAY)
    say(LeadFactory(handed_off=True, owner=rep), rep, Outcome.ACCEPT)

    row = line(computed("black-hole", marketing, now=NOW + 5 * DAY), owner=str(rep.pk))

    assert (row["hand_offs"], row["ever"], row["inside"], row["recovered"]) == (3, 2, 1, 1)
    assert row["recovered_accepted"] == 1
    assert row["follow_up"] == round(2 / 3, 6)


def test_days_inside_count_from_the_missed_deadline(marketing, rep):
    """Eight working hours after Wednesday, 10:00, are over on Thursday, 10:00."""
    inside(rep, until=4 * DAY)

    report = computed("black-hole", marketing, now=NOW + 5 * DAY)

    assert line(report, owner=str(rep.pk))["median_days"] == 3.0


def test_its_value_is_that_of_the_closed_loop(marketing, rep):
    inside(rep, expected_value=Decimal(700), currency="EUR")
    inside(rep)

    report = computed("black-hole", marketing, now=NOW + 3 * DAY)

    total = closed_loop(marketing, now=NOW + 3 * DAY).totals[0]
    assert headline(report)["value"] == total["black_hole_value"] == Decimal("700.00")
    assert headline(report)["inside"] == total["black_hole"] == 2
    assert report.totals[0]["unknown_value"] == total["black_hole_unknown"] == 1


def test_as_of_a_past_day_it_holds_those_that_were_in_it_then(marketing, rep):
    inside(rep, until=4 * DAY)
    before, during = ((NOW + days * DAY).date().isoformat() for days in (0, 2))

    found = {
        day: headline(computed("black-hole", marketing, now=NOW + 9 * DAY, as_of=day))["inside"]
        for day in (before, during)
    }

    assert found == {before: 0, during: 1}
    assert closed_loop(marketing, now=NOW + 9 * DAY, as_of=during).totals[0]["black_hole"] == 1


def test_the_rows_add_up_to_the_total(marketing, rep, eastern_rep):
    inside(rep)
    inside(eastern_rep, until=4 * DAY)

    for by in ("owner", "team", "channel", "month", "agreement"):
        report = computed("black-hole", marketing, now=NOW + 5 * DAY, by=by)
        for key in ("hand_offs", "ever", "inside", "recovered"):
            assert report.totals[0][key] == sum(one[key] for one in report.rows) > 0, by

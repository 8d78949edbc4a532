from datetime import timedelta

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.undo import undo_disposition
from reports.engine import find_entry
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import in_every_end, qualify, refused_then_won, say


def funnel(viewer, *, now=NOW, **given):
    return find_entry("funnel", viewer.principal).report(given, principal=viewer.principal, now=now)


def row(report, stage):
    return next(one for one in report.rows if one["stage"] == stage)


def test_entries_are_those_still_there_and_those_that_left_forward_back_or_out(marketing, rep):
    in_every_end("webinar")
    refused_then_won(rep, marketing, "webinar")

    report = funnel(marketing)

    for one in report.rows:
        assert one["entries"] == one["here"] + one["forward"] + one["backward"] + one["out"], one["stage"]
    assert {one["stage"]: one["here"] for one in report.rows} == {
        **dict.fromkeys(("inquiry", "mql", "sal", "sql", "lost", "no_decision", "disqualified"), 1),
        "nurture": 0,
        "won": 2,
    }


def test_a_recycled_lead_is_one_lead_with_two_entries(marketing, rep):
    refused_then_won(rep, marketing, "webinar")

    mql = row(funnel(marketing), "mql")

    assert (mql["entered"], mql["entries"], mql["forward"], mql["backward"]) == (1, 2, 1, 1)
    assert mql["conversion"] == 0.5


def test_days_in_a_stage_are_those_of_leads_that_left_it(marketing, rep):
    for days in (1, 2, 10):
        lead = LeadFactory(handed_off=True, owner=rep)
        say(lead, rep, Outcome.ACCEPT, at=NOW + timedelta(days=days))
    LeadFactory(handed_off=True, owner=rep)

    mql = row(funnel(marketing, now=NOW + timedelta(days=30)), "mql")

    assert (mql["median_days"], mql["p90_days"]) == (2.0, 10.0)


def test_what_was_undone_is_in_no_stage(marketing, rep):
    qualify(LeadFactory(accepted=True, owner=rep), rep)
    undo_disposition(disposition_id=Disposition.objects.latest("id").pk, by=rep.principal, at=NOW)

    report = funnel(marketing)

    assert [one["stage"] for one in report.rows] == ["inquiry", "mql", "sal"]
    assert row(report, "sal")["here"] == 1


def test_as_of_a_past_day_the_funnel_is_what_it_was(marketing, rep):
    lead = LeadFactory(handed_off=True, owner=rep)
    say(lead, rep, Outcome.ACCEPT, at=NOW + timedelta(days=3))
    before = (NOW + timedelta(days=1)).date().isoformat()

    then = funnel(marketing, now=NOW + timedelta(days=9), as_of=before)

    assert [one["stage"] for one in then.rows] == ["inquiry", "mql"]
    assert (row(then, "mql")["here"], row(then, "mql")["forward"]) == (1, 0)


def test_by_event_the_entries_of_the_period_count_whenever_the_lead_was_created(marketing, rep):
    lead = LeadFactory(handed_off=True, owner=rep)
    say(lead, rep, Outcome.ACCEPT, at=NOW + timedelta(days=3))
    later = {"from": (NOW + timedelta(days=2)).date().isoformat(), "now": NOW + timedelta(days=9)}

    assert [one["stage"] for one in funnel(marketing, dates="event", **later).rows] == ["sal"]
    assert funnel(marketing, **later).rows == ()


def test_each_month_shows_how_many_of_its_leads_got_how_far(marketing, rep):
    LeadFactory.create_batch(3, at=NOW - timedelta(days=40))
    LeadFactory(qualified=True, owner=rep, at=NOW - timedelta(days=40))
    LeadFactory()

    report = funnel(marketing, by="cohort")

    assert [(one["month"], one["leads"], one["mqls"], one["sqls_rate"]) for one in report.rows] == [
        ("2026-03", 1, 0, 0.0),
        ("2026-01", 4, 1, 0.25),
    ]
    assert report.chart.data[0].shares[:3] == (0.25, 0.25, 0.25)


def test_the_picture_shows_every_move_between_two_stages(marketing, rep):
    refused_then_won(rep, marketing, "webinar")

    flows = {(one.source, one.target): one.value for one in funnel(marketing).chart.data}

    assert flows == {
        ("inquiry", "mql"): 1,
        ("mql", "nurture:mql"): 1,
        ("nurture", "mql"): 1,
        ("mql", "sal"): 1,
        ("sal", "sql"): 1,
        ("sql", "won"): 1,
    }

"""The report of paths over a company whose deals can be worked out by hand."""

from datetime import timedelta

import pytest

from dispositions.outcomes import Outcome
from funnel.models import Touch
from reports.engine import UnknownReport, find_entry
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import deal, figure, say, touched, won

DAY = timedelta(days=1)


def paths(viewer, **given):
    texts = {"from" if name == "since" else name: text for name, text in given.items()}
    principal = viewer.principal
    return find_entry("paths", principal).report(texts, principal=principal, now=NOW)


def lost(rep, *channels):
    lead = LeadFactory(accepted=True, owner=rep, channel=channels[0])
    Touch.objects.filter(lead=lead).update(at=NOW - len(channels) * DAY)
    for number, channel in enumerate(channels[1:], 1):
        touched(lead, channel, NOW - (len(channels) - number) * DAY)
    say(lead, rep, Outcome.LOST, reason="lost_price")
    return lead


def test_paths_tell_what_they_brought_and_what_leaked(marketing, rep):
    deal("100", "webinar", "email")
    deal("50", "webinar", "email", "email")
    lost(rep, "webinar", "email")
    lost(rep, "fair")

    report = paths(marketing)

    assert [one["path"] for one in report.rows] == ["Webinar > Email", "Fair"]
    first, fair = report.rows
    assert (first["deals"], first["won"], first["lost"], first["conversion"]) == (3, 2, 1, 0.666667)
    assert (first["revenue"], first["touches"], first["median_days"], first["p90_days"]) == (150, 2.3, 2, 3)
    assert (fair["won"], fair["lost"], fair["median_days"]) == (0, 1, None)
    assert (report.totals[0]["deals"], figure(report, "median_days").value) == (4, 2)


def test_what_nobody_touched_is_a_path_of_its_own(marketing):
    Touch.objects.filter(lead=won("webinar", "5")).delete()
    deal("1", "email")

    assert {one["path"]: one["won"] for one in paths(marketing).rows} == {"No touch": 1, "Email": 1}


def test_rare_paths_are_one_row_and_all_add_up(marketing, monkeypatch):
    monkeypatch.setattr("reports.catalogue.paths.SHOWN", 2)
    for channels in ("ab", "ab", "c", "c", "d", "ea"):
        deal("10", *channels)

    report = paths(marketing)

    assert [(one["path"], one["won"]) for one in report.rows] == [("A > B", 2), ("C", 2), ("All other paths", 2)]
    assert sum(one["revenue"] for one in report.rows) == report.totals[0]["revenue"] == 60


def test_the_period_is_that_of_the_close(marketing):
    deal("10", "webinar")
    deal("10", "email", at=NOW - 90 * DAY)

    assert [one["path"] for one in paths(marketing, since="2026-03-01").rows] == ["Webinar"]


def test_the_picture_tells_which_touch_came_before_acceptance(marketing, rep):
    deal("10", "webinar", "email")
    lead = LeadFactory(accepted=True, owner=rep, channel="fair")
    touched(lead, "ads", NOW + DAY)

    assert paths(marketing).chart.summary == "Email 1, Fair 1."


def test_it_is_not_for_reps(rep):
    with pytest.raises(UnknownReport):
        find_entry("paths", rep.principal)


def test_without_closed_deals_it_says_why_it_is_empty(marketing):
    LeadFactory()

    report = paths(marketing)

    assert (report.rows, report.charts) == ((), ())
    assert report.empty_because


def test_the_pages_show_both_reports(marketing_client, marketing):
    deal("100", "webinar", "email")

    for name in ("attribution", "paths"):
        page = marketing_client.get(f"/reports/{name}/")
        assert page.status_code == 200
        assert "Webinar" in page.content.decode()
        assert marketing_client.get(f"/reports/{name}/?format=xlsx").status_code == 200

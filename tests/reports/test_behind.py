"""The leads behind a figure are those it counts."""

import pytest
from django.urls import reverse

from reports.behind import leads_behind
from reports.engine import entries_for, find_entry
from reports.parameters import InvalidParameter
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import closed_loop, fallen, in_every_end, row


def behind(viewer, figure, **given):
    entry = find_entry("closed-loop", viewer.principal)
    return leads_behind(entry, figure, "", given, principal=viewer.principal, now=NOW)


def test_a_cell_opens_as_many_leads_as_it_counts(marketing):
    in_every_end("webinar")
    in_every_end("trade-fair")
    fallen("webinar")
    counted = row(closed_loop(marketing), "webinar")
    figures = find_entry("closed-loop", marketing.principal).drilling.figures

    opened = {name: behind(marketing, name, channel="webinar").rows for name in figures}

    assert opened == {**{name: counted[name] for name in figures}, "revenue": 1, "black_hole_value": 1}


def test_nobody_sees_leads_behind_a_figure_that_are_not_his(rep, eastern_rep):
    LeadFactory(handed_off=True, owner=eastern_rep)
    mine = LeadFactory(handed_off=True, owner=rep)

    assert list(behind(rep, "leads").leads) == [mine]


def test_a_figure_that_counts_no_leads_is_refused_with_those_that_do(marketing):
    with pytest.raises(InvalidParameter, match="no leads stand behind “spend”"):
        behind(marketing, "spend")


def test_the_page_of_leads_leads_back_to_the_report_with_its_filters(marketing_client):
    LeadFactory(channel="webinar", first_name="Wanda", last_name="Webber")
    address = reverse("report-leads", args=["closed-loop"])

    page = marketing_client.get(address, {"figure": "leads", "channel": "webinar"}).content.decode()

    assert "Wanda Webber" in page
    assert 'href="../?channel=webinar"' in page


def test_every_figure_that_can_be_opened_is_one_of_the_report(marketing):
    in_every_end("webinar")
    for entry in entries_for(marketing.principal):
        if entry.drilling:
            views = {option.value for one in entry.parameters if one.name == "by" for option in one.options(None)}
            keys = set()
            for view in views or {""}:
                computed = entry.report({"by": view} if view else {}, principal=marketing.principal, now=NOW)
                keys |= {one.key for one in computed.columns} | {one.key for one in computed.headline}
            assert entry.drilling.figures.keys() <= keys, entry.name

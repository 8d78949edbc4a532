from datetime import timedelta

import pytest

from dispositions.outcomes import Outcome
from funnel.attributes import Attribute
from funnel.inputs import CompanyInput
from funnel.models import Evidence
from reports.catalogue.completeness import KINDS
from reports.measures.interval import LEAST, wilson
from tests.factories import BANT_EVIDENCE, NOW, LeadFactory
from tests.reports.worlds import computed, fallen, headline, line, qualify, say

DAY = timedelta(days=1)
ALL_TEN = {one.value: "Known." for one in Attribute}


def report(viewer, **given):
    return computed("completeness", viewer, now=NOW + 9 * DAY, **given)


def handed_over(rep, *ends, **given):
    """One lead for each end: won, refused or open."""
    for end in ends:
        lead = LeadFactory(handed_off=True, owner=rep, **given)
        if end == "refused":
            say(lead, rep, Outcome.REFUSE, at=NOW + DAY, reason="no_need")
        elif end == "won":
            say(lead, rep, Outcome.ACCEPT)
            qualify(lead, rep)
            say(lead, rep, Outcome.WON, at=NOW + DAY, closed_on=NOW.date())


@pytest.fixture
def no_least(monkeypatch):
    """Three cases are enough."""
    monkeypatch.setattr("reports.measures.interval.LEAST", 3)


def test_hand_offs_are_banded_by_what_was_known_of_them(marketing, rep):
    handed_over(rep, "refused", attributes={"pain": "Known."})
    handed_over(rep, "won", "open", attributes=BANT_EVIDENCE)
    handed_over(rep, "won", attributes=ALL_TEN)

    found = report(marketing)

    assert [(one["band_name"], one["hand_offs"], one["refused"], one["won"]) for one in found.rows] == [
        ("0–3 known", 1, 1, 0),
        ("4–7 known", 2, 0, 1),
        ("8–10 known", 1, 0, 1),
    ]
    assert headline(found)["mean_known"] == round((1 + 4 + 4 + 10) / 4, 6)
    assert headline(found)["prepared"] == 0.25


def test_what_is_learned_after_the_hand_off_was_not_known_at_it(marketing, rep):
    lead = LeadFactory(handed_off=True, owner=rep, attributes={"pain": "Known."})
    Evidence.objects.create(lead=lead, attribute="budget", text="80k", learned_at=NOW + DAY)
    say(lead, rep, Outcome.ACCEPT, at=NOW + DAY)

    found = report(marketing, by="attribute")

    assert line(found, attribute="pain:known")["hand_offs"] == 1
    assert line(found, attribute="budget:not_known")["hand_offs"] == 1
    assert line(report(marketing, by="known"), known="1")["hand_offs"] == 1


def test_each_attribute_has_a_pair_of_rows_that_adds_up(marketing, rep):
    handed_over(rep, "won", attributes=BANT_EVIDENCE)
    handed_over(rep, "refused", "refused", attributes={"pain": "Known."})

    found = report(marketing, by="attribute")

    for attribute in Attribute:
        pair = [one for one in found.rows if one["attribute"].partition(":")[0] == attribute]
        assert sum(one["hand_offs"] for one in pair) == found.totals[0]["hand_offs"] == 3, attribute
    assert line(found, attribute="budget:known")["won"] == 1
    assert line(found, attribute="budget:not_known")["refused"] == 2


def test_what_the_company_tells_is_known_without_evidence(marketing, rep):
    profile = CompanyInput(name="Kalina", naics="493120", employees=80, locations=2, annual_revenue=1_000_000)
    handed_over(rep, "open", company=profile)

    found = report(marketing, by="attribute")

    assert line(found, attribute="industry_code:known")["hand_offs"] == 1
    assert line(found, attribute="firmographics:known")["hand_offs"] == 1


def test_segments_are_those_of_company_title_and_channel(marketing, rep):
    handed_over(
        rep,
        "won",
        company=CompanyInput(name="Kalina", naics="493120", employees=80, country="DE"),
        title="Head of Purchasing",
        channel="webinar",
    )
    handed_over(rep, "refused")

    for by, code, name in (
        ("industry", "Transport and warehousing", "Transport and warehousing"),
        ("size", "50-249", "50-249 employees"),
        ("country", "DE", "DE"),
        ("seniority", "head", "Directors and heads"),
        ("function", "purchasing", "Purchasing"),
        ("channel", "webinar", "Webinar"),
    ):
        row = line(report(marketing, by=by), **{by: code})
        assert (row[f"{by}_name"], row["hand_offs"], row["won"]) == (name, 1, 1), by
    assert line(report(marketing, by="industry"), industry_name="Not known")["refused"] == 1


def test_below_thirty_cases_a_segment_has_no_share_and_stands_last(marketing, rep):
    handed_over(rep, *["refused"] * LEAST, channel="webinar")
    handed_over(rep, "won", channel="trade-fair")

    found = report(marketing, by="channel")

    assert [(one["channel"], one["share"], one["standing"]) for one in found.rows] == [
        ("webinar", 0.0, "No difference shown"),
        ("trade-fair", None, "Too few to say"),
    ]
    assert [one.label for one in found.chart.data] == ["Webinar"]
    assert "1 row has fewer than 30 cases" in found.contents.remarks[0]


def test_the_best_are_ranked_by_what_they_surely_reach(marketing, rep, no_least):
    # Seen more often but in few cases: less sure.
    handed_over(rep, "won", "won", "won", channel="trade-fair")
    handed_over(rep, *["won"] * 9, "refused", channel="webinar")
    handed_over(rep, *["refused"] * 8, channel="email")

    best = report(marketing, by="channel")
    worst = report(marketing, by="channel", order="worst")

    assert [one["channel"] for one in best.rows] == ["webinar", "trade-fair", "email"]
    assert [one["channel"] for one in worst.rows] == ["email", "webinar", "trade-fair"]
    row, seen = line(best, channel="webinar"), wilson(9, 10)
    assert (row["share"], row["low"], row["high"]) == (seen.share, seen.low, seen.high)
    assert [one["standing"] for one in best.rows] == ["Better", "No difference shown", "Worse"]


def test_of_refusals_the_fewest_are_the_best(marketing, rep, no_least):
    handed_over(rep, *["won"] * 8, channel="webinar")
    handed_over(rep, *["refused"] * 8, "open", channel="email")

    found = report(marketing, by="channel", about="refused")

    assert [(one["channel"], one["share"], one["standing"]) for one in found.rows] == [
        ("webinar", 0.0, "Better"),
        ("email", 1.0, "Worse"),
    ]


def test_what_fell_silent_is_counted(marketing, rep, no_least):
    for _ in range(3):
        fallen("email", owner=rep)
    handed_over(rep, "won", "won", "won", channel="webinar")

    found = report(marketing, by="channel", about="fell", order="worst")

    assert [(one["channel"], one["fell"], one["share"]) for one in found.rows] == [
        ("email", 3, 1.0),
        ("webinar", 0, 0.0),
    ]


def test_the_rows_add_up_whatever_they_stand_for(marketing, rep, eastern_rep):
    handed_over(rep, "won", "open", attributes=BANT_EVIDENCE, title="CEO")
    handed_over(eastern_rep, "refused", company=CompanyInput(name="Kalina", naics="493120", country="DE"))

    for by in set(KINDS) - {"attribute"}:
        found = report(marketing, by=by)
        for key in ("hand_offs", "accepted", "refused", "qualified", "fell", "over", "won"):
            assert sum(one[key] for one in found.rows) == found.totals[0][key], (by, key)
        assert found.totals[0]["hand_offs"] == 3, by


def test_as_of_a_past_day_what_ended_since_is_open(marketing, rep):
    handed_over(rep, "won", "refused")

    total = report(marketing, as_of=NOW.date().isoformat()).totals[0]

    assert (total["hand_offs"], total["accepted"], total["over"], total["won"]) == (2, 1, 0, 0)


@pytest.mark.parametrize("by", sorted(KINDS))
def test_every_figure_opens_as_many_leads_as_it_counts(marketing_client, marketing, rep, by):
    handed_over(rep, "won", attributes=BANT_EVIDENCE, title="CEO")
    handed_over(rep, "refused", company=CompanyInput(name="Kalina", naics="493120", employees=5, country="DE"))

    page = marketing_client.get(f"/reports/completeness/?by={by}")

    for row, figures in zip(page.context["table"].rows, report(marketing, by=by).rows, strict=True):
        cell = next(one for one in row if "figure=hand_offs" in one.href)
        opened = marketing_client.get(f"/reports/completeness/{cell.href}")
        assert len(opened.context["leads"]) == figures["hand_offs"], (by, cell.href)


def test_a_rep_sees_his_own_and_a_made_up_row_opens_nothing(rep_client, rep, eastern_rep):
    handed_over(rep, "won")
    handed_over(eastern_rep, "refused", "refused")

    assert rep_client.get("/reports/completeness/").context["report"].totals[0]["hand_offs"] == 1
    for by, row in (("attribute", "moon:known"), ("band", "7"), ("band", "x"), ("known", "x")):
        answer = rep_client.get(f"/reports/completeness/leads/?by={by}&figure=hand_offs&row={row}")
        assert answer.status_code == 200, (by, row)
        assert list(answer.context["leads"]) == [], (by, row)


def test_it_takes_the_same_queries_for_few_and_many(marketing, rep, queries_for):
    handed_over(rep, "won")
    report(marketing, by="industry")
    few = queries_for(lambda: report(marketing, by="industry"))
    for number in range(6):
        handed_over(rep, "refused", company=CompanyInput(name=f"C{number}", naics=f"{41 + number}1111", country="DE"))
    report(marketing, by="industry")

    assert queries_for(lambda: report(marketing, by="industry")) == few

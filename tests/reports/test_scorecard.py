from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dispositions.outcomes import Outcome
from funnel.lifecycle import Stage
from funnel.services.moves import move_lead
from reports.behind import leads_behind
from reports.engine import find_entry
from reports.facts.refresh import catch_up
from reports.models import ExchangeRate
from reports.renderers.json import report_data
from reports.renderers.table import render
from reports.selection import select
from tests.factories import NOW, LeadFactory, TeamFactory, UserFactory
from tests.reports.scorecard.targets import agreed, proposed
from tests.reports.worlds import computed, headline, line, qualify, say, won

DAY = timedelta(days=1)
AFTERWARDS = datetime(2026, 4, 1, tzinfo=UTC)


def scorecard(viewer, *, now=NOW, **given):
    return computed("scorecard", viewer, now=now, **given)


def actual(report):
    return {row["kpi"]: row["actual"] for row in report.rows}


def parts(report, key="gap_part"):
    return {row["kpi"]: row[key] for row in report.rows if row[key] is not None}


@pytest.fixture
def first_quarter(rep):
    """Ten hand-offs: two not answered, one refused, seven accepted, four of them SQL, two won for 4,000."""
    for _ in range(2):
        LeadFactory(handed_off=True, owner=rep)
    say(LeadFactory(handed_off=True, owner=rep), rep, Outcome.REFUSE, reason="no_need")
    for stage, number in ((Stage.SAL, 3), (Stage.SQL, 2)):
        for _ in range(number):
            LeadFactory(stage=stage, owner=rep)
    for amount in ("1000", "3000"):
        won(amount=amount, owner=rep)


# --- what is counted ----------------------------------------------------------------------------------------


def test_each_figure_is_what_came_in_the_period(marketing, first_quarter):
    LeadFactory.create_batch(3)

    found = actual(scorecard(marketing))

    assert found == {
        "leads": 13,
        "mqls": 10,
        "pipeline": Decimal("28000.00"),
        "follow_up": 0.8,
        "acceptance": 0.875,
        "qualification": pytest.approx(4 / 7, abs=1e-6),
        "winning": 0.5,
        "revenue": Decimal("4000.00"),
    }


def test_a_figure_belongs_to_the_period_in_which_it_happened(marketing, rep):
    """Handed over in the first quarter, qualified and won in the second."""
    lead = LeadFactory(accepted=True, owner=rep, at=datetime(2026, 3, 31, 12, tzinfo=UTC))
    spring = datetime(2026, 4, 2, 12, tzinfo=UTC)
    qualify(lead, rep, at=spring)
    say(lead, rep, Outcome.WON, at=spring, closed_on=spring.date())

    report = scorecard(marketing, now=spring)

    counted = {row["kpi"]: (row["actual"], row["last_actual"]) for row in report.rows}
    assert (counted["leads"], counted["mqls"]) == ((0, 1), (0, 1))
    assert counted["revenue"] == (Decimal("12000.00"), Decimal("0.00"))
    assert counted["winning"] == (1.0, None)


def test_what_sales_found_itself_is_left_out_and_told(marketing, rep):
    lead = LeadFactory(owner=rep)
    move_lead(lead_id=lead.pk, to=Stage.SAL, by=rep.principal, at=NOW)
    qualify(lead, rep)
    say(lead, rep, Outcome.WON, closed_on=NOW.date())

    report = scorecard(marketing)

    assert actual(report)["leads"] == 0
    assert actual(report)["revenue"] == Decimal("0.00")
    assert "Sales also won €12,000 with leads that it found itself: they are left out here." in report.contents.remarks


def test_a_recycled_lead_is_handed_over_twice(marketing, rep):
    lead = LeadFactory(handed_off=True, owner=rep)
    say(lead, rep, Outcome.REFUSE, reason="no_need")
    move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=NOW)

    found = actual(scorecard(marketing))

    assert (found["leads"], found["mqls"], found["follow_up"]) == (1, 2, 0.5)


def test_money_is_converted_and_what_cannot_be_is_told(marketing, rep):
    won(amount="100", currency="USD", owner=rep)
    won(amount="100", currency="GBP", owner=rep)
    ExchangeRate.objects.create(month=date(2026, 3, 1), currency="USD", rate=Decimal("0.9"))

    report = scorecard(marketing)

    assert actual(report)["revenue"] == Decimal("90.00")
    assert "Not in the revenue: 1 wins" in " ".join(report.contents.remarks)


# --- against a target ---------------------------------------------------------------------------------------


def test_the_parts_of_the_gap_stand_beside_their_figures(marketing, head_of_sales, first_quarter):
    agreed(head_of_sales)

    report = scorecard(marketing, now=AFTERWARDS, period="2026-Q1")

    assert parts(report) == {
        "mqls": 0,
        "follow_up": Decimal(-1400),
        "acceptance": 0,
        "qualification": Decimal(800),
        "winning": 0,
        "revenue": Decimal(-2400),
    }
    assert report.totals[0]["gap_part"] == Decimal(-3000)
    stands = {row["kpi"]: row["standing"] for row in report.rows}
    assert stands == {
        "leads": "No target",
        "mqls": "Met",
        "pipeline": "No target",
        "follow_up": "Missed",
        "acceptance": "Met",
        "qualification": "Met",
        "winning": "Met",
        "revenue": "Missed",
    }


def test_a_sentence_says_which_part_missed_and_by_how_much(marketing, head_of_sales, first_quarter):
    agreed(head_of_sales)

    report = scorecard(marketing, now=AFTERWARDS, period="2026-Q1")

    assert report.contents.verdict == (
        "Q1 2026: revenue is €3,000 short of its target. Value per win missed most: that cost €2,400. Also short: "
        "follow-up (€1,400). Ahead: conversion to SQL (€800.00). Together, marketing's side is even, sales' side "
        "€3,000 short."
    )
    assert report.contents.remarks[0] == "Set by Lea Leader on 24 Dec 2025, agreed to by Hans Head on 25 Dec 2025."


def test_the_part_that_missed_most_is_told_with_what_came_and_what_was_agreed(marketing, first_quarter):
    proposed(mqls=10, follow_up=1, acceptance=Decimal("0.875"), qualification=1, winning=Decimal("0.5"), revenue=8000)

    report = scorecard(marketing, now=AFTERWARDS, period="2026-Q1")

    assert "Conversion to SQL missed most, 57.1% instead of 100.0%: " in report.contents.verdict
    assert "Proposed: nobody of sales has agreed to it yet." in report.contents.remarks[0]


def test_in_the_middle_of_a_period_it_is_about_what_was_due_by_now(marketing, head_of_sales, first_quarter):
    """353 of 512 working hours have passed."""
    agreed(head_of_sales)

    report = scorecard(marketing)

    row = line(report, kpi="revenue")
    assert (row["target"], row["due"]) == (Decimal(7000), Decimal("4826.17"))
    assert row["forecast"] == Decimal("5801.70")
    assert (row["standing"], line(report, kpi="mqls")["standing"]) == ("Behind", "Met")
    assert line(report, kpi="mqls")["due"] == 7
    assert sum(parts(report).values()) == Decimal("-826.17") == report.totals[0]["gap_part"]
    assert "short of what was due by now" in report.contents.verdict


def test_the_two_periods_before_stand_beside_it(marketing, head_of_sales, first_quarter):
    agreed(head_of_sales)

    report = scorecard(marketing, now=datetime(2026, 7, 1, 10, tzinfo=UTC))

    row = line(report, kpi="revenue")
    assert (row["actual"], row["last_actual"], row["before_last_actual"]) == (0, 0, Decimal(4000))
    assert (row["before_last_period"], row["before_last_target"]) == ("2026-Q1", Decimal(7000))
    assert parts(report, "before_last_gap_part")["follow_up"] == Decimal(-1400)
    assert any(one.startswith("Q1 2026: revenue is €3,000 short") for one in report.contents.remarks)


def test_without_a_target_it_shows_what_came_and_says_how_to_set_one(marketing, first_quarter):
    report = scorecard(marketing)

    assert report.contents.verdict == (
        "No target is set for the whole company in Q1 2026: these are the figures as they came. Marketing sets one "
        "under Targets, and a sales manager agrees to it."
    )
    assert headline(report)["revenue"] == Decimal("4000.00")
    assert (report.totals, report.empty_because) == ((), "")


def test_before_the_period_begins_nothing_is_missed(marketing, head_of_sales):
    agreed(head_of_sales, "2026-Q2")

    report = scorecard(marketing, period="2026-Q2")

    assert report.contents.verdict == "Q2 2026 has not begun: what is agreed for it stands below."
    assert {row["standing"] for row in report.rows} == {"Not begun", "No target"}


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({"mqls": 10}, "Q1 2026 has no target for revenue: what each figure cost cannot be told."),
        ({"revenue": 7000}, "needs a target for: MQLs handed over, Followed up"),
        ({"revenue": 4000}, "Q1 2026: revenue is exactly its target."),
        ({"revenue": 3999}, "Q1 2026: revenue is €1.00 above its target."),
    ],
)
def test_what_cannot_be_told_says_what_it_needs(marketing, first_quarter, figures, sentence):
    proposed(**figures)

    assert sentence in scorecard(marketing, now=AFTERWARDS, period="2026-Q1").contents.verdict


def test_a_month_has_targets_of_its_own(marketing, first_quarter):
    proposed("2026-03", mqls=20)
    proposed("2026-Q1", mqls=30)

    report = scorecard(marketing, period="2026-03")

    assert line(report, kpi="mqls")["target"] == 20
    assert {one.group for one in report.columns} >= {"Mar 2026", "Feb 2026", "Jan 2026"}


def test_a_wrong_period_is_refused(marketing):
    with pytest.raises(Exception, match="period: “soon” is no quarter and no month"):
        scorecard(marketing, period="soon")


# --- as of a past day, and what stands behind it ------------------------------------------------------------


def test_as_of_a_past_day_it_is_as_it_was_then(marketing, head_of_sales, rep):
    agreed(head_of_sales)
    lead = LeadFactory(accepted=True, owner=rep)
    qualify(lead, rep, at=NOW + 2 * DAY)

    then = scorecard(marketing, now=NOW + 9 * DAY, as_of=NOW.date().isoformat())
    later = scorecard(marketing, now=NOW + 9 * DAY)

    assert (line(then, kpi="qualification")["actual"], line(later, kpi="qualification")["actual"]) == (0.0, 1.0)
    assert headline(then)["passed"] == pytest.approx(45 / 64, abs=1e-6)


def test_each_figure_opens_the_leads_it_counts(marketing, first_quarter):
    entry = find_entry("scorecard", marketing.principal)

    def opened(figure, **given):
        return leads_behind(entry, figure, "", given, principal=marketing.principal, now=NOW).rows

    expected = {"leads": 10, "mqls": 10, "pipeline": 10, "follow_up": 8, "acceptance": 7}
    expected |= {"qualification": 4, "winning": 2, "revenue": 2}
    assert {figure: opened(figure) for figure in expected} == expected
    assert opened("mqls", period="2025-Q4") == 0


def test_a_row_opens_its_own_figure_and_that_of_the_period_before(marketing_client, first_quarter):
    page = marketing_client.get("/reports/scorecard/?period=2026-Q2").content.decode()

    assert 'href="leads/?period=2026-Q1&amp;figure=follow_up"' in page


# --- how it is shown ----------------------------------------------------------------------------------------


def test_the_files_say_of_each_row_what_kind_its_figures_are(marketing, head_of_sales, first_quarter):
    agreed(head_of_sales)
    report = scorecard(marketing, now=AFTERWARDS, period="2026-Q1")

    data = report_data(report)

    rows = {row["kpi"]: (row["kind"], row["actual"], row["target"]) for row in data["rows"]}
    assert rows["mqls"] == ("count", 10, 10)
    assert rows["follow_up"] == ("share", 0.8, 1.0)
    assert rows["revenue"] == ("money", "4000.00", "7000.00")
    assert data["remarks"][0] == report.contents.verdict
    text = render(report).decode()
    assert report.contents.verdict in text
    assert "80.0%" in text
    assert "€7,000" in text


def test_the_pictures_say_what_one_sees(marketing, head_of_sales, first_quarter):
    agreed(head_of_sales)

    standing, growth, gap = scorecard(marketing).charts

    assert "MQLs handed over: 10 of 7." in standing.summary
    assert "4 Mar: €4,000 of €" in growth.summary
    assert growth.data[0].values[:9] == (*[0] * 8, Decimal("4000.00"))  # a week each; the ninth ends today
    assert set(growth.data[0].values[9:]) == {None}
    assert growth.data[1].texts[-1] == "€7,000"
    assert [one.label for one in gap.data] == ["Volume", "Follow-up", "Conversion to SQL", "Value per win"]
    assert gap.data[1].text == "−€1,400"


@pytest.mark.parametrize("by", ["kpi", "team"])
def test_it_takes_the_same_queries_whatever_there_is(marketing, queries_for, rep, sales, west, first_quarter, by):
    entry = find_entry("scorecard", marketing.principal)

    def compute():
        given = {"by": by, "team": "Sales"}
        return entry.compute(select(marketing.principal, entry.parse(given, marketing.principal), NOW))

    proposed(team=west, mqls=3)
    catch_up()
    few = queries_for(compute)
    for team in TeamFactory.create_batch(3, parent=sales):
        won(owner=UserFactory(team=team))
        proposed(team=team, mqls=3)
    catch_up()

    assert queries_for(compute) == few <= 42  # 18 of them ask again which teams are below the chosen one

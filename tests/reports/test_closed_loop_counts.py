from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.undo import undo_disposition
from funnel.models import Campaign, Lead
from reports.engine import find_entry
from reports.facts.refresh import catch_up
from reports.selection import select
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import (
    closed_loop,
    fallen,
    figure,
    figures,
    in_every_end,
    qualify,
    refused_then_won,
    row,
    say,
    spent,
    won,
)

ENDS = ("won", "lost", "no_decision", "disqualified", "open")


def test_each_lead_is_counted_once_where_it_is_now(marketing):
    in_every_end("webinar")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "leads", *ENDS) == (8, 1, 1, 1, 1, 4)


def test_the_ends_of_every_row_add_up_to_its_leads(marketing):
    in_every_end("webinar")
    in_every_end("trade-fair")
    fallen("webinar")

    report = closed_loop(marketing)

    assert [sum(one[end] for end in ENDS) for one in report.rows] == [9, 8]
    assert [one["leads"] for one in report.rows] == [9, 8]


def test_the_total_is_the_sum_of_the_rows(marketing):
    in_every_end("webinar")
    in_every_end("trade-fair")

    report = closed_loop(marketing)

    total = report.totals[0]
    for key in ("leads", "mqls", "sqls", "hand_offs", "accepted", "won", "open"):
        assert total[key] == sum(one[key] for one in report.rows) > 0


def test_mqls_and_sqls_are_leads_that_ever_were(marketing):
    in_every_end("webinar")

    report = closed_loop(marketing)

    # All but the inquiry were handed off; the SQL and the won one were qualified.
    assert figures(report, "webinar", "mqls", "sqls") == (7, 2)


def test_a_lead_handed_off_twice_is_one_mql_with_two_hand_offs(marketing, rep):
    refused_then_won(rep, marketing, "webinar")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "leads", "mqls", "hand_offs", "refused", "accepted", "won") == (1, 1, 2, 1, 1, 1)


def test_rates_divide_what_they_say(marketing, rep):
    refused_then_won(rep, marketing, "webinar")
    LeadFactory(handed_off=True, channel="webinar")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "win_rate", "acceptance_rate") == (0.5, 0.333333)


def test_rates_without_a_denominator_are_unknown(marketing):
    LeadFactory(channel="webinar")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "win_rate", "acceptance_rate", "black_hole_rate") == (None, None, None)


def test_a_qualification_taken_back_was_never_an_sql(marketing, rep):
    lead = LeadFactory(accepted=True, owner=rep, channel="webinar")
    qualify(lead, rep)
    undo_disposition(disposition_id=Disposition.objects.latest("id").pk, by=rep.principal, at=NOW)

    report = closed_loop(marketing)

    assert figures(report, "webinar", "sqls", "open") == (0, 1)


def test_a_lead_that_stepped_back_from_sql_stays_one_that_reached_it(marketing, rep):
    lead = LeadFactory(qualified=True, owner=rep, channel="webinar")
    say(lead, rep, Outcome.STEP_BACK, reason="reassessed")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "sqls") == (1,)


def test_a_win_taken_back_leaves_one_sql(marketing, rep):
    lead = LeadFactory(won=True, owner=rep, channel="webinar")
    undo_disposition(disposition_id=Disposition.objects.latest("id").pk, by=rep.principal, at=NOW)

    report = closed_loop(marketing)

    assert Lead.objects.get(pk=lead.pk).stage == "sql"
    assert figures(report, "webinar", "sqls", "won") == (1, 0)


def test_the_black_hole_is_a_figure_a_column_and_a_line_of_its_own(marketing):
    fallen("webinar")
    LeadFactory(handed_off=True, channel="webinar")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "black_hole", "black_hole_rate", "open") == (1, 0.5, 2)
    assert figure(report, "black_hole").value == 1
    assert [(line["channel"], line["leads"]) for line in report.totals] == [("total", 2), ("black_hole", 1)]


def test_a_lead_that_came_out_of_the_black_hole_is_not_in_it(marketing, rep):
    say(fallen("webinar", owner=rep), rep, Outcome.ACCEPT, at=NOW + timedelta(days=3))

    report = closed_loop(marketing)

    assert figures(report, "webinar", "black_hole", "accepted") == (0, 1)


def test_merged_leads_do_not_count(marketing):
    kept, merged = LeadFactory(channel="webinar"), LeadFactory(channel="webinar")
    Lead.objects.filter(pk=merged.pk).update(merged_into=kept)

    assert figures(closed_loop(marketing), "webinar", "leads") == (1,)


def test_the_largest_channel_comes_first(marketing):
    LeadFactory(channel="webinar")
    LeadFactory.create_batch(2, channel="trade-fair")

    assert [one["channel_name"] for one in closed_loop(marketing).rows] == ["Trade fair", "Webinar"]


def test_by_campaign_each_channel_keeps_a_row_for_leads_without_one(marketing):
    LeadFactory(channel="webinar", campaign="spring")
    LeadFactory.create_batch(2, channel="webinar")

    report = closed_loop(marketing, by="campaign")

    assert row(report, "webinar", campaign="spring")["leads"] == 1
    assert row(report, "webinar", campaign="")["campaign_name"] == "No campaign"
    assert [bar.label for bar in report.chart.data] == ["Webinar, no campaign", "Spring"]


@pytest.mark.parametrize(("since", "to", "leads"), [("2026-03-04", "2026-03-04", 2), ("2026-03-05", "", 1)])
def test_the_period_has_whole_days_of_the_company_whoever_reads_it_where(marketing, settings, since, to, leads):
    settings.TIME_ZONE = "Pacific/Auckland"
    LeadFactory(channel="webinar", at=datetime(2026, 3, 3, 11, 0, tzinfo=UTC))  # midnight in Auckland
    LeadFactory(channel="webinar", at=datetime(2026, 3, 4, 10, 59, tzinfo=UTC))
    LeadFactory(channel="webinar", at=datetime(2026, 3, 4, 11, 0, tzinfo=UTC))

    report = closed_loop(marketing, now=NOW.astimezone(ZoneInfo("America/New_York")), since=since, to=to)

    assert report.totals[0]["leads"] == leads


def test_filters_leave_leads_of_the_team_and_all_below(marketing, sales, west, east):
    for team in (sales, west, east):
        LeadFactory(channel="webinar", team=team)

    assert [closed_loop(marketing, team=name).totals[0]["leads"] for name in ("Sales", "West")] == [3, 1]


def test_filters_leave_one_channel_or_one_campaign(marketing):
    LeadFactory(channel="webinar", campaign="spring")
    LeadFactory(channel="trade-fair", campaign="spring")
    LeadFactory(channel="trade-fair")

    assert closed_loop(marketing, channel="trade-fair").totals[0]["leads"] == 2
    assert closed_loop(marketing, campaign="spring").totals[0]["leads"] == 2


def test_a_filter_that_leaves_nothing_says_why(marketing):
    LeadFactory(channel="webinar")

    report = closed_loop(marketing, since="2026-04-01")

    assert (report.rows, report.totals, report.chart) == ((), (), None)
    assert report.empty_because == (
        "You can see 1 lead, but none fits these filters: from 1 Apr 2026. Widen the period or clear a filter."
    )


def test_a_rep_without_leads_is_told_what_will_come(rep):
    assert closed_loop(rep).empty_because.startswith("No lead is yours")


def test_many_rows_become_twelve_bars_and_the_rest(marketing):
    for number in range(15):
        LeadFactory(channel=f"channel-{number}")

    bars = closed_loop(marketing).chart.data

    assert [bar.label for bar in bars[12:]] == ["3 others"]
    assert sum(bar.total for bar in bars) == 15


def test_the_bars_show_the_black_hole_apart_from_what_is_on_time(marketing):
    fallen("webinar")
    LeadFactory(handed_off=True, channel="webinar")

    (bar,) = closed_loop(marketing).chart.data

    assert [(segment.key, segment.value) for segment in bar.segments] == [("open", 1), ("black_hole", 1)]


def test_fifty_channels_cost_no_more_queries_than_one(marketing, queries_for):
    entry = find_entry("closed-loop", marketing.principal)

    def compute():
        parameters = entry.parse({"by": "campaign"}, marketing.principal)
        return entry.compute(select(marketing.principal, parameters, NOW))

    def grow(channel):
        won(channel, campaign=f"{channel}-campaign")
        fallen(channel)
        spent(channel, "100", "2026-03-01", "2026-03-31")

    grow("webinar")
    catch_up()
    one = queries_for(compute)
    for number in range(49):
        grow(f"channel-{number}")
    catch_up()

    assert queries_for(compute) == one <= 12
    assert Campaign.objects.count() == 50

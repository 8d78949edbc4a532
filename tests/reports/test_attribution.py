"""The attribution report over a company whose deals can be worked out by hand."""

from datetime import timedelta
from decimal import Decimal

import pytest

from dispositions.outcomes import Outcome
from funnel.models import Campaign, Lead, Touch
from funnel.services.merge import merge_leads
from reports.attribution.credit import MODELS
from reports.behind import leads_behind
from reports.engine import UnknownReport, find_entry
from reports.models import ExchangeRate
from reports.parameters import InvalidParameter
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import deal, fallen, figure, figures, qualify, row, say, spent, touched, won

DAY = timedelta(days=1)


def attribution(viewer, **given):
    texts = {"from" if name == "since" else name: text for name, text in given.items()}
    principal = viewer.principal
    return find_entry("attribution", principal).report(texts, principal=principal, now=NOW)


def test_each_model_shares_out_the_revenue_by_its_rule(marketing):
    deal("1000", "webinar", "email", "fair", "ads")

    report = attribution(marketing)

    models = ("first_touch", "last_touch", "linear", "position_40_40_20", "shapley")
    assert figures(report, "webinar", *models) == (1000, 0, 250, 400, 250)
    assert figures(report, "email", *models) == (0, 0, 250, 100, 250)
    assert figures(report, "ads", *models) == (0, 1000, 250, 400, 250)
    # Created, an SQL and closed at the same moment, after the last touch.
    assert figures(report, "ads", "lead_creation", "u_shaped", "w_shaped", "full_path") == (
        1000,
        400,
        600,
        Decimal("675.00"),
    )


def test_markov_learns_from_what_was_lost(marketing, rep):
    deal("300", "webinar", "email")
    deal("300", "email")
    lost = LeadFactory(accepted=True, channel="webinar", owner=rep)
    say(lost, rep, Outcome.LOST, reason="lost_price")

    report = attribution(marketing)

    # Of 3 journeys 2 convert. Without e-mail none does; without webinar the one that began with e-mail still does.
    assert figures(report, "email", "markov", "markov_by_deal") == (400, 500)
    assert figures(report, "webinar", "markov", "markov_by_deal") == (200, 100)


def test_every_column_sums_to_the_revenue_whatever_the_cents(marketing):
    for amount, channels in (("100.01", "abc"), ("0.02", "abca"), ("33.33", "c"), ("7.77", "bca")):
        deal(amount, *channels)
    Touch.objects.filter(lead=won("webinar", "5")).delete()

    report = attribution(marketing)

    for model in MODELS:
        assert sum(one[model] for one in report.rows) == report.totals[0][model] == Decimal("146.13"), model


def test_what_nobody_touched_is_unattributed_and_shown_last(marketing):
    deal("300", "webinar")
    Touch.objects.filter(lead=won("webinar", "100")).delete()

    report = attribution(marketing)

    assert report.rows[-1]["channel"] == "unattributed"
    assert {report.rows[-1][model] for model in MODELS} == {Decimal(100)}
    assert figure(report, "unattributed").value == 0.25


def test_wins_are_credited_in_parts(marketing):
    deal("300", "webinar", "email", "fair")
    deal(None, "webinar")

    report = attribution(marketing, measure="wins")

    assert figures(report, "webinar", "first_touch", "linear") == (2, Decimal("1.34"))
    assert figures(report, "email", "linear") == (Decimal("0.33"),)
    assert report.totals[0]["linear"] == 2


def test_a_win_of_unknown_amount_is_told_and_adds_nothing(marketing):
    deal(None, "webinar")
    deal("200", "webinar")

    report = attribution(marketing)

    assert report.totals[0]["linear"] == 200
    assert any("1 deals have no amount" in one for one in report.contents.remarks)


def test_the_pipeline_has_the_share_of_the_black_hole_as_its_own_row(marketing, rep):
    open_lead = LeadFactory(accepted=True, channel="webinar", owner=rep)
    qualify(open_lead, rep)
    fallen("email", expected_value=Decimal(4000), currency="EUR")

    report = attribution(marketing, measure="pipeline")

    assert figures(report, "webinar", "linear") == (12000,)
    assert (report.totals[0]["linear"], report.totals[1]["linear"]) == (16000, 4000)
    assert report.totals[1]["channel"] == "black_hole"
    assert figure(report, "black_hole_share").value == 0.25


def test_spend_stands_beside_with_the_return_under_the_least_and_the_most_generous_model(marketing):
    deal("1000", "webinar", "email")
    spent("webinar", "100", "2026-03-01", "2026-03-02")

    report = attribution(marketing)

    assert figures(report, "webinar", "spend", "roi_least", "roi_most") == (100, -1, 9)
    assert figures(report, "email", "spend", "roi_least") == (None, None)


def test_by_campaign_each_row_is_a_campaign_in_its_channel(marketing):
    lead = deal("1000", "webinar")
    spring = Campaign.objects.create(slug="spring", name="Spring")
    touched(lead, "webinar", NOW - timedelta(hours=1), campaign=spring)

    report = attribution(marketing, by="campaign")

    assert row(report, "webinar", "spring")["last_touch"] == 1000
    assert row(report, "webinar", "")["first_touch"] == 1000


@pytest.mark.parametrize(
    ("given", "credited"),
    [
        ({}, {"direct": 250, "ads": 250, "email": 250, "fair": 250}),
        ({"exclude": "email"}, {"direct": Decimal("333.33"), "ads": Decimal("333.33"), "fair": Decimal("333.34")}),
        ({"outranked": "direct"}, {"ads": Decimal("333.33"), "email": Decimal("333.33"), "fair": Decimal("333.34")}),
        ({"window": "30"}, {"ads": 500, "direct": 500}),
    ],
)
def test_options_say_which_touches_count(marketing, given, credited):
    spent("ads", "100", "2026-03-01", "2026-03-02")
    lead = deal("1000", "fair", "email", "ads", "direct")
    for channel, days in (("fair", 90), ("email", 60)):
        Touch.objects.filter(lead=lead, channel__slug=channel).update(at=NOW - days * DAY)

    report = attribution(marketing, **given)

    found = {one["channel"]: one["linear"] for one in report.rows if one["linear"]}
    assert {channel: round(amount) for channel, amount in found.items()} == {
        channel: round(amount) for channel, amount in credited.items()
    }
    assert sum(found.values()) == 1000


def test_direct_counts_where_no_paid_channel_touched(marketing):
    spent("ads", "100", "2026-03-01", "2026-03-02")
    deal("1000", "direct", "email")

    assert figures(attribution(marketing, outranked="direct"), "direct", "linear") == (500,)


def test_a_period_is_that_of_the_close(marketing):
    deal("100", "webinar")
    deal("900", "email", at=NOW - 90 * DAY)

    report = attribution(marketing, since="2026-03-01")

    assert report.totals[0]["linear"] == 100
    assert figures(report, "webinar", "linear") == (100,)


def test_other_currencies_are_converted_at_the_rate_of_the_closing_month(marketing):
    ExchangeRate.objects.create(month=NOW.date().replace(day=1), currency="USD", rate=Decimal("0.9"))
    deal("100", "webinar", currency="USD")
    deal("100", "webinar", currency="GBP")

    report = attribution(marketing)

    assert report.totals[0]["linear"] == 90
    assert any("no rate" in one for one in report.contents.remarks)


def test_touches_of_both_count_for_the_survivor_of_a_merge(marketing, admin):
    lead, other = deal("1000", "webinar"), LeadFactory(channel="email", at=NOW - 9 * DAY)
    merge_leads(winner_id=lead.pk, loser_id=other.pk, by=admin.principal, at=NOW)

    assert figures(attribution(marketing), "email", "first_touch", "linear") == (1000, 500)


def test_it_says_how_far_the_models_agree(marketing):
    deal("1000", "webinar", "email")
    deal("100", "fair")

    report = attribution(marketing)

    assert -1 <= figure(report, "agreement").value < 1
    assert any("agree least: rank correlation" in one for one in report.contents.remarks)
    assert any("They differ most about" in one for one in report.contents.remarks)


def test_figures_open_the_deals_that_the_channel_touched(marketing):
    first, _ = deal("1000", "webinar", "email"), deal("100", "fair")
    Touch.objects.filter(lead=won("webinar", "5")).delete()
    attribution(marketing)
    entry = find_entry("attribution", marketing.principal)

    def behind(row):
        return leads_behind(entry, "linear", row, {}, principal=marketing.principal, now=NOW).leads

    assert list(behind("email")) == [first]
    assert behind("unattributed").count() == 1
    assert behind("").count() == 3


def test_by_campaign_figures_open_the_deals_that_the_campaign_touched(marketing):
    without, with_one = deal("1000", "webinar"), deal("100", "fair")
    Touch.objects.filter(lead=with_one).update(campaign=Campaign.objects.create(slug="spring", name="Spring"))
    attribution(marketing, by="campaign")
    entry = find_entry("attribution", marketing.principal)

    def behind(row):
        return leads_behind(entry, "linear", row, {"by": "campaign"}, principal=marketing.principal, now=NOW).leads

    assert (list(behind("spring")), list(behind("-"))) == ([with_one], [without])


def test_a_manager_sees_the_deals_of_his_teams(manager, rep, eastern_rep):
    deal("1000", "webinar", owner=rep)
    deal("77", "email", owner=eastern_rep)
    Lead.objects.filter(owner=rep).update(team=rep.team)

    assert attribution(manager).totals[0]["linear"] == 1000


def test_it_is_not_for_reps(rep):
    with pytest.raises(UnknownReport):
        find_entry("attribution", rep.principal)


def test_a_parameter_that_cannot_be_is_refused(marketing):
    with pytest.raises(InvalidParameter, match="window: “7” is not possible"):
        attribution(marketing, window="7")


def test_without_deals_it_says_why_it_is_empty(marketing):
    LeadFactory()

    report = attribution(marketing)

    assert report.rows == ()
    assert "nothing of what this report counts" in report.empty_because


@pytest.mark.parametrize("measure", ["revenue", "wins", "pipeline"])
def test_it_takes_the_same_number_of_queries_whatever_the_size(marketing, queries_for, measure):
    deal("10", "webinar", "email")
    attribution(marketing)
    one = queries_for(lambda: attribution(marketing, measure=measure))
    for number in range(5):
        deal("10", "webinar", "email", f"channel-{number}")

    attribution(marketing)
    assert queries_for(lambda: attribution(marketing, measure=measure)) == one

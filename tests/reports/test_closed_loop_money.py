from datetime import timedelta
from decimal import Decimal

import pytest

from funnel.models import Campaign, Touch
from tests.factories import NOW, LeadFactory
from tests.reports.worlds import closed_loop, fallen, figure, figures, row, spent, touched, won

# --- revenue --------------------------------------------------------------------------------------------------


def test_revenue_is_the_amount_of_the_won_leads(marketing):
    won("webinar", "1000.50")
    won("webinar", "200")
    LeadFactory(qualified=True, channel="webinar")  # has an amount, but is not won

    assert figures(closed_loop(marketing), "webinar", "revenue") == (Decimal("1200.50"),)


def test_a_win_of_unknown_amount_is_counted_and_not_zero(marketing):
    won("webinar", None)

    report = closed_loop(marketing)

    assert figures(report, "webinar", "won", "revenue", "unknown_amounts") == (1, None, 1)
    assert figure(report, "revenue").note == "1 of unknown amount"


def test_known_amounts_are_summed_beside_unknown_ones(marketing):
    won("webinar", None)
    won("webinar", "300")

    assert figures(closed_loop(marketing), "webinar", "revenue", "unknown_amounts") == (Decimal(300), 1)


def test_no_win_is_no_revenue(marketing):
    LeadFactory(channel="webinar")

    assert figures(closed_loop(marketing), "webinar", "revenue", "unknown_amounts") == (Decimal(0), 0)


def test_another_currency_is_shown_apart_and_never_summed(marketing):
    won("webinar", "300")
    won("webinar", "900", currency="USD")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "revenue", "other_currency_wins") == (Decimal(300), 1)
    assert (figure(report, "revenue_usd").value, figure(report, "revenue_usd").currency) == (Decimal(900), "USD")


def test_the_reporting_currency_is_a_setting(marketing, settings):
    settings.REPORTING_CURRENCY = "USD"
    won("webinar", "300")
    won("webinar", "900", currency="USD")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "revenue") == (Decimal(900),)
    assert {one.currency for one in report.columns if one.kind == "money"} == {"USD"}


# --- touches --------------------------------------------------------------------------------------------------


def test_first_and_last_touch_revenue_go_to_the_channels_of_those_touches(marketing):
    lead = won("webinar", "1000")
    touched(lead, "paid-search", NOW - timedelta(days=9))
    touched(lead, "email", NOW - timedelta(days=1))
    Touch.objects.filter(lead=lead, channel__slug="webinar").update(at=NOW - timedelta(days=5))

    report = closed_loop(marketing)

    assert figures(report, "webinar", "revenue", "first_touch_revenue", "last_touch_revenue") == (1000, 0, 0)
    assert figures(report, "paid-search", "leads", "first_touch_revenue") == (0, Decimal(1000))
    assert figures(report, "email", "leads", "last_touch_revenue") == (0, Decimal(1000))


def test_of_two_touches_at_once_the_earlier_recorded_is_first(marketing):
    lead = won("webinar", "1000")
    Touch.objects.filter(lead=lead).delete()
    touched(lead, "paid-search", NOW)
    touched(lead, "email", NOW)

    report = closed_loop(marketing)

    assert figures(report, "paid-search", "first_touch_revenue", "last_touch_revenue") == (1000, 0)
    assert figures(report, "email", "first_touch_revenue", "last_touch_revenue") == (0, 1000)


def test_touches_after_the_close_earn_nothing(marketing):
    lead = won("webinar", "1000")
    touched(lead, "email", NOW + timedelta(seconds=1))

    assert figures(closed_loop(marketing), "webinar", "first_touch_revenue", "last_touch_revenue") == (1000, 1000)


def test_a_win_without_touches_is_unattributed_and_shown_last(marketing):
    lead = won("webinar", "1000")
    Touch.objects.filter(lead=lead).delete()

    report = closed_loop(marketing)

    assert report.rows[-1]["channel"] == "unattributed"
    assert figures(report, "unattributed", "leads", "revenue", "first_touch_revenue") == (0, 0, Decimal(1000))


def test_each_kind_of_revenue_sums_to_the_same_total(marketing):
    for amount in ("10.01", "20.02", "0.97"):
        touched(won("webinar", amount), "email", NOW - timedelta(days=1))
    Touch.objects.filter(lead=won("trade-fair", "5")).delete()

    total = closed_loop(marketing).totals[0]

    kinds = ("revenue", "first_touch_revenue", "last_touch_revenue")
    assert [total[kind] for kind in kinds] == [Decimal("36.00")] * 3


def test_by_campaign_the_touchs_own_campaign_earns(marketing):
    lead = won("webinar", "1000")
    spring = Campaign.objects.create(slug="spring", name="Spring")
    touched(lead, "email", NOW - timedelta(days=3), campaign=spring)

    report = closed_loop(marketing, by="campaign")

    assert row(report, "email", "spring")["first_touch_revenue"] == 1000
    assert row(report, "webinar", "")["last_touch_revenue"] == 1000


# --- the Black Hole -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worth", "value"),
    [
        ({"amount": Decimal(500), "expected_value": Decimal(200), "currency": "EUR"}, 500),
        ({"expected_value": Decimal(200), "currency": "EUR"}, 200),
        ({"expected_value": Decimal(200)}, 200),
        ({}, 70),
    ],
    ids=["its amount", "its expected value", "in no named currency", "its campaign's"],
)
def test_a_lead_in_the_black_hole_is_worth_the_best_that_is_known(marketing, worth, value):
    fallen("webinar", campaign="spring", **worth)
    Campaign.objects.update(expected_value=Decimal(70), currency="EUR")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "black_hole_value", "black_hole_estimated") == (Decimal(value), 0)


def test_without_any_value_its_channels_experience_is_the_estimate(marketing):
    won("webinar", "900")
    won("webinar", "1100")
    LeadFactory(handed_off=True, channel="webinar")
    fallen("webinar")

    report = closed_loop(marketing)

    # 1,000 on average, won by 2 of 4 hand-offs.
    assert figures(report, "webinar", "black_hole_value", "black_hole_estimated") == (Decimal(500), 1)
    assert figure(report, "black_hole_value").note == "1 estimated"


def test_experience_older_than_twelve_months_does_not_count(marketing):
    won("webinar", "900", at=NOW - timedelta(days=366))
    fallen("webinar")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "black_hole", "black_hole_value", "black_hole_unknown") == (1, None, 1)


def test_an_estimate_is_the_same_whatever_the_period(marketing):
    won("webinar", "1000", at=NOW - timedelta(days=30))
    fallen("webinar")

    report = closed_loop(marketing, since=NOW.date().isoformat())

    assert figures(report, "webinar", "leads", "black_hole_value") == (1, Decimal(500))


def test_another_channels_experience_is_no_estimate(marketing):
    won("trade-fair", "900")
    fallen("webinar")

    assert figures(closed_loop(marketing), "webinar", "black_hole_value", "black_hole_unknown") == (None, 1)


def test_a_value_in_another_currency_is_left_out_and_shown_apart(marketing):
    fallen("webinar", amount=Decimal(500), currency="USD")
    fallen("webinar", amount=Decimal(30), currency="EUR")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "black_hole", "black_hole_value", "black_hole_unknown") == (2, 30, 1)
    assert figure(report, "black_hole_value_usd").value == 500


# --- spend ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "to", "spend"),
    [
        ("2026-02-01", "2026-02-28", "280"),
        ("2026-02-15", "2026-02-28", "140"),
        ("2026-02-28", "2026-03-31", "10"),
        ("", "2026-02-01", "10"),
        ("", "", "280"),
    ],
)
def test_spend_is_prorated_by_day(marketing, since, to, spend):
    spent("webinar", "280", "2026-02-01", "2026-02-28")
    LeadFactory(channel="webinar")

    report = closed_loop(marketing, since=since, to=to)

    assert figures(report, "webinar", "spend") == (Decimal(spend),)


def test_spend_planned_after_today_is_not_spent(marketing):
    spent("webinar", "310", "2026-03-01", "2026-03-31")

    assert figures(closed_loop(marketing), "webinar", "leads", "spend") == (0, Decimal(40))


def test_costs_divide_the_spend_of_the_row(marketing):
    won("webinar", "1500")
    LeadFactory.create_batch(2, channel="webinar")
    spent("webinar", "1000", "2026-02-01", "2026-02-28")

    report = closed_loop(marketing)

    costs = ("cost_per_lead", "cost_per_mql", "cost_per_sql", "cost_per_win", "roi")
    assert figures(report, "webinar", *costs) == (Decimal("333.33"), 1000, 1000, 1000, 0.5)


def test_costs_of_nothing_are_unknown(marketing):
    LeadFactory(channel="webinar")
    spent("webinar", "100", "2026-02-01", "2026-02-28")

    costs = ("cost_per_lead", "cost_per_mql", "cost_per_sql", "cost_per_win", "roi")
    assert figures(closed_loop(marketing), "webinar", *costs) == (Decimal(100), None, None, None, -1.0)


def test_a_channel_without_recorded_spend_has_an_unknown_one(marketing):
    won("webinar")

    assert figures(closed_loop(marketing), "webinar", "spend", "cost_per_lead", "roi") == (None, None, None)


def test_spend_in_another_currency_is_shown_apart(marketing):
    spent("webinar", "100", "2026-02-01", "2026-02-28", currency="USD")
    spent("webinar", "50", "2026-02-01", "2026-02-28")

    report = closed_loop(marketing)

    assert figures(report, "webinar", "spend") == (Decimal(50),)
    assert figure(report, "spend_usd").value == 100


def test_spend_follows_the_channel_and_campaign_asked_for(marketing):
    LeadFactory(channel="webinar", campaign="spring")
    spring = Campaign.objects.get()
    spent("webinar", "100", "2026-02-01", "2026-02-28", campaign=spring)
    spent("webinar", "50", "2026-02-01", "2026-02-28")
    spent("email", "7", "2026-02-01", "2026-02-28")

    assert closed_loop(marketing, channel="webinar").totals[0]["spend"] == 150
    assert closed_loop(marketing, campaign="spring").totals[0]["spend"] == 100
    assert row(closed_loop(marketing, by="campaign"), "webinar", "")["spend"] == 50


def test_the_companys_spend_is_not_set_against_one_teams_leads(marketing, manager, west):
    LeadFactory(channel="webinar", team=west)
    spent("webinar", "100", "2026-02-01", "2026-02-28")

    assert closed_loop(manager).totals[0]["spend"] is None
    assert closed_loop(marketing, team="West").totals[0]["spend"] is None
    assert figure(closed_loop(manager), "spend").note == "only known for the whole company"

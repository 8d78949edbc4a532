"""Campaigns, what they brought, and what they cost month by month."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from dispositions.marketing.campaign_forms import read_amount
from funnel.models import Campaign, Channel, Spend
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db

MARCH = {"starts_on": date(2026, 3, 1), "ends_on": date(2026, 3, 31)}


@pytest.fixture
def search():
    return Channel.objects.create(slug="paid-search", name="Paid search")


@pytest.fixture
def spring(search):
    return Campaign.objects.create(slug="spring", name="Spring", channel=search, currency="EUR")


def spend(campaign, amount, currency="EUR", **days):
    return Spend.objects.create(
        channel=campaign.channel, campaign=campaign, amount=amount, currency=currency, **(days or MARCH)
    )


# --- the list -----------------------------------------------------------------------------------------------


def test_each_campaign_tells_what_it_brought_and_what_it_cost(marketing_client, spring, rep):
    LeadFactory(campaign="spring")
    LeadFactory(campaign="spring", handed_off=True, owner=rep)
    LeadFactory(campaign="spring", won=True, owner=rep)
    spend(spring, 1200)
    spend(spring, 300, "USD")

    row = marketing_client.get("/campaigns/").context["rows"][0]

    assert (row.leads, row.mqls, row.won) == (3, 2, 1)
    assert [(one.amount, one.currency) for one in row.spent] == [(1200, "EUR"), (300, "USD")]


def test_a_manager_counts_his_own_leads_and_edits_nothing(manager_client, rep, spring):
    LeadFactory(campaign="spring", handed_off=True, owner=rep)
    LeadFactory(campaign="spring", handed_off=True, owner=UserFactory())

    page = manager_client.get("/campaigns/")

    assert page.context["rows"][0].leads == 1
    assert "New campaign" not in page.content.decode()


def test_the_list_is_narrowed_by_channel_and_name(marketing_client, spring):
    other = Campaign.objects.create(slug="autumn", name="Autumn fair")

    def found(query):
        return [row.campaign for row in marketing_client.get(f"/campaigns/{query}").context["rows"]]

    assert found("?channel=paid-search") == [spring]
    assert found("?q=fair") == [other]
    assert found("?q=nothing") == []
    assert "No campaign fits" in marketing_client.get("/campaigns/?q=nothing").content.decode()


def test_an_empty_list_says_how_it_fills(marketing_client, manager_client):
    assert "Add the first one" in marketing_client.get("/campaigns/").content.decode()
    assert "Marketing has not added one" in manager_client.get("/campaigns/").content.decode()


@pytest.mark.parametrize("address", ["/campaigns/", "/campaigns/spend/?from=2026-01"])
def test_the_pages_cost_no_more_for_many_campaigns_than_for_one(marketing_client, spring, queries_for, address):
    spend(spring, 10)
    LeadFactory(campaign="spring")
    one = queries_for(lambda: marketing_client.get(address))
    for number in range(9):
        spend(Campaign.objects.create(slug=f"c{number}", name=f"C {number}", channel=spring.channel), 10)
        LeadFactory(campaign=f"c{number}")

    assert queries_for(lambda: marketing_client.get(address)) == one


# --- one campaign -------------------------------------------------------------------------------------------


def terms(search, **given):
    return {"name": "Spring", "slug": "spring", "channel": search.pk, "currency": "eur"} | given


def test_a_campaign_is_created_and_changed(marketing_client, search):
    answer = marketing_client.post("/campaigns/new/", terms(search, expected_value="18000", starts_on="2026-03-01"))
    campaign = Campaign.objects.get()
    assert answer.url == f"/campaigns/{campaign.pk}/"
    assert (campaign.currency, campaign.expected_value, campaign.starts_on) == ("EUR", 18000, date(2026, 3, 1))

    marketing_client.post(reverse("campaign-edit", args=[campaign.pk]), terms(search, name="Spring fair"))
    assert Campaign.objects.get().name == "Spring fair"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"slug": "taken"}, "There is a campaign “taken” already"),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "It ends before it starts."),
        ({"expected_value": "100", "currency": ""}, "Give the currency"),
        ({"currency": "Euro"}, "at most 3 characters"),
        ({"currency": "E1"}, "Give three letters"),
        ({"slug": "spring fair"}, "Enter a valid “slug”"),
        ({"channel": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_with_a_campaign_is_said_and_the_input_kept(marketing_client, search, given, said):
    Campaign.objects.create(slug="taken", name="Taken")

    answer = marketing_client.post("/campaigns/new/", terms(search, name="My very own", **given))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "My very own" in answer.content.decode()
    assert Campaign.objects.count() == 1


# --- spend by month -----------------------------------------------------------------------------------------


def cell(page, campaign, month):
    rows = page.context["grid"].rows
    row = next(row for row in rows if row.campaign == campaign)
    return next(one for one in row.cells if f"{one.month:%Y-%m}" == month)


def save(client, **given):
    return client.post("/campaigns/spend/?from=2026-01", given)


def test_an_amount_for_a_month_is_one_row_over_its_days(marketing_client, spring):
    key = f"{spring.channel_id}-{spring.pk}"

    answer = save(marketing_client, **{f"m-{key}-2026-03": "1,200", f"c-{key}": "EUR"})

    assert answer.status_code == 302
    row = Spend.objects.get()
    assert (row.starts_on, row.ends_on, row.amount, row.currency) == (*MARCH.values(), 1200, "EUR")
    assert (row.channel, row.campaign) == (spring.channel, spring)


def test_a_month_is_changed_and_emptied_where_it_stands(marketing_client, spring):
    row, key = spend(spring, 1200), f"{spring.channel_id}-{spring.pk}"

    save(marketing_client, **{f"m-{key}-2026-03": "1300.50", f"was-m-{key}-2026-03": "1200"})
    row.refresh_from_db()
    assert row.amount == Decimal("1300.50")

    save(marketing_client, **{f"m-{key}-2026-03": "", f"was-m-{key}-2026-03": "1300.50"})
    assert not Spend.objects.exists()


def test_a_month_that_was_not_touched_keeps_what_a_colleague_wrote_meanwhile(marketing_client, spring):
    row, key = spend(spring, 999), f"{spring.channel_id}-{spring.pk}"

    save(marketing_client, **{f"m-{key}-2026-03": "1200", f"was-m-{key}-2026-03": "1200", f"m-{key}-2026-04": "5"})

    row.refresh_from_db()
    assert row.amount == 999
    assert Spend.objects.count() == 2


def test_another_currency_goes_for_every_month_of_the_row(marketing_client, spring):
    spend(spring, 1200)
    key = f"{spring.channel_id}-{spring.pk}"

    save(marketing_client, **{f"c-{key}": "usd", f"was-c-{key}": "EUR"})

    assert Spend.objects.get().currency == "USD"


def test_other_days_than_a_month_show_their_share_and_are_left_alone(marketing_client, spring):
    spend(spring, 1200)
    other = spend(spring, 600, starts_on=date(2026, 3, 16), ends_on=date(2026, 4, 14))
    page = marketing_client.get("/campaigns/spend/?from=2026-01")

    march = cell(page, spring, "2026-03")

    assert (march.was, [(one.spend, one.amount) for one in march.parts]) == ("1200", [(other, 320)])
    assert [one.amount for one in cell(page, spring, "2026-04").parts] == [280]
    assert [(one.amount, one.currency) for one in page.context["grid"].totals[2]] == [(1520, "EUR")]
    key = f"{spring.channel_id}-{spring.pk}"
    save(marketing_client, **{f"m-{key}-2026-03": "1", f"was-m-{key}-2026-03": "1200"})
    other.refresh_from_db()
    assert other.amount == 600


def test_currencies_are_never_added(marketing_client, spring):
    spend(spring, 100, "USD")
    spend(spring, 1200)

    totals = marketing_client.get("/campaigns/spend/?from=2026-01").context["grid"].totals[2]

    assert [(one.amount, one.currency) for one in totals] == [(1200, "EUR"), (100, "USD")]


def test_a_wrong_amount_saves_nothing_and_keeps_all_that_was_typed(marketing_client, spring):
    key = f"{spring.channel_id}-{spring.pk}"

    answer = save(marketing_client, **{f"m-{key}-2026-03": "lots", f"m-{key}-2026-04": "77"})

    assert answer.status_code == 422
    assert cell(answer, spring, "2026-03").error.startswith("“lots” is no amount")
    assert cell(answer, spring, "2026-04").value == "77"
    assert not Spend.objects.exists()


def test_a_manager_reads_the_months_and_changes_none(manager_client, spring):
    spend(spring, 1200)
    key = f"{spring.channel_id}-{spring.pk}"

    assert "spend-amount" not in manager_client.get("/campaigns/spend/?from=2026-01").content.decode()
    assert save(manager_client, **{f"m-{key}-2026-03": "1"}).status_code == 403


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", None),
        ("1200", "1200"),
        ("1,200", "1200"),
        ("1 200.50", "1200.50"),
        ("1.200,50", "1200.50"),
        ("12,5", "12.5"),
    ],
)
def test_amounts_are_read_as_people_write_them(text, amount):
    assert read_amount(text) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("text", ["lots", "-1", "1.234", "NaN", "1e3000", "9" * 13, "1,20,0"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"amount|digits"):
        read_amount(text)


@pytest.mark.parametrize("query", ["?from=x", "?from=0000-01", "?from=9999-12", "?channel=none", "?page=99"])
def test_made_up_months_still_answer(marketing_client, spring, query):
    assert marketing_client.get(f"/campaigns/spend/{query}").status_code == 200


# --- one entry ----------------------------------------------------------------------------------------------


def test_spend_over_any_days_is_kept_changed_and_taken_out(marketing_client, spring):
    given = {"channel": spring.channel_id, "campaign": spring.pk, "amount": "50", "currency": "EUR"}
    days = {"starts_on": "2026-03-05", "ends_on": "2026-03-07"}

    answer = marketing_client.post("/campaigns/spend/new/", given | days)
    row = Spend.objects.get()
    assert (answer.url, row.ends_on) == (f"/campaigns/{spring.pk}/", date(2026, 3, 7))

    marketing_client.post(reverse("spend-edit", args=[row.pk]), given | days | {"amount": "60"})
    assert Spend.objects.get().amount == 60

    marketing_client.post(reverse("spend-delete", args=[row.pk]))
    assert not Spend.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"ends_on": "2026-03-01"}, "It ends before it starts."),
        ({"amount": "-1"}, "greater than or equal to 0"),
        ({"channel": "other"}, "belongs to the channel Paid search"),
    ],
)
def test_an_entry_that_cannot_be_is_shown_again(marketing_client, spring, given, said):
    other = Channel.objects.create(slug="fair", name="Fair")
    right = {"channel": spring.channel_id, "campaign": spring.pk, "amount": "50", "currency": "EUR"}
    days = {"starts_on": "2026-03-05", "ends_on": "2026-03-07"}
    wrong = {name: other.pk if text == "other" else text for name, text in given.items()}

    answer = marketing_client.post("/campaigns/spend/new/", right | days | wrong)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Spend.objects.exists()

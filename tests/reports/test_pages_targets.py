"""/targets/: marketing sets, sales agrees, everybody of both sees whose names are on it."""

from decimal import Decimal
from html import unescape

import pytest

from reports.models import Target
from tests.conftest import signed_in
from tests.reports.scorecard.targets import agreed, leader, proposed

pytestmark = pytest.mark.django_db

PAGE = "/targets/?period=2026-Q1"
EDIT = "/targets/edit/?period=2026-Q1"


@pytest.fixture
def leader_client(db):
    return signed_in(leader())


@pytest.fixture
def signer_client(head_of_sales):
    head_of_sales.can_sign = True
    head_of_sales.save()
    return signed_in(head_of_sales)


def told(page):
    return [str(message) for message in page.context["messages"]]


def words(page):
    return unescape(page.content.decode())


# --- the page -----------------------------------------------------------------------------------------------


def test_an_empty_page_tells_a_leader_what_to_do(leader_client, west):
    page = words(leader_client.get(PAGE))

    assert "Set those of Q1 2026 below, or copy the ones of Q4 2025." in page
    assert 'href="/targets/edit/?period=2026-Q1"' in page
    assert f"/targets/edit/?period=2026-Q1&team={west.pk}" in page


@pytest.mark.parametrize("client_name", ["manager_client", "marketing_client", "admin_client"])
def test_an_empty_page_tells_everybody_else_who_sets_them(request, client_name):
    page = words(request.getfixturevalue(client_name).get(PAGE))

    assert "A marketing leader sets them" in page
    assert "/targets/edit/" not in page


def test_each_target_is_shown_with_the_names_on_it(marketing_client, head_of_sales, west):
    agreed(head_of_sales)
    proposed(team=west, mqls=4, winning=Decimal("0.25"))

    answer = marketing_client.get(PAGE)

    rows = {row.label: {cell.label: cell.text for cell in row.cells} for row in answer.context["rows"]}
    assert rows["The whole company"]["Revenue"] == "€7,000"
    assert rows["The whole company"]["Accepted"] == "87.5%"
    assert (rows["West"]["MQLs handed over"], rows["West"]["SQL to won"], rows["West"]["Leads"]) == ("4", "25.0%", "–")
    page = words(answer)
    assert "Lea Leader, Hans Head" in page
    assert "Lea Leader, nobody of sales yet" in page


def test_a_manager_sees_the_company_and_his_own_teams(manager_client, west, east):
    proposed(team=west, mqls=4)
    proposed(team=east, mqls=4)

    rows = manager_client.get(PAGE).context["rows"]

    assert [row.label for row in rows] == ["The whole company", "West"]


def test_without_a_period_it_is_the_present_quarter_and_a_wrong_one_is_not_found(marketing_client):
    assert marketing_client.get("/targets/").context["period"].months == 3
    assert marketing_client.get("/targets/?period=soon").status_code == 404
    assert marketing_client.get("/targets/?period=2026-02").context["period"].code == "2026-02"


def test_the_scorecard_leads_to_it(marketing_client):
    assert 'href="/targets/"' in words(marketing_client.get("/reports/scorecard/"))


# --- setting ------------------------------------------------------------------------------------------------


def test_a_leader_sets_targets_as_he_writes_numbers(leader_client):
    user = leader()
    user.formats = "en-de"
    user.save()
    typed = {"seen": "0", "mqls": "1.250", "revenue": "1.000.000,50", "acceptance": "87,5"}

    answer = leader_client.post(EDIT, typed, follow=True)

    target = Target.objects.get()
    assert (target.mqls, target.revenue, target.acceptance) == (1250, Decimal("1000000.50"), Decimal("0.875"))
    assert (target.team, target.marketing, target.leads) == (None, user, None)
    assert told(answer) == ["Q1 2026, the whole company: saved. Proposed to sales."]


def test_what_is_set_stands_in_the_form_and_says_that_sales_has_to_agree_again(leader_client, head_of_sales, west):
    agreed(head_of_sales, team=west)

    page = words(leader_client.get(f"{EDIT}&team={west.pk}"))

    assert 'value="87.50"' in page
    assert 'value="7,000"' in page
    assert "Hans Head has agreed to it: what you change has to be agreed to again." in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Give at least one target."),
        ({"mqls": "0"}, "greater than or equal to 1"),
        ({"mqls": "1.5"}, "no more than 0 decimal places"),
        ({"mqls": "many"}, "Enter a number."),
        ({"winning": "101"}, "less than or equal to 100"),
        ({"winning": "0"}, "greater than or equal to 1"),
        ({"revenue": "-1"}, "greater than or equal to 0"),
        ({"revenue": "9" * 20}, "no more than 14 digits"),
        ({"revenue": "nan"}, "Enter a number."),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_beside_its_field(leader_client, typed, sentence):
    answer = leader_client.post(EDIT, {"seen": "0"} | typed)

    assert (answer.status_code, Target.objects.count()) == (422, 0)
    assert sentence in words(answer)


def test_what_was_changed_meanwhile_is_shown_and_not_overwritten(leader_client):
    proposed(mqls=10)

    answer = leader_client.post(EDIT, {"seen": "0", "mqls": "99"}, follow=True)

    assert Target.objects.get().mqls == 10
    assert "nothing of yours was saved" in told(answer)[0]
    assert 'value="10"' in words(answer)


@pytest.mark.parametrize("address", ["/targets/edit/?period=2026-Q1&team=x", "/targets/edit/?team=987654321"])
def test_a_team_that_is_none_is_not_found(leader_client, address):
    assert leader_client.get(address).status_code == 404


def test_those_of_the_quarter_before_are_copied(leader_client, head_of_sales):
    agreed(head_of_sales, "2025-Q4")

    answer = leader_client.post("/targets/copy/", {"period": "2026-Q1"}, follow=True)

    assert told(answer) == ["1 copied to Q1 2026, proposed to sales."]
    assert [row.target.is_agreed for row in answer.context["rows"] if row.target] == [False]


def test_with_nothing_to_copy_it_says_so(leader_client):
    answer = leader_client.post("/targets/copy/", {"period": "2026-Q1"}, follow=True)

    assert told(answer) == ["No target is set for Q4 2025: there is nothing to copy."]


# --- agreeing -----------------------------------------------------------------------------------------------


def test_a_head_of_sales_agrees_by_name(signer_client, head_of_sales):
    target = proposed()
    assert "Agree" in words(signer_client.get(PAGE))

    answer = signer_client.post(f"/targets/{target.pk}/confirm/", {"seen": "1"}, follow=True)

    target.refresh_from_db()
    assert target.sales == head_of_sales
    assert told(answer) == ["Q1 2026, the whole company: you have agreed."]


@pytest.mark.parametrize("seen", ["", "0", "2", "one", "٣", "9" * 30])
def test_he_agrees_to_what_he_has_read_alone(signer_client, seen):
    target = proposed()

    answer = signer_client.post(f"/targets/{target.pk}/confirm/", {"seen": seen}, follow=True)

    target.refresh_from_db()
    assert not target.is_agreed
    assert "since you opened it" in told(answer)[0]


def test_marketing_does_not_agree_for_sales(leader_client):
    target = proposed()

    assert leader_client.post(f"/targets/{target.pk}/confirm/", {"seen": "1"}).status_code == 403
    target.refresh_from_db()
    assert not target.is_agreed


def test_a_manager_without_the_right_to_sign_does_not_agree_for_the_company(manager_client):
    target = proposed()

    assert manager_client.post(f"/targets/{target.pk}/confirm/", {"seen": "1"}).status_code == 403


def test_one_target_shows_who_did_what_and_what_was_before(leader_client, head_of_sales):
    target = agreed(head_of_sales)
    leader_client.post(EDIT, {"seen": "1", "mqls": "12", "revenue": "7000"})

    answer = leader_client.get(f"/targets/{target.pk}/")

    changes = [(row.change.kind, row.change.by.name) for row in answer.context["changes"]]
    assert changes == [("changed", "Lea Leader"), ("confirmed", "Hans Head"), ("set", "Lea Leader")]
    differences = {one.label: (one.before, one.after) for one in answer.context["changes"][0].differences}
    assert differences["MQLs handed over"] == ("10", "12")
    assert differences["Followed up"] == ("100.0%", "–")
    assert "Revenue" not in differences


def test_it_is_not_for_reps(rep_client):
    assert rep_client.get(PAGE).status_code == 403


def test_the_page_takes_the_same_queries_for_any_number_of_teams(leader_client, queries_for, west, east):
    few = queries_for(lambda: leader_client.get(PAGE))
    for team in (west, east):
        proposed(team=team, mqls=3)

    assert queries_for(lambda: leader_client.get(PAGE)) == few

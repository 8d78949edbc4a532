"""/leads/: what each filter leaves, the order, the pages, saved views, and what is done to the chosen ones."""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.utils import timezone

from accounts.models import SavedView
from dispositions.leads import listing
from funnel.inputs import CompanyInput
from funnel.lifecycle import Stage
from funnel.models import Lead, Reason
from funnel.sweep import run_sweep
from tests.conftest import signed_in
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db


def shown(client, query="", **headers):
    """The last names in their order."""
    answer = client.get(f"/leads/{query}", **headers)
    assert answer.status_code == 200, answer.content.decode()
    listing = answer.context["listing"]
    return [row.lead.last_name for row in listing.rows]


def text_of(answer):
    return unescape(answer.content.decode())


@pytest.fixture
def leads(rep, eastern_rep, west):
    """By last name: one of nearly every kind."""
    now = timezone.now()
    old = now - timedelta(days=40)
    made = [
        LeadFactory(last_name="Late", handed_off=True, owner=rep, at=old),
        LeadFactory(last_name="Fresh", handed_off=True, owner=rep, at=now),
        LeadFactory(last_name="Sold", won=True, owner=eastern_rep, at=now - timedelta(days=3)),
        LeadFactory(last_name="Pool", stage=Stage.MQL, owner=None, team=west, at=now, channel="webinar"),
        LeadFactory(
            last_name="German",
            company=CompanyInput(name="Eins", country="DE"),
            campaign="spring",
            at=now - timedelta(1),
        ),
    ]
    run_sweep(now=now)
    return {lead.last_name: lead for lead in made}


# --- filters ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?stage=mql", {"Late", "Fresh", "Pool"}),
        ("?stage=won", {"Sold"}),
        ("?stage=open", {"Late", "Fresh", "Pool", "German"}),
        ("?stage=sales", {"Late", "Fresh", "Pool"}),
        ("?stage=closed", {"Sold"}),
        ("?owner={rep}", {"Late", "Fresh"}),
        ("?owner=none", {"Pool", "German"}),
        ("?team={west}", {"Late", "Fresh", "Pool"}),
        ("?team={sales}", {"Late", "Fresh", "Pool", "Sold"}),
        ("?channel=webinar", {"Pool"}),
        ("?campaign=spring", {"German"}),
        ("?country=de", {"German"}),
        ("?flag=black_hole", {"Late"}),
        ("?flag=stale", set()),
        ("?due_to={yesterday}", {"Late"}),
        ("?due_from={today}&stage=mql", {"Fresh", "Pool"}),
        ("?created_to={yesterday}", {"Late", "Sold", "German"}),
        ("?created_from={today}", {"Fresh", "Pool"}),
        ("?amount_min=12000", {"Sold"}),
        ("?amount_max=11999", set()),
        ("?q=late", {"Late"}),
        ("?q=bea&stage=won", {"Sold"}),
        ("?stage=&owner=&q=&utm_source=x", {"Late", "Fresh", "Pool", "Sold", "German"}),
    ],
)
def test_each_filter_leaves_its_leads(query, names, leads, marketing_client, rep, west, sales):
    today = timezone.localdate()
    address = query.format(rep=rep.pk, west=west.pk, sales=sales.pk, today=today, yesterday=today - timedelta(days=1))

    assert set(shown(marketing_client, address)) == names


def test_the_reason_that_was_given_last_is_the_one_that_counts(rep, rep_client):
    lead = LeadFactory(last_name="Refused", handed_off=True, owner=rep, at=timezone.now())
    said = {"outcome": "refuse", "reason": "student"}
    rep_client.post(f"/leads/{lead.pk}/disposition/", said)

    assert shown(rep_client, "?reason=student") == ["Refused"]
    assert shown(rep_client, "?reason=no_budget") == []


def test_a_filter_that_cannot_be_read_is_marked_and_shows_no_lead(leads, manager_client, eastern_rep, east):
    for query in ("?stage=nonsense", f"?owner={eastern_rep.pk}", f"?team={east.pk}", "?due_to=soon", "?amount_min=-1"):
        answer = manager_client.get(f"/leads/{query}")
        assert answer.status_code == 400
        assert "A filter cannot be read" in text_of(answer)
        assert "Bea" not in text_of(answer)
        assert eastern_rep.name not in text_of(answer)


def test_a_rep_is_offered_neither_teams_nor_colleagues(leads, rep_client, rep, eastern_rep):
    page = text_of(rep_client.get("/leads/"))

    assert 'name="team"' not in page
    assert eastern_rep.name not in page
    assert set(shown(rep_client)) == {"Late", "Fresh", "Pool"}


# --- order and pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["name", "-name", "due", "-due", "created", "-created", "amount", "-amount", "said"])
def test_any_order_shows_every_lead(sort, leads, marketing_client):
    assert sorted(shown(marketing_client, f"?sort={sort}")) == sorted(leads)


def test_the_order_is_the_one_asked_for(leads, marketing_client, rep_client):
    assert shown(marketing_client, "?sort=name") == ["Fresh", "German", "Late", "Pool", "Sold"]
    assert shown(marketing_client, "?sort=-amount")[0] == "Sold"
    assert shown(marketing_client, "?sort=-due")[-1] == "Sold", "without a deadline comes last"
    assert shown(marketing_client, "?sort=nonsense") == shown(marketing_client)
    assert shown(rep_client)[0] == "Late", "a rep works by deadline"
    assert shown(marketing_client)[-1] == "Late", "marketing looks at what is new"


def test_a_page_at_a_time_with_the_filters_kept(marketing_client, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 2)
    for number in range(5):
        LeadFactory(last_name=f"N{number}")

    first = marketing_client.get("/leads/?sort=name&stage=inquiry")
    second = marketing_client.get(f"/leads/{first.context['next_url']}")

    assert first.context["summary"] == "1–2 of 5"
    assert [row.lead.last_name for row in second.context["listing"].rows] == ["N2", "N3"]
    assert shown(marketing_client, "?sort=name&page=3") == ["N4"]
    assert shown(marketing_client, "?q=bea&page=3&sort=name") == ["N4"]
    assert shown(marketing_client, "?page=999999999999999999999999") == []
    assert shown(marketing_client, "?page=-1") == shown(marketing_client, "?page=x") == shown(marketing_client)


def test_it_counts_no_further_than_it_says(marketing_client, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 3)
    LeadFactory.create_batch(5)

    assert marketing_client.get("/leads/").context["summary"] == "1–5 of 3+"


def test_the_number_of_queries_does_not_grow_with_the_rows(manager, rep, queries_for, west):
    client = signed_in(manager)
    query = "/leads/?q=bea&stage=open&all=1"
    LeadFactory(handed_off=True, owner=rep, company=CompanyInput(name="One"), campaign="spring")
    client.get("/leads/")
    one, plain = queries_for(lambda: client.get(query)), queries_for(lambda: client.get("/leads/"))
    for number in range(12):
        lead = LeadFactory(accepted=True, owner=rep, company=CompanyInput(name=f"C{number}"), campaign=f"c{number}")
        Lead.objects.filter(pk=lead.pk).update(amount=Decimal(5), currency="EUR")

    assert queries_for(lambda: client.get(query)) == one
    assert queries_for(lambda: client.get("/leads/")) == plain


# --- empty, and htmx ----------------------------------------------------------------------------------------


def test_where_there_is_no_lead_it_says_where_they_come_from(rep_client, manager_client, marketing_client):
    assert "first one handed to you" in text_of(rep_client.get("/leads/"))
    assert "None of your teams" in text_of(manager_client.get("/leads/"))
    assert "through the API" in text_of(marketing_client.get("/leads/"))


def test_where_the_filters_leave_none_it_names_them(leads, marketing_client):
    page = text_of(marketing_client.get("/leads/?stage=lost&q=late"))

    assert "No lead fits" in page
    assert "Search: “late”; Stage: Lost" in " ".join(page.split())


def test_each_filter_that_is_on_can_be_taken_off_alone(leads, marketing_client):
    answer = marketing_client.get("/leads/?stage=mql&q=bea&sort=name&page=1")

    assert [(chip.label, chip.url) for chip in answer.context["chips"]] == [
        ("Search", "?stage=mql&sort=name"),
        ("Stage", "?q=bea&sort=name"),
    ]


def test_typing_swaps_the_results_alone_and_keeps_the_address(leads, marketing_client):
    answer = marketing_client.get("/leads/?q=late&stage=", headers={"HX-Request": "true", "HX-Target": "lead-results"})

    assert "<html" not in text_of(answer)
    assert "Bea Late" in text_of(answer)
    assert answer["HX-Replace-Url"] == "/leads/?q=late"


def test_saved_views_are_offered_and_the_open_one_is_marked(rep, rep_client):
    SavedView.objects.create(owner=rep, page="leads", name="Wins", query="stage=won", created_at=timezone.now())

    page = text_of(rep_client.get("/leads/?stage=won"))

    assert '<a class="pill" href="/leads/?stage=won" aria-current="true">Wins' in page
    assert "Delete this view" in page


# --- many leads ---------------------------------------------------------------------------------------------


@pytest.fixture
def three(rep):
    return [LeadFactory(handed_off=True, owner=rep, last_name=f"N{number}") for number in range(3)]


def test_the_same_is_said_of_the_chosen_ones(rep_client, three):
    ids = [lead.pk for lead in three[:2]]

    answer = rep_client.post("/leads/bulk/", {"lead": ids, "said": "refuse:student", "query": "stage=mql"})

    assert answer.status_code == 200
    assert "Done for 2 leads" in text_of(answer)
    assert 'href="/leads/?stage=mql"' in text_of(answer)
    stages = dict(Lead.objects.values_list("last_name", "stage"))
    assert stages == {"N0": Stage.DISQUALIFIED, "N1": Stage.DISQUALIFIED, "N2": Stage.MQL}


def test_what_could_not_be_done_is_told_lead_by_lead_and_can_be_tried_again(rep_client, rep, three, eastern_rep):
    accepted = LeadFactory(accepted=True, owner=rep, last_name="Accepted")
    foreign = LeadFactory(handed_off=True, owner=eastern_rep, last_name="Foreign")
    ids = [three[0].pk, accepted.pk, foreign.pk]

    page = text_of(rep_client.post("/leads/bulk/", {"lead": ids, "said": "refuse:student"}))

    assert "Done for 1 of 3 leads" in page
    assert "“Refuse” does not fit a lead in SAL" in page
    assert f'<input type="hidden" name="lead" value="{accepted.pk}">' in page
    assert f"Lead {foreign.pk}" in page
    assert "Foreign" not in page


def test_nothing_chosen_or_nothing_said_loses_no_input(rep_client, three):
    nobody = rep_client.post("/leads/bulk/", {"said": "refuse:student", "note": "Kept"})
    nothing = rep_client.post("/leads/bulk/", {"lead": [three[0].pk], "note": "Kept", "said": ""})
    unknown = rep_client.post("/leads/bulk/", {"lead": [three[0].pk], "said": "accept:"})

    assert [answer.status_code for answer in (nobody, nothing, unknown)] == [422] * 3
    assert "No lead is chosen" in text_of(nobody)
    assert "Say what happened" in text_of(nothing)
    assert "Bea N0" in text_of(nothing)
    assert all('value="Kept"' in text_of(answer) for answer in (nobody, nothing))
    assert set(Lead.objects.values_list("stage", flat=True)) == {Stage.MQL}


def test_all_that_match_are_chosen_also_beyond_the_page(rep_client, three, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 1)

    answer = rep_client.get("/leads/?stage=mql&all=1")

    assert answer.context["chosen"] == 3
    assert len(answer.context["chosen_beyond"]) == 2
    assert text_of(answer).count('name="lead"') == 3


def test_a_script_gets_the_rows_alone(rep_client, three):
    answer = rep_client.post(
        "/leads/bulk/", {"lead": [three[0].pk], "said": "refuse:student"}, headers={"HX-Request": "true"}
    )

    assert text_of(answer).count("<tr") == 1
    assert "<html" not in text_of(answer)


def test_marketing_is_offered_no_outcomes(marketing_client, three):
    assert "data-choose" not in text_of(marketing_client.get("/leads/"))
    assert marketing_client.post("/leads/bulk/", {"lead": [three[0].pk], "said": "refuse:student"}).status_code == 403


def test_only_reasons_in_use_are_offered(rep_client, three):
    Reason.objects.filter(slug="student").update(is_active=False)

    assert "refuse:student" not in text_of(rep_client.get("/leads/"))


# --- a new owner --------------------------------------------------------------------------------------------


def test_a_manager_sees_who_has_how_much_and_who_is_away(manager, west, three, rep):
    today = timezone.localdate()
    UserFactory(name="Full Fred", team=west, lead_cap=0)
    UserFactory(name="Away Ada", team=west, away_from=today, away_until=today + timedelta(days=3))
    stranger = UserFactory(name="Strange Sam")

    page = text_of(signed_in(manager).post("/leads/reassign/", {"lead": [three[0].pk]}))

    assert "Rita Rep · West · 3 leads" in page
    assert "Full Fred · West · 0 of 0 leads, full" in page
    assert "Away Ada · West · 0 leads · on leave until" in page
    assert stranger.name not in page
    assert page.index("Rita Rep · West") < page.index("Full Fred") < page.index("Away Ada")


def test_the_chosen_leads_go_to_the_chosen_rep(manager_client, three, west):
    to = UserFactory(name="Tom Team", team=west)
    ids = [lead.pk for lead in three]

    page = text_of(manager_client.post("/leads/reassign/", {"lead": ids, "to": to.pk}))

    assert "Done for 3 leads" in page
    assert set(Lead.objects.values_list("owner", flat=True)) == {to.pk}


def test_without_a_rep_or_with_a_strange_one_nothing_happens(manager_client, three, rep):
    stranger = UserFactory()

    for to in ("", str(stranger.pk), "x"):
        answer = manager_client.post("/leads/reassign/", {"lead": [three[0].pk], "to": to})
        assert answer.status_code == 422
        assert "Choose who gets them" in text_of(answer)
    assert set(Lead.objects.values_list("owner", flat=True)) == {rep.pk}


def test_one_lead_is_given_from_its_page(manager_client, three, west):
    to, lead = UserFactory(name="Tom Team", team=west), three[0]
    address = f"/leads/{lead.pk}/reassign/"

    assert "Rita Rep · West" in text_of(manager_client.get(address))
    assert manager_client.post(address, {"to": "", "version": lead.version}).status_code == 422
    assert manager_client.post(address, {"to": to.pk, "version": lead.version}).url == f"/leads/{lead.pk}/"

    lead.refresh_from_db()
    assert lead.owner == to


def test_a_lead_that_changed_meanwhile_is_looked_at_again_first(manager_client, three, west, rep):
    lead, to = three[0], UserFactory(team=west)
    Lead.objects.filter(pk=lead.pk).update(version=lead.version + 1)

    answer = manager_client.post(f"/leads/{lead.pk}/reassign/", {"to": to.pk, "version": lead.version})

    assert answer.status_code == 409
    assert "Look at the lead again" in text_of(answer)
    lead.refresh_from_db()
    assert lead.owner == rep


def test_the_number_of_queries_does_not_grow_with_the_reps(manager, west, three, queries_for):
    client = signed_in(manager)
    address = f"/leads/{three[0].pk}/reassign/"
    client.get(address)
    one = queries_for(lambda: client.get(address))
    UserFactory.create_batch(10, team=west)

    assert queries_for(lambda: client.get(address)) == one

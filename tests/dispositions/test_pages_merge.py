"""Merging duplicates on the page: found, compared field by field, made one; and what is refused says why."""

import pytest
from django.utils import timezone

from dispositions.leads.duplicates import Person, duplicates_of, is_hidden_holder
from funnel.inputs import CompanyInput
from funnel.models import Lead
from funnel.services.edit import Section, edit_lead
from funnel.services.merge import merge_leads
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db

ACME = CompanyInput(name="Acme", domain="acme.example")


def again(lead):
    return Lead.objects.get(pk=lead.pk)


@pytest.fixture
def pair(rep):
    kept = LeadFactory(accepted=True, owner=rep, last_name="Twin", phone="030 1234567", company=ACME)
    double = LeadFactory(owner=rep, last_name="Twin", phone="+49 30 123 45 67", title="Boss")
    return kept, double


def sent(kept, double, **more):
    versions = {f"version-{lead.pk}": lead.version for lead in (kept, double)}
    return {"other": double.pk, "keep": kept.pk, **versions, **more}


# --- who may be the same ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person(email="NORA@buyer.example"), "Same e-mail address"),
        (Person(phone="(030) 123-4567"), "Same phone number"),
        (Person(first_name="nora", last_name="MÜLLER", company="acme"), "Same name and company"),
        (Person(first_name="Nora", last_name="Muller", domain="www.acme.example"), "Same name and company"),
        (Person(first_name="Nora", last_name="Müller"), "Same name"),
        (Person(first_name="Nora", last_name="Müller", company="Globex"), None),
        (Person(first_name="Nora"), None),
        (Person(phone="4567"), None),
        (Person(email="nonsense"), None),
        (Person(), None),
    ],
)
def test_what_makes_somebody_probably_the_same(rep, person, why):
    company = CompanyInput(name="Acme", domain="acme.example")
    LeadFactory(
        owner=rep,
        first_name="Nora",
        last_name="Müller",
        email="nora@buyer.example",
        phone="+49 30 1234567",
        company=company,
    )

    assert [one.why for one in duplicates_of(person, rep.principal)] == ([why] if why else [])


def test_nobody_out_of_scope_is_named(rep, eastern_rep):
    foreign = LeadFactory(owner=eastern_rep, phone="+49 30 1234567")

    assert duplicates_of(Person(email=foreign.email, phone=foreign.phone), rep.principal) == []
    assert is_hidden_holder(foreign.email, rep.principal)
    assert not is_hidden_holder(foreign.email, eastern_rep.principal)


def test_the_address_of_a_merged_lead_names_the_one_it_is_today(rep):
    kept, double = LeadFactory(owner=rep), LeadFactory(owner=rep)
    merge_leads(winner_id=kept.pk, loser_id=double.pk, by=rep.principal, at=timezone.now())

    assert [one.lead for one in duplicates_of(Person(email=double.email), rep.principal)] == [kept]


def test_looking_costs_the_same_for_one_and_for_many(rep, queries_for):
    person = Person(first_name="Bea", last_name="Twin", email="bea@buyer.example", phone="+49 30 1234567")
    LeadFactory(owner=rep, last_name="Twin")
    one = queries_for(lambda: duplicates_of(person, rep.principal))
    for _ in range(20):
        LeadFactory(owner=rep, last_name="Twin", phone="+49 30 1234567", company=ACME)

    assert queries_for(lambda: duplicates_of(person, rep.principal)) == one


# --- the pages --------------------------------------------------------------------------------------------------


def test_probable_duplicates_are_listed_and_others_searched_for(rep_client, rep, pair):
    kept, double = pair
    other = LeadFactory(owner=rep, last_name="Wanted")

    page = rep_client.get(f"/leads/{kept.pk}/merge/?q=wanted")

    assert [(one.lead, one.why) for one in page.context["duplicates"]] == [(double, "Same phone number")]
    assert page.context["found"] == [other]


def test_the_two_stand_side_by_side_with_what_differs_to_choose(rep_client, pair):
    kept, double = pair

    pair_shown = rep_client.get(f"/leads/{double.pk}/merge/?with={kept.pk}").context["pair"]

    assert pair_shown.keep == kept.pk
    lines = {line.name: (line.is_choice, line.chosen) for line in pair_shown.lines}
    assert lines["phone"] == (True, kept.pk)
    assert lines["title"] == (False, double.pk)
    assert lines["last_name"] == (False, kept.pk)
    assert pair_shown.sides[0].why_not.startswith(f"{kept} is with sales")


def test_confirmed_they_are_one_with_the_chosen_values(rep_client, pair):
    kept, double = pair

    response = rep_client.post(
        f"/leads/{double.pk}/merge/", sent(double, kept, keep=kept.pk, **{"field-phone": double.pk})
    )

    assert response.url == f"/leads/{kept.pk}/"
    winner = again(kept)
    assert (winner.phone, winner.title, again(double).merged_into) == (double.phone, "Boss", winner)


def test_a_merge_that_is_refused_says_why_and_keeps_the_choices(rep_client, pair):
    kept, double = pair

    data = sent(kept, double, keep=double.pk, **{"field-phone": double.pk})
    response = rep_client.post(f"/leads/{kept.pk}/merge/", data)

    assert response.status_code == 422
    assert "what is with sales is never lost" in response.content.decode()
    assert next(line for line in response.context["pair"].lines if line.name == "phone").chosen == double.pk
    assert again(kept).merged_into is None


def test_whoever_looked_at_old_values_sees_the_new_ones_first(rep_client, rep, pair):
    kept, double = pair
    data = sent(kept, double)
    changes = {"title": "Changed meanwhile"}
    edit_lead(lead_id=kept.pk, section=Section.CONTACT, changes=changes, by=rep.principal, at=timezone.now())

    response = rep_client.post(f"/leads/{kept.pk}/merge/", data)

    assert response.status_code == 409
    assert "Changed meanwhile" in response.content.decode()
    assert again(double).merged_into is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_lead_out_of_scope_cannot_be_compared(rep_client, rep, eastern_rep, method):
    own, foreign = LeadFactory(owner=rep), LeadFactory(owner=eastern_rep)
    data = {"with": foreign.pk} if method == "get" else sent(own, foreign)

    assert getattr(rep_client, method)(f"/leads/{own.pk}/merge/", data).status_code == 404
    assert again(foreign).merged_into is None


def test_the_same_lead_is_no_duplicate_of_itself(rep_client, pair):
    kept, _ = pair

    assert rep_client.get(f"/leads/{kept.pk}/merge/?with={kept.pk}").url == f"/leads/{kept.pk}/merge/"


# --- a new lead -------------------------------------------------------------------------------------------------


def typed(client, **given):
    token = client.get("/leads/new/").context["form"].initial["token"]
    return {"token": str(token), "last_name": "Found", "phone": "+49 40 7654321"} | given


def test_a_rep_enters_what_he_found_and_accepts_it(rep_client, rep):
    data = typed(rep_client, accept="1", pain="Slow trucks.", note="Met at a fair.", company_name="Acme", country="de")

    response = rep_client.post("/leads/new/", data)

    lead = Lead.objects.get()
    assert response.url == f"/leads/{lead.pk}/"
    assert (lead.stage, lead.owner, lead.company.country, lead.channel.slug) == ("sal", rep, "DE", "self-sourced")
    assert lead.evidence.get().text == "Slow trucks."
    assert lead.texts.get().kind == "note"


def test_the_form_sent_twice_makes_one_lead(rep_client):
    data = typed(rep_client, sure="1")

    urls = {rep_client.post("/leads/new/", data).url for _ in range(2)}

    assert len(urls) == Lead.objects.count() == 1


def test_somebody_like_it_is_asked_about_first(rep_client, pair):
    data = typed(rep_client, phone="030 123 4567")

    asked = rep_client.post("/leads/new/", data)

    assert asked.status_code == 409
    assert "It is none of these" in asked.content.decode()
    assert 'value="Found"' in asked.content.decode()
    assert rep_client.post("/leads/new/", data | {"sure": "1"}).status_code == 302


def test_an_address_in_use_is_never_entered_again(rep_client, pair):
    kept, _ = pair

    response = rep_client.post("/leads/new/", typed(rep_client, email=kept.email, sure="1"))

    assert response.status_code == 409
    assert f"/leads/{kept.pk}/" in response.content.decode()
    assert Lead.objects.count() == 2


def test_an_address_in_use_elsewhere_offers_to_ask_its_manager(rep_client, eastern_rep, head_of_sales):
    foreign = LeadFactory(owner=eastern_rep, first_name="Secretia")

    page = rep_client.post("/leads/new/", typed(rep_client, email=foreign.email)).content.decode()
    rep_client.post("/leads/new/ask/", {"email": foreign.email})

    assert "Somebody of your company has this person already." in page
    assert "Secretia" not in page
    assert head_of_sales.notifications.get().url == f"/leads/{foreign.pk}/"


def test_while_typing_only_the_list_of_duplicates_comes_back(rep_client, pair):
    page = rep_client.post("/leads/new/duplicates/", {"phone": "030 123 4567"}).content.decode()

    assert "Same phone number" in page
    assert "<html" not in page


def test_what_is_missing_is_told_with_what_was_typed(rep_client):
    response = rep_client.post("/leads/new/", typed(rep_client, phone=""))

    assert response.status_code == 422
    assert "how else is the person reached?" in response.content.decode()
    assert 'value="Found"' in response.content.decode()


def test_a_manager_enters_it_for_one_of_his_people(manager_client, rep):
    manager_client.post("/leads/new/", typed(manager_client, owner=rep.pk))

    assert Lead.objects.get().owner == rep


def test_marketing_names_the_channel_and_owns_nothing(marketing_client):
    channel = LeadFactory().channel

    marketing_client.post("/leads/new/", typed(marketing_client, channel=channel.pk, sure="1"))

    lead = Lead.objects.get(last_name="Found")
    assert (lead.channel, lead.owner, lead.stage) == (channel, None, "inquiry")

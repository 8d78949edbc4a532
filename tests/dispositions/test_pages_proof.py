"""The library of proof: marketing keeps it, everybody reads it."""

import pytest
from django.urls import reverse

from dispositions.models import Proof
from funnel.inputs import CompanyInput
from tests.factories import NOW, LeadFactory

pytestmark = pytest.mark.django_db

GIVEN = {"kind": "case_study", "title": "How a haulier saved a day"}


def proof(**given):
    return Proof.objects.create(**({"kind": "case_study", "title": "Hauliers", "updated_at": NOW} | given))


def test_proof_is_added_and_changed_and_says_who_did_it(marketing_client, marketing):
    marketing_client.post("/proof/new/", GIVEN | {"country": "de", "naics_prefix": "4841", "url": "example.com/a"})
    kept = Proof.objects.get()
    assert (kept.title, kept.country, kept.updated_by) == ("How a haulier saved a day", "DE", marketing)
    assert kept.url == "https://example.com/a"

    marketing_client.post(reverse("proof-edit", args=[kept.pk]), GIVEN | {"title": "Two days"})
    assert Proof.objects.values_list("title", "country").get() == ("Two days", "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"title": ""}, "This field is required"),
        ({"naics_prefix": "48x"}, "Give 1 to 6 digits"),
        ({"country": "D1"}, "country code of two letters"),
        ({"min_employees": "50", "max_employees": "10"}, "lies below"),
    ],
)
def test_what_is_wrong_is_said_and_the_input_kept(marketing_client, given, said):
    answer = marketing_client.post("/proof/new/", GIVEN | {"summary": "They saved a day."} | given)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "They saved a day." in answer.content.decode()
    assert not Proof.objects.exists()


def test_how_many_open_leads_it_fits_is_counted_before_it_is_kept(marketing_client, rep):
    haulier = CompanyInput(name="H", domain="h.example", naics="484110", employees=80, country="DE")
    LeadFactory(company=haulier)
    LeadFactory(company=haulier, won=True, owner=rep)
    LeadFactory(company=CompanyInput(name="Shop", domain="s.example", naics="445110", employees=80))

    answer = marketing_client.post(
        "/proof/new/", GIVEN | {"naics_prefix": "4841", "min_employees": "50", "country": "DE", "count": "1"}
    )

    assert answer.context["fits"] == 1
    assert "How a haulier saved a day" in answer.content.decode()
    assert not Proof.objects.exists()


def test_what_is_put_away_is_shown_to_no_rep_and_is_not_lost(marketing_client, rep_client):
    kept = proof()

    marketing_client.post(reverse("proof-active", args=[kept.pk]), {"active": "0"})

    assert "Hauliers" not in rep_client.get("/proof/?all=1").content.decode()
    assert "1 put away" in marketing_client.get("/proof/").content.decode()
    assert "Hauliers" in marketing_client.get("/proof/?all=1").content.decode()
    marketing_client.post(reverse("proof-active", args=[kept.pk]), {"active": "1"})
    assert "Hauliers" in rep_client.get("/proof/").content.decode()


def test_a_rep_reads_it_and_keeps_none(rep_client):
    kept = proof(contact="Ask Ines first")

    page = rep_client.get("/proof/").content.decode()

    assert "Ask Ines first" in page
    assert "Add proof" not in page
    assert rep_client.post(reverse("proof-edit", args=[kept.pk]), GIVEN).status_code == 403


def test_an_empty_library_says_what_to_add_first(marketing_client, rep_client):
    assert "Add first the case study of your best customer" in marketing_client.get("/proof/").content.decode()
    assert "Marketing has not added any" in rep_client.get("/proof/").content.decode()


def test_the_library_costs_no_more_for_many_than_for_one(marketing_client, marketing, queries_for):
    proof(updated_by=marketing)
    one = queries_for(lambda: marketing_client.get("/proof/"))
    for number in range(9):
        proof(title=f"Proof {number}", updated_by=marketing)

    assert queries_for(lambda: marketing_client.get("/proof/")) == one

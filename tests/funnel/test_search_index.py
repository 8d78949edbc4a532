"""Each lead has the words under which it is found, whatever changes them."""

import random
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.principals import SYSTEM
from funnel.inputs import CompanyInput, LeadInput
from funnel.models import Company, Lead, LeadSearch
from funnel.search import search_text
from funnel.services.changes import open_change, write_changes
from funnel.services.receive import receive_leads
from tests.factories import NOW, LeadFactory

pytestmark = pytest.mark.django_db


def expected():
    """The stored line of every lead as `search_text` says it."""
    lines = {}
    for lead in Lead.objects.select_related("company"):
        company = f"{lead.company.name} {lead.company.domain}" if lead.company else ""
        lines[lead.pk] = search_text(
            first_name=lead.first_name,
            last_name=lead.last_name,
            email=lead.email,
            phone=lead.phone,
            company=company,
        )
    return lines


def stored():
    return dict(LeadSearch.objects.values_list("lead_id", "text"))


def receive(**given):
    return receive_leads([LeadInput(source="website", **given)], by=SYSTEM, at=NOW)


def test_a_new_lead_is_found_by_name_address_company_and_number():
    receive(
        email="Jörg@Müller.example",
        first_name="Jörg",
        last_name="Müller",
        phone="+49 (30) 12-34",
        company=CompanyInput(name="Müller & Söhne", domain="mueller.example"),
    )

    assert list(stored().values()) == ["jorg muller jorg@muller.example muller & sohne mueller.example 49301234"]


def test_what_is_received_later_is_found():
    receive(external_id="1")

    receive(external_id="1", email="bea@buyer.example", phone="030 55", company=CompanyInput(name="Buyer Ltd"))

    assert list(stored().values()) == ["bea@buyer.example buyer ltd 03055"]


def test_a_company_that_another_input_renames_takes_all_its_leads_along():
    for person in ("a", "b"):
        receive(email=f"{person}@acme.example", company=CompanyInput(name="Acme", domain="acme.example"))

    receive(email="c@acme.example", company=CompanyInput(name="Umbrella", domain="acme.example"))

    assert all("umbrella" in text and " acme " not in text for text in stored().values())
    assert stored() == expected()


def test_a_company_that_an_admin_renames_takes_its_leads_along(admin_client):
    receive(email="a@acme.example", company=CompanyInput(name="Acme", domain="acme.example"))
    company = Company.objects.get()

    admin_client.post(
        reverse("admin:funnel_company_change", args=[company.pk]), {"name": "Umbrella", "domain": "umbrella.example"}
    )

    assert list(stored().values()) == ["a@acme.example umbrella umbrella.example"]
    company.refresh_from_db()
    assert company.name_key == "umbrella"


def test_many_leads_changed_together_are_found_by_their_new_words():
    leads = LeadFactory.create_batch(3)
    changes = [open_change(lead.pk, by=SYSTEM, at=NOW) for lead in leads]
    for change in changes:
        change.set(last_name="Renamed")

    write_changes(changes)

    assert stored() == expected()


def test_a_change_of_other_fields_writes_no_words(queries_for):
    lead = LeadFactory()

    def change(**values):
        opened = open_change(lead.pk, by=SYSTEM, at=NOW)
        opened.set(**values)
        opened.write()

    assert queries_for(lambda: change(phone="1")) == queries_for(lambda: change(score=3)) + 1


@pytest.mark.parametrize("seed", range(5))
def test_after_any_walk_of_changes_every_line_is_that_of_its_lead(seed):
    pick = random.Random(seed)  # the same walk each time
    names, domains = ("Acme", "Ümbrella", "", "Solo GmbH"), ("acme.example", "solo.example", "")

    for _ in range(40):
        if pick.random() < 0.7 or not Lead.objects.exists():
            receive(
                external_id=str(pick.randrange(8)),
                email=pick.choice(["", f"p{pick.randrange(8)}@buyer.example"]),
                first_name=pick.choice(["", "Ann", "Zoë"]),
                last_name=pick.choice(["", "Müller", "O’Neill"]),
                phone=pick.choice(["", "+49 30 1", "(0)2"]),
                company=CompanyInput(name=pick.choice(names), domain=pick.choice(domains)),
            )
        else:
            change = open_change(pick.choice(Lead.objects.all()).pk, by=SYSTEM, at=NOW)
            field = pick.choice(["first_name", "last_name", "phone", "company", "amount"])
            values = {
                "amount": {"amount": Decimal(5), "currency": "EUR"},
                "company": {"company": Company.objects.first()},
            }
            change.set(**values.get(field, {field: pick.choice(["Été", "", "007"])}))
            change.write()

    assert stored() == expected()

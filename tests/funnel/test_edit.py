"""Editing a lead by hand: who may edit what, what is written, and who loses to whom."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.errors import MissingNeeds, NotAllowed, StaleVersion
from funnel.find import find_leads
from funnel.inputs import CompanyInput, LeadInput
from funnel.models import Company, Evidence, Lead, LeadEvent
from funnel.services.edit import EmailTaken, Section, edit_lead, may_edit
from funnel.services.merge import merge_leads
from funnel.services.receive import receive_leads
from funnel.services.verify import first_broken_row
from tests.factories import NOW, LeadFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)
ACME = CompanyInput(name="Acme", domain="acme.example", employees=50)


def edit(lead, section, by, version=None, **changes):
    return edit_lead(
        lead_id=lead.pk, section=Section(section), changes=changes, by=by.principal, at=LATER, version=version
    )


def again(lead):
    return Lead.objects.select_related("company").get(pk=lead.pk)


def test_an_edit_raises_the_version_tells_the_fields_and_stops_no_clock(rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    edit(lead, "contact", rep, title="Head of Fleet", phone="+49 30 1")

    edited = again(lead)
    assert (edited.title, edited.version) == ("Head of Fleet", lead.version + 1)
    assert (edited.due_at, edited.sweep_at) == (lead.due_at, lead.sweep_at)
    event = LeadEvent.objects.filter(lead=lead).last()
    assert (event.kind, event.data, event.actor) == ("lead.edited", {"fields": ["phone", "title"]}, rep)
    assert first_broken_row() is None


def test_what_is_as_it_was_is_no_edit(rep):
    lead = LeadFactory(owner=rep)

    edit(lead, "contact", rep, last_name=lead.last_name, email=lead.email)

    assert (again(lead).version, again(lead).ledger_seq) == (lead.version, lead.ledger_seq)


def test_of_two_who_edit_at_once_the_second_is_told(rep, marketing):
    lead = LeadFactory(owner=rep)
    edit(lead, "contact", marketing, title="Head", version=lead.version)

    with pytest.raises(StaleVersion, match="Max Marketing changed this lead"):
        edit(lead, "contact", rep, title="Boss", version=lead.version)

    assert again(lead).title == "Head"


def test_a_new_address_is_found_and_the_old_one_is_free(rep):
    lead = LeadFactory(owner=rep)

    edit(lead, "contact", rep, email="Bea.New@Buyer.example")

    assert again(lead).email_key == "bea.new@buyer.example"
    LeadFactory(email=lead.email)
    assert list(find_leads("bea.new@buyer.example", rep.principal).ids) == [lead.pk]


def test_an_address_of_another_lead_is_refused_with_that_lead(rep):
    lead, other = LeadFactory(owner=rep), LeadFactory()

    with pytest.raises(EmailTaken) as taken:
        edit(lead, "contact", rep, email=other.email.upper())

    assert taken.value.lead_id == other.pk
    assert again(lead).email == lead.email


def test_the_address_of_a_lead_merged_into_it_can_become_its_own(rep):
    lead, double = LeadFactory(owner=rep), LeadFactory(owner=rep)
    merge_leads(winner_id=lead.pk, loser_id=double.pk, by=rep.principal, at=NOW)

    edit(lead, "contact", rep, email=double.email)

    assert (again(lead).email_key, again(double).email_key) == (double.email_key, None)


def test_no_address_is_no_key(rep):
    lead = LeadFactory(owner=rep)

    edit(lead, "contact", rep, email="")

    assert again(lead).email_key is None


@pytest.mark.parametrize(
    ("role", "sections"),
    [
        ("rep", ["contact", "company", "source", "consent", "deal", "known"]),
        ("manager", ["contact", "company", "source", "consent", "deal", "known"]),
        ("marketing", ["contact", "company", "source", "consent", "known"]),
        ("admin", ["contact", "company", "source", "consent", "deal", "known"]),
    ],
)
def test_who_edits_what(role, sections, rep, manager, marketing, admin):
    people = {"rep": rep, "manager": manager, "marketing": marketing, "admin": admin}
    lead = LeadFactory(accepted=True, owner=rep)

    assert [one for one in Section if may_edit(lead, one, people[role].principal)] == sections


def test_a_rep_edits_nothing_of_the_pool(rep, west):
    lead = LeadFactory(stage="mql", owner=None, team=west)

    with pytest.raises(NotAllowed, match="Take this lead first"):
        edit(lead, "contact", rep, title="Head")


def test_amounts_are_edited_while_sales_works_the_lead(rep):
    accepted, handed = LeadFactory(accepted=True, owner=rep), LeadFactory(handed_off=True, owner=rep)

    edit(accepted, "deal", rep, amount=Decimal(900), currency="EUR", expected_close_on=date(2026, 6, 1))

    assert (again(accepted).amount, again(accepted).currency) == (Decimal(900), "EUR")
    with pytest.raises(NotAllowed, match="It is MQL"):
        edit(handed, "deal", rep, amount=Decimal(900), currency="EUR")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": Decimal(-1)}, "amount"),
        ({"amount": None}, "amount"),
        ({"expected_close_on": None}, "expected_close_on"),
        ({"currency": ""}, "currency"),
        ({"next_action_at": NOW}, "next_action_at"),
    ],
)
def test_a_qualified_lead_keeps_what_it_was_qualified_by(rep, changes, field):
    lead = LeadFactory(qualified=True, owner=rep)

    with pytest.raises(MissingNeeds) as missing:
        edit(lead, "deal", rep, **changes)

    assert list(missing.value.fields) == [field]
    assert again(lead).amount == lead.amount


def test_what_is_learned_is_added_to_what_is_known(rep):
    lead = LeadFactory(owner=rep, attributes={"pain": "Slow trucks."})

    edit(lead, "known", rep, pain="Slow trucks cost 40,000 a month.", budget="")

    known = Evidence.objects.filter(lead=lead).order_by("id").values_list("attribute", "text", "learned_by")
    assert list(known) == [
        ("pain", "Slow trucks.", None),
        ("pain", "Slow trucks cost 40,000 a month.", rep.pk),
    ]
    assert LeadEvent.objects.filter(lead=lead).last().data == {"fields": [], "evidence": ["pain"]}


def test_an_undo_leaves_what_was_edited_since(rep):
    lead = LeadFactory(accepted=True, owner=rep)
    said = record_disposition(lead_id=lead.pk, statement=Statement(outcome=Outcome.NO_ANSWER), by=rep.principal, at=NOW)
    edit(lead, "deal", rep, amount=Decimal(900), currency="EUR")

    undo_disposition(disposition_id=said.pk, by=rep.principal, at=LATER)

    assert (again(lead).amount, again(lead).currency) == (Decimal(900), "EUR")


# --- the company ----------------------------------------------------------------------------------------------


def test_a_correction_of_the_company_is_seen_on_all_its_leads(rep):
    lead, colleague = LeadFactory(owner=rep, company=ACME), LeadFactory(owner=rep, company=ACME)

    edit(lead, "company", rep, company_name="Acme Logistics", employees=80)

    company = again(colleague).company
    assert (company.name, company.employees, Company.objects.count()) == ("Acme Logistics", 80, 1)
    assert set(find_leads("acme logistics", rep.principal).ids) == {lead.pk, colleague.pk}
    assert LeadEvent.objects.filter(lead=lead).last().data["fields"] == ["company_name", "employees"]


def test_who_works_elsewhere_leaves_the_company_as_it_is(rep):
    lead, colleague = LeadFactory(owner=rep, company=ACME), LeadFactory(owner=rep, company=ACME)

    edit(lead, "company", rep, company_name="Globex", works_elsewhere=True)

    assert (again(lead).company.name, again(colleague).company.name) == ("Globex", "Acme")
    assert list(find_leads("globex", rep.principal).ids) == [lead.pk]


def test_a_domain_that_is_known_leads_to_its_company(rep):
    lead = LeadFactory(owner=rep, company=ACME)
    globex = LeadFactory(company=CompanyInput(name="Globex", domain="globex.example")).company

    edit(lead, "company", rep, company_domain="https://www.globex.example/")

    assert again(lead).company == globex
    assert set(Company.objects.values_list("name", flat=True)) == {"Acme", "Globex"}


def test_a_company_needs_a_name_or_a_domain(rep):
    lead = LeadFactory(owner=rep)

    with pytest.raises(MissingNeeds, match="Name the company"):
        edit(lead, "company", rep, employees=5)


def test_a_lead_can_lose_its_company(rep):
    lead = LeadFactory(owner=rep, company=ACME)

    edit(lead, "company", rep, company_name="", company_domain="")

    assert again(lead).company is None
    assert Company.objects.get().name == "Acme"


def test_two_rename_one_company_at_once(at_once, rep):
    leads = [LeadFactory(owner=rep, company=ACME) for _ in range(2)]

    results = at_once(
        *(
            lambda lead=lead, name=name: edit(lead, "company", rep, company_name=name)
            for lead, name in zip(reversed(leads), ("One", "Two"), strict=True)
        )
    )

    assert [type(one) for one in results] == [Lead, Lead]
    assert Company.objects.get().name in {"One", "Two"}


def test_one_address_for_two_leads_at_once_goes_to_one(at_once, rep):
    leads = [LeadFactory(owner=rep) for _ in range(2)]

    results = at_once(*(lambda lead=lead: edit(lead, "contact", rep, email="same@buyer.example") for lead in leads))

    assert sorted(type(one).__name__ for one in results) == ["EmailTaken", "Lead"]


# --- consent --------------------------------------------------------------------------------------------------


def test_what_somebody_said_on_the_phone_is_kept_with_who_heard_it_and_when(rep):
    lead = LeadFactory(owner=rep, consent={"email": {"granted": True}})

    edit(lead, "consent", rep, phone_consent="refused", consent_how="on the phone")

    consent = again(lead).consent
    assert consent["phone"] == {"granted": False, "at": LATER.isoformat(), "how": "on the phone", "source": rep.name}
    assert consent["email"]["granted"] is True
    assert LeadEvent.objects.filter(lead=lead).last().data == {"fields": ["consent"]}


def test_a_later_word_of_a_tool_counts_and_an_earlier_one_does_not(rep, marketing):
    lead = LeadFactory(owner=rep)
    edit(lead, "consent", rep, email_consent="refused")

    def tell(at):
        given = LeadInput(source="website", email=lead.email, consent={"email": {"granted": True}}, at=at)
        receive_leads([given], by=marketing.principal, at=at)
        return again(lead).consent["email"]["granted"]

    assert tell(LATER - timedelta(minutes=1)) is False
    assert tell(LATER + timedelta(minutes=1)) is True


def test_how_alone_says_nothing(rep):
    lead = LeadFactory(owner=rep)

    with pytest.raises(MissingNeeds) as missing:
        edit(lead, "consent", rep, consent_how="on the phone")

    assert missing.value.fields == {"consent_how": "Say also what they agreed to or refused."}
    assert again(lead).consent == {}

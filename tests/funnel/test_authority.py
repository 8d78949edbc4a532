"""Who may say what a field holds: the rule by itself, and what becomes of what tools, files and people say."""

from datetime import timedelta
from itertools import permutations

import pytest

from accounts.principals import SYSTEM, Kind, Principal
from funnel.authority import ALL, FIELDS, Claim, Side, Verdict, claimed, held, judge, side_of
from funnel.inputs import CompanyInput, LeadInput, Status
from funnel.models import Company, Lead, LeadEvent
from funnel.services.edit import Section, edit_lead
from funnel.services.merge import merge_leads
from funnel.services.receive import receive_leads
from tests.factories import NOW, LeadFactory

LATER, EARLIER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)
TOOL = Principal(kind=Kind.API_KEY, name="Mautic", source="mautic")


def marketing_at(at):
    return Claim(Side.MARKETING, at)


def sales_at(at):
    return Claim(Side.SALES, at)


# --- the rule -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "known", "told", "verdict"),
    [
        ("phone", None, marketing_at(EARLIER), Verdict.TAKEN),
        ("phone", marketing_at(NOW), marketing_at(LATER), Verdict.TAKEN),
        ("phone", marketing_at(NOW), marketing_at(NOW), Verdict.TAKEN),
        ("phone", marketing_at(NOW), marketing_at(EARLIER), Verdict.STALE),
        ("phone", marketing_at(NOW), sales_at(EARLIER), Verdict.TAKEN),
        ("phone", sales_at(NOW), marketing_at(LATER), Verdict.OF_SALES),
        ("phone", sales_at(NOW), sales_at(EARLIER), Verdict.STALE),
        ("score", marketing_at(NOW), marketing_at(EARLIER), Verdict.STALE),
        ("amount", None, marketing_at(LATER), Verdict.OF_SALES),
        ("consent.email", sales_at(NOW), marketing_at(LATER), Verdict.TAKEN),
        ("consent.email", sales_at(NOW), marketing_at(EARLIER), Verdict.STALE),
    ],
)
def test_whose_word_counts(field, known, told, verdict):
    assert judge(field, held=known, told=told) is verdict


def test_for_whom_somebody_speaks(db, rep, manager, marketing, admin):
    sides = [side_of(one) for one in (rep.principal, manager.principal, admin.principal, marketing.principal)]

    assert sides == [Side.SALES, Side.SALES, Side.SALES, Side.MARKETING]
    assert [side_of(one) for one in (TOOL, SYSTEM)] == [Side.MARKETING, Side.MARKETING]


def test_what_a_lead_came_with_has_one_claim_and_a_blank_field_none():
    kept = claimed({}, [ALL], marketing_at(NOW))

    assert held(kept, "phone", is_blank=False) == marketing_at(NOW)
    assert held(kept, "phone", is_blank=True) is None
    assert held(claimed(kept, ["phone"], sales_at(LATER)), "phone", is_blank=True) == sales_at(LATER)


def test_every_field_of_the_table_is_one_of_a_lead():
    columns = {field.name for field in Lead._meta.fields}
    own = {name.partition(".")[0] for name in FIELDS}

    assert own <= columns


# --- what tools say -------------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def tell(at=LATER, received_at=LATER + timedelta(days=1), **said):
    given = LeadInput(source="mautic", email="bea@buyer.example", at=at, **said)
    (received,) = receive_leads([given], by=TOOL, at=received_at)
    return received


def ignored(received):
    return {one.field: one.why.value for one in received.ignored}


@pytest.fixture
def lead(rep):
    return LeadFactory(email="bea@buyer.example", phone="+4930111", score=10, owner=rep)


def test_the_later_event_wins_whatever_the_order_of_arrival(lead):
    events = [(NOW + timedelta(minutes=minute), minute) for minute in (1, 2, 3)]
    for order in permutations(events):
        Lead.objects.update(score=10, authority={})
        for at, score in order:
            tell(at=at, score=score)
        assert Lead.objects.get().score == 3, order


def test_an_older_event_is_told_to_be_stale_and_changes_nothing(lead):
    tell(at=LATER, score=50, phone="+4930222")
    before = Lead.objects.values().get()

    received = tell(at=NOW + timedelta(minutes=1), score=20, phone="+4930333")

    assert received.status is Status.STALE
    assert ignored(received) == {"score": "ignored-stale", "phone": "ignored-stale"}
    assert Lead.objects.values().get() == before


def test_of_an_event_partly_older_the_newer_part_is_taken(lead):
    tell(at=LATER, score=50)

    received = tell(at=NOW + timedelta(minutes=1), score=20, title="Head of Sales")

    assert (received.status, ignored(received)) == (Status.UPDATED, {"score": "ignored-stale"})
    assert (lead_now := Lead.objects.get()).title == "Head of Sales"
    assert lead_now.score == 50


def test_a_value_confirmed_later_is_not_replaced_by_one_from_in_between(lead):
    tell(at=NOW + timedelta(minutes=1), score=20)
    tell(at=NOW + timedelta(minutes=3), score=20)

    tell(at=NOW + timedelta(minutes=2), score=30)

    assert Lead.objects.get().score == 20


def test_without_a_time_of_its_own_a_message_is_of_when_it_came(lead):
    tell(at=None, received_at=LATER, score=20)
    tell(at=None, received_at=LATER + timedelta(minutes=1), score=30)

    received = tell(at=LATER, score=40)

    assert Lead.objects.get().score == 30
    assert received.status is Status.STALE


def test_a_time_in_the_future_counts_as_now(lead):
    tell(at=LATER + timedelta(days=400), received_at=LATER, score=20)

    tell(at=LATER + timedelta(minutes=1), score=30)

    assert Lead.objects.get().score == 30


def test_what_sales_has_edited_no_tool_changes_any_more(lead, rep):
    edit_lead(lead_id=lead.pk, changes={"phone": "+4930999"}, by=rep.principal, at=NOW, section=Section.CONTACT)

    received = tell(at=LATER, phone="+4930222", title="Buyer")

    assert ignored(received) == {"phone": "owned-by-sales"}
    assert (Lead.objects.get().phone, Lead.objects.get().title) == ("+4930999", "Buyer")
    assert LeadEvent.objects.filter(kind="lead.edited").last().data["fields"] == ["title"]


def test_a_number_that_sales_has_deleted_stays_deleted(lead, rep):
    edit_lead(lead_id=lead.pk, changes={"phone": ""}, by=rep.principal, at=NOW, section=Section.CONTACT)

    tell(at=LATER, phone="+4930111")

    assert Lead.objects.get().phone == ""


def test_what_marketing_edits_by_hand_a_later_event_of_its_tools_may_change(lead, marketing):
    edit_lead(lead_id=lead.pk, changes={"phone": "+4930999"}, by=marketing.principal, at=NOW, section=Section.CONTACT)

    assert tell(at=EARLIER, phone="+4930222").status is Status.STALE
    assert tell(at=LATER, phone="+4930222").status is Status.UPDATED


def test_what_sales_corrected_of_the_company_no_tool_changes(lead, rep):
    tell(company=CompanyInput(name="Acme", domain="acme.example", employees=10))
    changes = {"employees": 250}
    edit_lead(lead_id=lead.pk, changes=changes, by=rep.principal, at=LATER, section=Section.COMPANY)

    received = tell(
        at=LATER + timedelta(minutes=5), company=CompanyInput(domain="acme.example", employees=11, naics="4841")
    )

    assert ignored(received) == {"company.employees": "owned-by-sales"}
    assert Company.objects.values_list("employees", "naics").get() == (250, "4841")


def test_of_two_words_about_a_company_the_later_counts(lead):
    tell(at=LATER, company=CompanyInput(domain="acme.example", employees=20))

    received = tell(at=NOW, company=CompanyInput(domain="acme.example", employees=10))

    assert ignored(received) == {"company.employees": "ignored-stale"}
    assert Company.objects.get().employees == 20


def test_what_a_rep_learned_is_not_overwritten_and_a_tool_is_told_so(lead, rep):
    edit_lead(lead_id=lead.pk, changes={"pain": "Loses leads."}, by=rep.principal, at=NOW, section=Section.KNOWN)

    received = tell(at=LATER, attributes={"pain": "None at all."})

    assert ignored(received) == {"attributes.pain": "learned-by-hand"}
    assert [one.text for one in lead.evidence.filter(attribute="pain")] == ["Loses leads."]


def test_of_what_tools_heard_the_later_is_known(lead):
    tell(at=LATER, attributes={"pain": "Slow."})

    received = tell(at=NOW, attributes={"pain": "Old."})

    assert ignored(received) == {"attributes.pain": "ignored-stale"}
    assert [one.text for one in lead.evidence.all()] == ["Slow."]


def test_a_lead_that_a_rep_entered_is_sales_own(rep):
    given = LeadInput(source="page", email="bea@buyer.example", first_name="Bea", owner=rep)
    receive_leads([given], by=rep.principal, at=NOW)

    received = tell(first_name="Beatrix", phone="+4930111")

    assert ignored(received) == {"first_name": "owned-by-sales"}
    assert Lead.objects.get().phone == "+4930111"


def test_who_survives_a_merge_keeps_whose_word_each_field_is(lead, rep, manager):
    other = LeadFactory(email="other@buyer.example", title="", owner=rep)
    edit_lead(lead_id=other.pk, changes={"title": "CFO"}, by=rep.principal, at=NOW, section=Section.CONTACT)

    merge_leads(winner_id=lead.pk, loser_id=other.pk, by=rep.principal, at=NOW)

    assert ignored(tell(title="Clerk")) == {"title": "owned-by-sales"}


def test_sales_own_fields_are_none_of_an_input(lead):
    """There is no way to say them: the inputs have no such fields."""
    sales = {name for name, belongs in FIELDS.items() if belongs == "sales'"}

    assert sales
    assert sales & set(LeadInput.__dataclass_fields__) == set()

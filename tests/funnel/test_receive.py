"""Leads come in: found, created, updated, left alone or refused."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.principals import Kind, Principal
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.inputs import CompanyInput, LeadInput, Status, TouchInput
from funnel.lifecycle import Stage
from funnel.models import Channel, Company, Evidence, Lead, LeadIdentity, StageChange, Touch
from funnel.services.receive import receive_leads
from tests.factories import BANT_EVIDENCE, NOW, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
FORM_TOOL = Principal(kind=Kind.API_KEY, name="Form tool", source="website")
BEA = LeadInput(
    source="website",
    email="Bea@Buyer.example",
    external_id="w-1",
    first_name="Bea",
    last_name="Buyer",
    title="Buyer",
    phone="+49 30 123",
    company=CompanyInput(name="Acme", domain="acme.example", employees=40),
    channel="organic-search",
    campaign="spring",
    self_reported_source="a friend",
    score=10,
    expected_value=Decimal("900.00"),
    currency="EUR",
    consent={"email": {"granted": True}},
    attributes={"budget": "some"},
)


def receive(*inputs, at=NOW, by=FORM_TOOL):
    return receive_leads(inputs, by=by, at=at)


def statuses(answers):
    return [answer.status for answer in answers]


def given(**fields):
    return LeadInput(**({"source": "website"} | fields))


# --- created --------------------------------------------------------------------------------------------------


def test_a_lead_is_never_received_as_an_mql():
    with pytest.raises(ValueError, match="promote it"):
        receive(given(email="ann@example.com", stage=Stage.MQL))

    assert not Lead.objects.exists()


def test_an_unknown_person_becomes_a_lead_with_all_that_was_said():
    (answer,) = receive(BEA)

    lead = Lead.objects.get(pk=answer.lead.pk)
    assert answer.status is Status.CREATED
    assert (lead.email, lead.email_key, lead.name) == ("Bea@Buyer.example", "bea@buyer.example", "Bea Buyer")
    assert (lead.stage, lead.stage_entered_at, lead.version, lead.ledger_seq) == ("inquiry", NOW, 1, 1)
    assert (lead.company.domain, lead.channel.slug, lead.campaign.slug) == ("acme.example", "organic-search", "spring")
    assert (lead.score, lead.expected_value, lead.currency) == (10, Decimal("900.00"), "EUR")
    assert (lead.due_at, lead.due_clock, lead.sweep_at) == (NOW + timedelta(days=30), "touch", lead.due_at)


def test_a_new_lead_has_its_event_its_stage_its_identity_and_its_first_touch():
    (answer,) = receive(BEA)

    event = answer.lead.events.get()
    assert (event.kind, event.at, event.actor_name) == ("lead.created", NOW, "Form tool")
    assert event.data == {"channel": "organic-search", "source": "website", "stage": "inquiry"}
    assert StageChange.objects.values_list("old", "new", "seq").get() == ("", "inquiry", 1)
    assert LeadIdentity.objects.values_list("source", "external_id").get() == ("website", "w-1")
    assert Touch.objects.values_list("at", "channel__slug", "source").get() == (NOW, "organic-search", "website")
    assert Evidence.objects.values_list("attribute", "text").get() == ("budget", "some")


def test_a_user_who_enters_a_lead_is_named_by_his_id_alone(marketing):
    (answer,) = receive(given(email="bea@buyer.example"), by=marketing.principal)

    event = answer.lead.events.get()
    assert (event.actor, event.actor_name) == (marketing, "")


def test_an_unknown_channel_or_campaign_is_made():
    receive(given(email="bea@buyer.example", channel="trade_fair", campaign="hannover-2026"))

    lead = Lead.objects.get()
    assert (lead.channel.name, lead.campaign.name) == ("Trade fair", "Hannover 2026")


def test_a_lead_without_a_channel_comes_from_an_unknown_one_and_has_no_touch():
    receive(given(email="bea@buyer.example"))

    assert Lead.objects.get().channel.slug == "unknown"
    assert not Touch.objects.exists()


def test_a_lead_with_an_owner_is_in_his_team(rep):
    receive(given(email="bea@buyer.example", owner=rep))

    assert Lead.objects.values_list("owner", "team").get() == (rep.pk, rep.team_id)


def test_the_touches_it_came_with_begin_the_wait_for_the_next_one():
    created_at, touched_at = NOW - timedelta(days=50), NOW - timedelta(days=2)
    touch = TouchInput(at=touched_at, channel="webinar")

    receive(given(email="bea@buyer.example", created_at=created_at, touches=(touch,)))

    lead = Lead.objects.get()
    assert (lead.last_touch_at, lead.due_at) == (touched_at, touched_at + timedelta(days=30))


def test_its_arrival_through_a_channel_is_its_last_touch():
    receive(given(email="bea@buyer.example", channel="webinar"))

    assert Lead.objects.get().last_touch_at == NOW


# --- found again ----------------------------------------------------------------------------------------------


def test_the_same_input_again_changes_nothing():
    receive(BEA)
    before = list(Lead.objects.values())

    answers = receive(BEA, at=LATER)

    assert statuses(answers) == [Status.UNCHANGED]
    assert list(Lead.objects.values()) == before
    assert (Touch.objects.count(), Evidence.objects.count(), LeadIdentity.objects.count()) == (1, 1, 1)


def test_the_person_is_found_in_any_spelling_of_the_address():
    receive(BEA)

    answers = receive(given(email=" BEA@buyer.EXAMPLE ", title="Head of Purchasing"), at=LATER)

    assert statuses(answers) == [Status.UPDATED]
    assert Lead.objects.get().title == "Head of Purchasing"


def test_the_person_is_found_by_the_name_the_other_system_gave_him():
    receive(given(external_id="w-1"))

    answers = receive(given(external_id="w-1", email="bea@buyer.example"), at=LATER)

    assert statuses(answers) == [Status.UPDATED]
    assert Lead.objects.values_list("email", "email_key").get() == ("bea@buyer.example", "bea@buyer.example")


def test_one_person_may_be_known_to_several_systems():
    receive(BEA, LeadInput(source="crm", email="bea@buyer.example", external_id="003X"))

    assert set(LeadIdentity.objects.values_list("source", "external_id")) == {("website", "w-1"), ("crm", "003X")}
    assert Lead.objects.count() == 1


def test_the_same_external_id_of_two_systems_is_two_people():
    receive(given(external_id="1"), LeadInput(source="crm", external_id="1"))

    assert Lead.objects.count() == 2


def test_an_address_and_an_external_id_of_two_people_are_refused():
    receive(given(email="bea@buyer.example"), given(external_id="w-2"))
    before = list(Lead.objects.order_by("pk").values())

    (answer,) = receive(given(email="bea@buyer.example", external_id="w-2", title="New"), at=LATER)

    assert (answer.status, answer.field) == (Status.REJECTED, "external_id")
    assert answer.problem == "The e-mail address and the external id belong to two different leads."
    assert list(Lead.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "Give an e-mail address or an external id: a lead is found by them."),
        ({"email": "not an address"}, "“not an address” is not an e-mail address."),
    ],
)
def test_an_input_without_a_key_is_refused_and_the_others_are_received(fields, problem):
    answers = receive(given(**fields), given(email="bea@buyer.example"))

    assert statuses(answers) == [Status.REJECTED, Status.CREATED]
    assert (answers[0].field, answers[0].problem) == ("email", problem)


def test_the_same_person_twice_in_a_batch_is_one_lead():
    answers = receive(
        given(email="bea@buyer.example", title="Buyer"), given(email="BEA@buyer.example", title="Head"), at=NOW
    )

    assert statuses(answers) == [Status.CREATED, Status.UPDATED]
    assert answers[0].lead.pk == answers[1].lead.pk
    assert Lead.objects.get().title == "Head"
    assert list(answers[0].lead.events.values_list("seq", "kind")) == [(1, "lead.created"), (2, "lead.edited")]


def test_a_new_address_of_a_known_person_catches_no_other_lead_of_the_batch():
    receive(given(external_id="w-1", email="bea@buyer.example"))

    answers = receive(
        given(external_id="w-1", email="bea@new.example"), given(email="bea@new.example", title="Somebody")
    )

    assert [answer.lead.email for answer in answers] == ["bea@buyer.example", "bea@new.example"]


# --- what an input may change ---------------------------------------------------------------------------------


def test_a_blank_never_overwrites():
    receive(BEA)
    before = list(Lead.objects.values())

    receive(given(email="bea@buyer.example", company=CompanyInput(domain="acme.example")), at=LATER)

    assert list(Lead.objects.values()) == before
    assert Company.objects.values_list("name", "employees").get() == ("Acme", 40)


def test_an_update_is_told_in_the_ledger_by_field_names_alone():
    receive(BEA)

    receive(given(email="bea@buyer.example", title="Head", phone="+49 30 999"), at=LATER)

    event = Lead.objects.get().events.last()
    assert (event.kind, event.data) == ("lead.edited", {"fields": ["phone", "title"], "source": "website"})


def test_an_update_raises_no_version():
    receive(BEA)

    receive(given(email="bea@buyer.example", title="Head"), at=LATER)

    assert Lead.objects.values_list("version", "ledger_seq", "updated_at").get() == (1, 2, LATER)


def test_the_first_channel_of_a_lead_is_fixed():
    receive(BEA)

    receive(given(email="bea@buyer.example", channel="paid-search"), at=LATER)

    assert Lead.objects.get().channel == Channel.objects.get(slug="organic-search")


def test_stage_and_owner_are_not_the_inputs_to_change(rep):
    lead = LeadFactory(accepted=True, owner=rep)

    receive(given(email=lead.email, owner=UserFactory(), title="Head"), at=LATER)

    assert Lead.objects.values_list("stage", "owner").get(pk=lead.pk) == ("sal", rep.pk)


def test_what_sales_agreed_in_money_is_not_the_inputs_to_change(rep):
    lead = LeadFactory(qualified=True, owner=rep)

    receive(given(email=lead.email, expected_value=Decimal(5), currency="USD"), at=LATER)

    assert Lead.objects.values_list("amount", "currency").get(pk=lead.pk) == (Decimal(12000), "EUR")


def test_consent_given_for_one_way_keeps_the_other():
    receive(BEA)

    receive(given(email="bea@buyer.example", consent={"phone": {"granted": False}}), at=LATER)

    consent = Lead.objects.get().consent
    assert {channel: permission["granted"] for channel, permission in consent.items()} == {
        "email": True,
        "phone": False,
    }
    assert consent["phone"] == {"granted": False, "at": LATER.isoformat(), "source": "website"}


def test_consent_that_is_known_already_changes_nothing():
    receive(BEA, given(email="bea@buyer.example", consent={"phone": {"granted": False}}))

    answers = receive(BEA, at=LATER)

    assert statuses(answers) == [Status.UNCHANGED]


def test_what_marketing_heard_anew_is_added_to_what_it_knew():
    receive(BEA)

    receive(given(email="bea@buyer.example", attributes={"budget": "50k", "pain": ""}), at=LATER)

    assert list(Evidence.objects.order_by("id").values_list("attribute", "text")) == [
        ("budget", "some"),
        ("budget", "50k"),
    ]


def test_what_sales_learned_is_not_overwritten_by_what_marketing_heard(rep):
    lead = LeadFactory(handed_off=True, owner=rep)
    said = Statement(outcome=Outcome.CONVERSATION, evidence=BANT_EVIDENCE)
    record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=NOW)

    answers = receive(given(email=lead.email, attributes={"budget": "none at all"}), at=LATER)

    assert statuses(answers) == [Status.UNCHANGED]
    assert Evidence.objects.filter(lead=lead, attribute="budget").values_list("text", flat=True).get() == (
        "Budget is known."
    )


def test_a_company_is_known_by_its_domain_and_completed(marketing):
    receive(BEA)

    receive(given(email="carl@acme.example", company=CompanyInput(domain="www.Acme.example", naics="541511")), at=LATER)

    assert Company.objects.values_list("name", "naics", "employees").get() == ("Acme", "541511", 40)


def test_a_company_without_a_domain_is_known_by_its_name():
    receive(
        given(email="a@x.example", company=CompanyInput(name="Acme GmbH")),
        given(email="b@x.example", company=CompanyInput(name=" ACME  gmbh")),
    )

    assert Company.objects.count() == 1


def test_receiving_costs_no_more_queries_for_twenty_new_leads_than_for_two(queries_for):
    def batch(size, name):
        return [given(email=f"{name}{n}@buyer.example", external_id=f"{name}{n}", channel="fair") for n in range(size)]

    receive(*batch(1, "warm"))

    two = queries_for(lambda: receive(*batch(2, "two")))
    assert queries_for(lambda: receive(*batch(20, "twenty"))) == two
    assert queries_for(lambda: receive(*batch(1, "one"))) < two

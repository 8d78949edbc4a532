"""Only a disposition stops a clock of sales. Everything else that happens to a lead leaves it running."""

from datetime import timedelta

import pytest

from accounts.principals import SYSTEM, Kind, Principal
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.inputs import CompanyInput, LeadInput, Past, TouchInput
from funnel.lifecycle import Stage
from funnel.models import Flag, Lead, LeadText
from funnel.services.flags import raise_flags
from funnel.services.past import record_history
from funnel.services.reassign import reassign_lead
from funnel.services.receive import receive_leads
from tests.factories import NOW, LeadFactory, UserFactory

FORM_TOOL = Principal(kind=Kind.API_KEY, name="Form tool", source="website")
LATER = NOW + timedelta(hours=3)
RUNS = ("stage", "stage_entered_at", "due_at", "due_clock", "sweep_at", "last_disposition_at")
CLOCK = (*RUNS, "clock_started_at", "version")

NEWS = {
    "a touch": {"touches": (TouchInput(at=LATER, channel="webinar", external_id="t-9"),)},
    "a new score": {"score": 99},
    "an edit": {"title": "Head of Purchasing", "phone": "+49 30 1"},
    "enrichment": {"company": CompanyInput(name="Acme", domain="acme.example", employees=90)},
    "another channel and campaign": {"channel": "paid-search", "campaign": "autumn"},
    "what marketing heard": {"attributes": {"pain": "too slow"}},
    "another owner": {"owner": None},
    "nothing new": {},
}


@pytest.fixture(params=["handed_off", "accepted", "qualified"])
def lead(request, rep):
    return LeadFactory(owner=rep, **{request.param: True})


def clock(lead):
    return Lead.objects.values(*CLOCK).get(pk=lead.pk)


@pytest.mark.parametrize("news", NEWS)
def test_what_a_tool_sends_stops_no_clock(lead, news):
    before = clock(lead)

    receive_leads([LeadInput(source="website", email=lead.email, **NEWS[news])], by=FORM_TOOL, at=LATER)

    assert clock(lead) == before


@pytest.mark.parametrize("news", NEWS)
def test_what_a_tool_sends_ends_no_episode(lead, news):
    raise_flags(now=NOW + timedelta(days=30))

    at = NOW + timedelta(days=31)
    receive_leads([LeadInput(source="website", email=lead.email, **NEWS[news])], by=FORM_TOOL, at=at)

    assert Flag.objects.filter(lead=lead, cleared_at=None).count() == 1


def test_an_edit_of_many_leads_at_once_stops_no_clock(lead):
    others = LeadFactory.create_batch(3)
    before = clock(lead)
    edits = [LeadInput(source="website", email=one.email, title="Buyer") for one in (lead, *others)]

    receive_leads(edits, by=FORM_TOOL, at=LATER)

    assert (clock(lead), Lead.objects.filter(title="Buyer").count()) == (before, 4)


def test_a_note_stops_no_clock(lead, rep):
    before = clock(lead)

    LeadText.objects.create(lead=lead, seq=1, kind=LeadText.Kind.NOTE, text="On holiday.", at=LATER, by=rep)

    assert clock(lead) == before


def test_another_owner_stops_no_clock(lead, manager, rep):
    before = clock(lead)
    colleague = UserFactory(team=rep.team)

    reassign_lead(lead_id=lead.pk, to=colleague, by=manager.principal, at=LATER)

    assert {name: before[name] for name in RUNS} == {name: value for name, value in clock(lead).items() if name in RUNS}


def test_another_owner_ends_no_episode(lead, manager, rep):
    raise_flags(now=NOW + timedelta(days=30))

    at = NOW + timedelta(days=31)
    reassign_lead(lead_id=lead.pk, to=UserFactory(team=rep.team), by=manager.principal, at=at)

    assert Flag.objects.filter(lead=lead, cleared_at=None).count() == 1


def test_an_import_of_what_is_known_already_stops_no_clock(lead):
    before = clock(lead)

    record_history([Past(lead=lead, outcome=Stage(lead.stage))], by=SYSTEM, recorded_at=LATER)

    assert clock(lead) == before


def test_a_disposition_sets_each_clock_anew(lead, rep):
    said = Statement(outcome=Outcome.CONVERSATION)

    record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=LATER)

    after = clock(lead)
    assert after["last_disposition_at"] == LATER
    assert (after["due_clock"], after["due_at"] > lead.due_at) == ("disposition", True)


# --- the clock of marketing -----------------------------------------------------------------------------------

NO_TOUCH = {name: news for name, news in NEWS.items() if "touch" not in name}


@pytest.mark.parametrize("news", NO_TOUCH)
def test_nothing_but_a_touch_sets_it_anew(db, news):
    lead = LeadFactory()
    before = clock(lead)

    receive_leads([LeadInput(source="website", email=lead.email, **NEWS[news])], by=FORM_TOOL, at=LATER)

    assert clock(lead) == before

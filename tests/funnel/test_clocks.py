"""Only a disposition stops a clock of sales. Everything else that happens to a lead leaves it running."""

from datetime import timedelta

import pytest

from accounts.principals import SYSTEM, Kind, Principal
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.inputs import CompanyInput, LeadInput, Past, TouchInput
from funnel.lifecycle import Stage
from funnel.models import Flag, Lead
from funnel.services.flags import raise_flags
from funnel.services.past import record_history
from funnel.services.receive import receive_leads
from tests.factories import NOW, LeadFactory

FORM_TOOL = Principal(kind=Kind.API_KEY, name="Form tool", source="website")
LATER = NOW + timedelta(hours=3)
CLOCK = ("stage", "stage_entered_at", "due_at", "due_clock", "sweep_at", "last_disposition_at", "version")

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

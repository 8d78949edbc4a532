"""A person of whom every place holds something, with a canary in every word."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.digest import compose_digests
from accounts.models import Mail, Mails, SavedView
from accounts.notifications import notify
from accounts.principals import SYSTEM
from dispositions.models import BuyIn
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.lifecycle import Stage
from funnel.models import Company, Lead
from funnel.services.edit import Section, edit_lead
from funnel.services.erase import erase_lead
from funnel.services.merge import merge_leads
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from funnel.services.notes import add_note
from integrations.models import Delivery, Endpoint, InboxItem, Upload, UploadedRow
from integrations.outbound.fan_out import fan_out
from tests.factories import BANT_EVIDENCE, AgreementFactory, LeadFactory, UserFactory
from tests.integrations.api.conftest import caller_of
from tests.integrations.inbound.sending import source

CANARY = "zqxcanary"
EMAIL = f"{CANARY}@{CANARY}.example"


def said(**more):
    return {
        "email": EMAIL,
        "external_id": f"{CANARY}-4711",
        "first_name": CANARY,
        "last_name": f"{CANARY} Smith",
        "title": f"{CANARY} Officer",
        "phone": "+49 30 901820",
        "company": {"name": f"{CANARY} GmbH", "domain": f"{CANARY}.example"},
        "channel": "webinar",
        "self_reported_source": f"from {CANARY}",
        "consent": {"email": {"granted": True, "how": f"form {CANARY}"}},
        "attributes": {"pain": f"{CANARY} loses leads."},
        "touches": [
            {
                "at": "2026-03-02T09:14:00Z",
                "channel": "webinar",
                "external_id": f"{CANARY}-t",
                "subject": f"asked {CANARY}",
            }
        ],
        **more,
    }


@pytest.fixture
def mautic(db):
    return caller_of("mautic")


@pytest.fixture
def person(mautic, rep, admin, manager):
    """Won, with a canary in every field and channel; and a lead that was merged into his, which has one too."""
    now = timezone.now()
    AgreementFactory(clauses=[("The score is high enough.", "score_at_least", {"at_least": 60})])
    Endpoint.objects.create(name="Sheet", url="https://sheet.example/", secret="whsec_c2VjcmV0", created_at=now)
    Endpoint.objects.create(
        name="Mautic", url="https://mautic.example/", secret="whsec_c2VjcmV0", source="mautic", created_at=now
    )
    answer = mautic.post(said(), **{"Idempotency-Key": "once"})
    assert answer.status_code == 201, answer.content
    lead = Lead.objects.get(pk=answer.json()["id"])
    Lead.objects.filter(pk=lead.pk).update(owner=rep, team=rep.team)
    other = LeadFactory(email=f"second.{CANARY}@{CANARY}.example", last_name=CANARY, owner=rep)
    merge_leads(winner_id=lead.pk, loser_id=other.pk, by=admin.principal, at=now)
    edit_lead(
        lead_id=lead.pk, changes={"time_zone": "Europe/Berlin"}, by=admin.principal, at=now, section=Section.CONTACT
    )
    details = MoveDetails(override_reason=f"{CANARY} is a friend.")
    move_lead(lead_id=lead.pk, to=Stage.MQL, by=_marketer(), at=now, details=details)
    for statement in (
        Statement(outcome=Outcome.CONVERSATION, note=f"note {CANARY}", learned=f"learned {CANARY}"),
        Statement(
            outcome=Outcome.QUALIFY,
            evidence={slug: f"{text} {CANARY}" for slug, text in BANT_EVIDENCE.items()},
            amount=12000,
            currency="EUR",
            expected_close_on=now.date() + timedelta(days=30),
        ),
        Statement(outcome=Outcome.WON, closed_on=now.date()),
    ):
        record_disposition(lead_id=lead.pk, statement=statement, by=rep.principal, at=now)
    add_note(lead_id=lead.pk, text=f"private {CANARY}", by=rep.principal, at=now)
    BuyIn.objects.create(
        lead=lead, person=CANARY, role=CANARY, note=CANARY, created_at=now, updated_at=now, updated_by=rep
    )
    _tell_people(lead, rep, manager, now)
    _exchange(lead, rep, now)
    return Lead.objects.get(pk=lead.pk)


def _marketer():
    return UserFactory(name="Mona Marketer", role="marketing", team=None).principal


def _tell_people(lead, rep, manager, now):
    manager.mails = Mails.DAILY
    manager.save()
    text = f"{lead.first_name} is waiting."
    notify([rep, manager], kind="reminder", key=f"test:{lead.pk}", text=text, lead=lead.pk, at=now - timedelta(days=9))
    notify([manager], kind="reminder", key="test:other", text="Another one.", at=now - timedelta(days=9))
    Mail.objects.filter(key__startswith="test:").update(sent_at=now)
    compose_digests(now=now)
    query = urlencode({"q": EMAIL})
    SavedView.objects.create(owner=rep, page="leads", name="Him", query=query, created_at=now)
    LogEntry.objects.create(
        user=rep,
        content_type=ContentType.objects.get_for_model(Company),
        object_id=str(lead.company_id),
        object_repr=f"{CANARY} GmbH",
        action_flag=2,
    )


def _exchange(lead, rep, now):
    """Messages that came and went."""
    fan_out(now=now)
    for delivery in Delivery.objects.all():
        delivery.body, delivery.answer = json.dumps({"email": EMAIL}), f"thanks {CANARY}"
        delivery.save()
    tool = source("generic", field_map={"email": "/mail"}, options={"signature": "secret"})
    kept = {"source": tool, "received_at": now, "digest": "d"}
    InboxItem.objects.create(
        **kept,
        message_id="m-1",
        state="done",
        body=json.dumps({"mail": EMAIL}).encode(),
        headers={"user-agent": CANARY},
        results=[{"event": "message", "status": "created", "lead": lead.pk, "told": f"Left out: {CANARY}."}],
    )
    InboxItem.objects.create(
        **kept, message_id="m-2", state="failed", body=EMAIL.encode(), error=f"“{EMAIL}” cannot be read."
    )
    upload = Upload.objects.create(kind="leads", name="fair.csv", file="x", digest="d", size=1, by=rep, created_at=now)
    problems = [{"column": "score", "sentence": f"“{CANARY}” is no number."}]
    UploadedRow.objects.create(upload=upload, line=2, status="rejected", cells=[EMAIL, CANARY], problems=problems)


@pytest.fixture
def erased(person):
    return erase_lead(lead_id=person.pk, by=SYSTEM, at=timezone.now()).lead

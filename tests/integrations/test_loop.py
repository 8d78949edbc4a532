"""The whole loop: a tool's message comes in, sales says what happened, and the tool is told, signed."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from standardwebhooks import Webhook

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.lifecycle import Stage
from funnel.models import Lead
from funnel.services.moves import move_lead
from integrations.models import InboxItem, Source
from integrations.services.endpoints import create_endpoint, rotate_secret, send_since, switch
from integrations.tasks import clean_up, read_inbox, send_webhooks
from tests.integrations.outbound.receiver import receiver

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "the-secret-of-mautic"
# As Mautic's documentation shows it.
MESSAGE = {
    "mautic.lead_post_save_new": [
        {
            "contact": {
                "id": 1234,
                "points": 40,
                "fields": {"core": {"email": {"id": "6", "alias": "email", "value": "ann@buyer.example"}}},
            },
            "timestamp": "2026-11-20T10:00:00+00:00",
        }
    ]
}


@pytest.fixture(autouse=True)
def _loopback_is_open(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]


def post_message(client):
    body = json.dumps(MESSAGE).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
    headers = {"Webhook-Signature": signature}
    return client.post("/api/v1/hooks/t0ken/", body, content_type="application/json", headers=headers)


def test_from_mautics_message_to_the_signed_disposition(client, rep, signed_agreement, marketing, capsys):
    now = timezone.now()
    Source.objects.create(slug="mautic", name="Mautic", adapter="mautic", token="t0ken", secret=SECRET, created_at=now)
    with receiver() as there:
        _, secret = create_endpoint(name="Mautic", url=there.url, kinds=[], source="mautic", at=now)

        assert post_message(client).status_code == 202
        call_command("exchange")
        lead = Lead.objects.get()
        move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=timezone.now())
        Lead.objects.update(owner=rep, team=rep.team)
        said = Statement(outcome=Outcome.REFUSE, reason="no_budget", failed_clauses=[1], learned="Next year.")
        record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=timezone.now())
        call_command("exchange")

    assert "messages done 1" in capsys.readouterr().out
    told = [json.loads(body) for _id, _headers, body, _what in there.got]
    refusal = next(one for one in told if one["type"] == "lead.dispositioned")
    assert refusal["data"]["outcome"] == "refuse"
    assert refusal["data"]["reason"] == "no_budget"
    assert refusal["data"]["learned"] == "Next year."
    assert refusal["data"]["lead"]["external_ids"] == ["1234"]
    for _id, headers, body, _what in there.got:
        assert Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})


def test_the_jobs_do_what_the_command_does(client):
    now = timezone.now()
    Source.objects.create(slug="mautic", name="Mautic", adapter="mautic", token="t0ken", secret=SECRET, created_at=now)
    with receiver() as there:
        create_endpoint(name="Mautic", url=there.url, kinds=[], source="mautic", at=now)
        post_message(client)

        read_inbox()
        send_webhooks()
        clean_up()

    assert InboxItem.objects.get().state == "done"
    assert len(there.got) == 1


def test_what_happened_while_an_endpoint_was_off_can_be_sent_later(client):
    now = timezone.now()
    Source.objects.create(slug="mautic", name="Mautic", adapter="mautic", token="t0ken", secret=SECRET, created_at=now)
    with receiver() as there:
        endpoint, old = create_endpoint(name="Mautic", url=there.url, kinds=[], source="mautic", at=now)
        switch(endpoint, on=False, at=timezone.now())
        post_message(client)
        call_command("exchange")
        assert there.got == []

        switch(endpoint, on=True, at=timezone.now())
        new = rotate_secret(endpoint, at=timezone.now())
        assert send_since(endpoint, since=now - timedelta(hours=1), at=timezone.now()) == 1
        call_command("exchange")

    (_id, headers, body, _what) = there.got[0]
    headers = {name.lower(): value for name, value in headers.items()}
    assert Webhook(new).verify(body, headers)
    assert Webhook(old).verify(body, headers)

"""Messages of marketing tools, as their documentation shows them, become leads once, and only when signed."""

import json
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from funnel.models import Lead, Touch
from integrations.models import InboxItem
from integrations.services.inbox import MAX_ATTEMPTS, process, replay
from tests.integrations.inbound.sending import SECRET, post, run, signature, source

pytestmark = pytest.mark.django_db


def mautic(client, document, secret=SECRET):
    body = json.dumps(document).encode()
    return post(client, "mautic", body, **{"Webhook-Signature": signature(body, secret)})


def contact(email="ann@buyer.example", **fields):
    core = {"email": {"id": "6", "label": "Email", "alias": "email", "type": "email", "value": email}}
    core |= {name: {"alias": name, "value": value} for name, value in fields.items()}
    return {"id": 1234, "points": 35, "fields": {"core": core, "social": {}, "personal": [], "professional": []}}


# --- Mautic ---------------------------------------------------------------------------------------------------


def test_a_new_contact_of_mautic_is_a_lead(client):
    source("mautic")
    event = {
        "contact": contact(firstname="Ann", lastname="Lee", company="Buyer GmbH"),
        "timestamp": "2026-11-20T10:00:00+00:00",
    }

    answer = mautic(client, {"mautic.lead_post_save_new": [event]})

    assert answer.status_code == 202
    assert not Lead.objects.exists()
    item = run()
    assert item.state == "done", item.error
    lead = Lead.objects.get()
    assert (lead.email, lead.first_name, lead.score, lead.company.name) == (
        "ann@buyer.example",
        "Ann",
        35,
        "Buyer GmbH",
    )
    assert lead.identities.get().external_id == "1234"


def test_a_bare_object_and_several_events_in_one_body_are_read_too(client):
    source("mautic")
    mautic(
        client,
        {
            "mautic.lead_post_save_update": {"contact": contact()},
            "mautic.lead_points_change": [{"contact": contact(), "points": {"old_points": 35, "new_points": 90}}],
        },
    )

    item = run()

    assert [result["status"] for result in item.results] == ["created", "updated"]
    assert Lead.objects.get().score == 90


def test_utm_tags_are_touches_and_do_not_contact_is_consent(client):
    source("mautic", channel_rules={"values": {"google": "paid-search"}})
    person = contact() | {
        "utmtags": [
            {
                "id": 5,
                "utmSource": "google",
                "utmMedium": "cpc",
                "utmCampaign": "Spring 26",
                "dateAdded": "2026-11-19T08:00:00+00:00",
            }
        ],
        "doNotContact": [{"channel": "email", "reason": 1}],
    }
    mautic(client, {"mautic.lead_post_save_new": [{"contact": person, "timestamp": "2026-11-20T10:00:00+00:00"}]})

    run()

    touch = Touch.objects.get(external_id="utm-5")
    assert (touch.channel.slug, touch.campaign.slug, touch.kind) == ("paid-search", "spring-26", "ad_click")
    assert Lead.objects.get().consent["email"]["granted"] is False


def test_forms_and_page_hits_say_what_the_person_did(client):
    source("mautic")
    submission = {
        "id": 77,
        "form": {"name": "Ask us"},
        "results": {"email": "ann@buyer.example", "question": "Does it work with SAP?"},
        "dateSubmitted": "2026-11-20T10:00:00+00:00",
    }
    hit = {
        "id": 78,
        "dateHit": "2026-11-20T10:05:00+00:00",
        "page": {"title": "Prices"},
        "lead": contact(),
    }
    mautic(client, {"mautic.form_on_submit": [{"submission": submission}], "mautic.page_on_hit": [{"hit": hit}]})

    run()

    assert (
        Touch.objects.get(external_id="form-77").subject
        == "Ask us: email: ann@buyer.example; question: Does it work with SAP?"
    )
    assert Touch.objects.get(external_id="hit-78").subject == "Prices"


def test_what_mautic_tells_of_unknown_kinds_is_kept_and_shown(client):
    source("mautic")
    mautic(client, {"mautic.stage_change": [{"contact": contact()}]})

    item = run()

    assert item.state == "unmapped"
    assert not Lead.objects.exists()


@pytest.mark.parametrize("given", ["", "bogus", "AAAA"])
def test_unsigned_or_altered_messages_have_no_effect(client, given):
    source("mautic")
    body = json.dumps({"mautic.lead_post_save_new": [{"contact": contact()}]}).encode()

    answer = post(client, "mautic", body, **{"Webhook-Signature": given or signature(body + b" ")})

    assert answer.status_code == 401
    assert answer.json()["type"] == "bad-signature"
    assert not InboxItem.objects.exists()


def test_the_same_message_again_is_known(client):
    source("mautic")
    document = {"mautic.lead_post_save_new": [{"contact": contact()}]}

    assert [mautic(client, document).status_code for _ in range(3)] == [202, 200, 200]
    run()
    assert Lead.objects.count() == 1


def test_while_a_secret_is_changed_over_both_are_taken(client):
    now = timezone.now()
    source("mautic", old_secret="the-one-before", old_secret_until=now.replace(year=now.year + 1))

    assert mautic(client, {"mautic.a": []}, secret="the-one-before").status_code == 202
    assert mautic(client, {"mautic.b": []}).status_code == 202
    assert mautic(client, {"mautic.c": []}, secret="neither").status_code == 401


def test_a_source_that_is_off_does_not_exist(client):
    source("mautic", is_active=False)

    assert mautic(client, {"mautic.a": []}).status_code == 404


# --- HubSpot --------------------------------------------------------------------------------------------------


class RecordedContacts:
    """A recorded answer of HubSpot's batch read."""

    def __init__(self, _source):
        pass

    def fetch(self, ids):
        properties = {
            "email": "ben@buyer.example",
            "firstname": "Ben",
            "lastname": None,
            "company": "REDACTED",
            "lifecyclestage": "lead",
            "hs_analytics_source": "PAID_SEARCH",
            "hs_email_optout": "true",
        }
        return {one: {"id": one, "properties": properties} for one in ids}


def hubspot(client, events, at=None):
    body = json.dumps(events).encode()
    timestamp = str(int((at or datetime.now(UTC)).timestamp() * 1000))
    signed = b"POST" + b"http://testserver/api/v1/hooks/token-hubspot/" + body + timestamp.encode()
    headers = {"X-HubSpot-Signature-v3": signature(signed), "X-HubSpot-Request-Timestamp": timestamp}
    return post(client, "hubspot", body, **headers)


EVENT = {
    "eventId": 100,
    "subscriptionId": 3866013,
    "portalId": 62515,
    "occurredAt": 1763600000000,
    "subscriptionType": "contact.creation",
    "attemptNumber": 0,
    "objectId": 123,
    "changeSource": "CRM",
}


def test_a_contact_of_hubspot_is_fetched_and_becomes_a_lead(client):
    source("hubspot")

    assert hubspot(client, [EVENT, EVENT | {"subscriptionType": "contact.propertyChange"}]).status_code == 202
    item = process(InboxItem.objects.get().pk, now=timezone.now(), contacts=RecordedContacts)

    assert [result["status"] for result in item.results] == ["created", "unchanged"]
    lead = Lead.objects.get()
    assert (lead.email, lead.first_name, lead.company, lead.channel.slug) == (
        "ben@buyer.example",
        "Ben",
        None,
        "paid-search",
    )
    assert lead.consent["email"]["granted"] is False
    assert lead.identities.get().external_id == "123"


def test_a_message_of_hubspot_older_than_five_minutes_is_refused(client):
    source("hubspot")

    assert hubspot(client, [EVENT], at=datetime(2026, 1, 1, tzinfo=UTC)).status_code == 401


def test_what_cannot_be_fetched_is_tried_again_and_given_up_in_the_end(client):
    source("hubspot")
    hubspot(client, [EVENT])
    item, now = InboxItem.objects.get(), timezone.now()

    for _ in range(MAX_ATTEMPTS):
        item = process(item.pk, now=now)
        now = item.next_attempt_at or now

    assert (item.state, item.attempts) == ("dead", MAX_ATTEMPTS)
    assert "token" in item.error
    assert replay(InboxItem.objects.all(), at=now) == 1
    assert process(item.pk, now=now, contacts=RecordedContacts).state == "done"

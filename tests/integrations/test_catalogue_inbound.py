"""The catalogue of bad webhooks that come in, W1 to W9: one test for each row, named by it."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.test import Client
from standardwebhooks import Webhook

from funnel.models import Channel, Lead, Touch
from integrations.models import InboxItem
from tests.integrations.inbound.sending import SECRET, post, run, signature, source

pytestmark = pytest.mark.django_db

STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHERS = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
MAP = {"email": "/mail", "channel": "/via", "at": "/at", "touch.subject": "/page"}
BODY = b'{"mail": "ann@buyer.example", "via": "web", "at": "2026-11-20T10:00:00Z", "page": "Prices"}'
CONTACT = {"contact": {"id": 1, "fields": {"core": {"email": {"value": "ann@buyer.example"}}}}}
MAUTIC = json.dumps({"mautic.lead_post_save_new": [CONTACT]}).encode()
EVENTS = b'[{"subscriptionType": "contact.creation", "objectId": 1, "occurredAt": 1763600000000}]'


@pytest.fixture
def tools():
    source("mautic")
    source("hubspot")
    source("marketo")
    source("salesforce_web_to_lead", secret="00D5g000004XXXX")
    source("generic", secret=STANDARD, field_map=MAP)
    source("generic", slug="hmac", token="token-hmac", options={"signature": "hmac", "header": "X-Signed"})
    source("generic", slug="secret", token="token-secret", options={"signature": "secret"})


def standard(body=BODY, secret=STANDARD, message_id="msg_1", at=None, **headers):
    """The headers of Standard Webhooks."""
    at = at or datetime.now(UTC)
    signed = Webhook(secret).sign(message_id, at, body.decode())
    known = {"webhook-id": message_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed}
    return known | {name.replace("_", "-"): value for name, value in headers.items()}


def hubspot(body=EVENTS, secret=SECRET, at=None, stamp=None):
    stamp = stamp if stamp is not None else str(int((at or datetime.now(UTC)).timestamp() * 1000))
    signed = b"POST" + b"http://testserver/api/v1/hooks/token-hubspot/" + body + stamp.encode()
    return {"X-HubSpot-Signature-v3": signature(signed, secret), "X-HubSpot-Request-Timestamp": stamp}


def assert_refused(answer):
    """One text for whatever is wrong, and nothing is kept."""
    assert answer.status_code == 401
    told = answer.json()
    assert (told["type"], told["detail"]) == (
        "bad-signature",
        "The signature is missing, wrong, or of another time.",
    )
    assert not InboxItem.objects.exists()


# --- W1 -------------------------------------------------------------------------------------------------------

FORM = "application/x-www-form-urlencoded"
GOOD = standard()["webhook-signature"]
UNSIGNED = {
    "mautic, none": ("mautic", MAUTIC, {}),
    "mautic, empty": ("mautic", MAUTIC, {"Webhook-Signature": ""}),
    "mautic, wrong": ("mautic", MAUTIC, {"Webhook-Signature": signature(b"other")}),
    "mautic, not base64": ("mautic", MAUTIC, {"Webhook-Signature": "§§§"}),
    "mautic, in hex": ("mautic", MAUTIC, {"Webhook-Signature": "00" * 32}),
    "mautic, another's secret": ("mautic", MAUTIC, {"Webhook-Signature": signature(MAUTIC, "00D5g000004XXXX")}),
    "hubspot, none": ("hubspot", EVENTS, {}),
    "hubspot, no signature": (
        "hubspot",
        EVENTS,
        {"X-HubSpot-Request-Timestamp": hubspot()["X-HubSpot-Request-Timestamp"]},
    ),
    "hubspot, an old version": ("hubspot", EVENTS, {"X-HubSpot-Signature": "00" * 32}),
    "hubspot, another's secret": ("hubspot", EVENTS, hubspot(secret="another-secret-of-somebody")),
    "marketo, none": ("marketo", BODY, {}),
    "marketo, empty": ("marketo", BODY, {"X-LeadFlow-Secret": ""}),
    "marketo, a part of it": ("marketo", BODY, {"X-LeadFlow-Secret": SECRET[:-1]}),
    "marketo, in other case": ("marketo", BODY, {"X-LeadFlow-Secret": SECRET.upper()}),
    "standard, none": ("generic", BODY, {}),
    "standard, empty": ("generic", BODY, standard(webhook_signature="")),
    "standard, no scheme": ("generic", BODY, standard(webhook_signature=GOOD.removeprefix("v1,"))),
    "standard, other scheme": ("generic", BODY, standard(webhook_signature=GOOD.replace("v1,", "v2,"))),
    "standard, list without match": ("generic", BODY, standard(webhook_signature="v1,AAAA v1a,BBBB v1,CCCC=")),
    "standard, another's secret": ("generic", BODY, standard(secret=OTHERS)),
    "hmac, none": ("hmac", BODY, {}),
    "hmac, wrong": ("hmac", BODY, {"X-Signed": signature(BODY + b" ")}),
    "secret, none": ("secret", BODY, {}),
    "secret, wrong": ("secret", BODY, {"X-LeadFlow-Secret": "§"}),
    "salesforce, none": ("salesforce_web_to_lead", b"email=ann%40buyer.example", {}),
    "salesforce, empty": ("salesforce_web_to_lead", b"oid=&email=ann%40buyer.example", {}),
    "salesforce, another's": ("salesforce_web_to_lead", b"oid=00D000000000001&email=ann%40buyer.example", {}),
}


@pytest.mark.parametrize(("tool", "body", "headers"), UNSIGNED.values(), ids=UNSIGNED)
def test_w1_an_unsigned_or_wrongly_signed_message_is_refused(client, tools, tool, body, headers):
    kind = FORM if tool.startswith("salesforce") else "application/json"

    assert_refused(post(client, tool, body, kind, **headers))


# --- W2 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alter", [lambda body: body + b" ", lambda body: json.dumps(json.loads(body), indent=1).encode()]
)
@pytest.mark.parametrize(
    ("tool", "body", "headers"),
    [
        ("mautic", MAUTIC, {"Webhook-Signature": signature(MAUTIC)}),
        ("hubspot", EVENTS, None),
        ("generic", BODY, None),
        ("hmac", BODY, {"X-Signed": signature(BODY)}),
    ],
    ids=["mautic", "hubspot", "standard", "hmac"],
)
def test_w2_an_altered_body_is_refused(client, tools, tool, body, headers, alter):
    headers = headers or (hubspot() if tool == "hubspot" else standard())

    assert_refused(post(client, tool, alter(body), **headers))

    assert post(client, tool, body, **headers).status_code == 202


# --- W3 -------------------------------------------------------------------------------------------------------

SECONDS = {"301 s old": -301, "301 s ahead": 302, "of another year": -40_000_000}
STAMPS = ["", "yesterday", "1" * 400, "-1", "1e9", "１７６３６００００００００", "1763600000.5", "nan", "inf"]


@pytest.mark.parametrize("seconds", SECONDS.values(), ids=SECONDS)
def test_w3_an_old_or_future_message_is_refused(client, tools, seconds):
    at = datetime.now(UTC) + timedelta(seconds=seconds)

    assert_refused(post(client, "generic", BODY, **standard(at=at)))
    assert_refused(post(client, "hubspot", EVENTS, **hubspot(at=at)))


@pytest.mark.parametrize("stamp", STAMPS)
def test_w3_a_timestamp_that_is_none_is_refused(client, tools, stamp):
    assert_refused(post(client, "generic", BODY, **standard(webhook_timestamp=stamp)))
    assert_refused(post(client, "hubspot", EVENTS, **hubspot(stamp=stamp)))


# --- W4 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message_id", ["", "x" * 1024, "msg.1", "msg\r\nX: 1", "msg_1.1763600000", "m\x00", "mä"])
def test_w4_an_id_that_is_none_is_refused(client, tools, message_id):
    signed = standard(message_id=message_id)

    assert_refused(post(client, "generic", BODY, **signed))


# --- W5 -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_w5_one_id_delivered_a_hundred_times_at_once_has_one_effect(tools, at_once):
    Channel.objects.create(slug="web", name="Web")
    headers = standard()

    def five_times():
        return [post(Client(), "generic", BODY, **headers).status_code for _ in range(5)]

    answers = [status for statuses in at_once(*[five_times] * 20) for status in statuses]

    assert sorted(answers) == [200] * 99 + [202]
    run()
    assert (InboxItem.objects.count(), Lead.objects.count(), Touch.objects.count()) == (1, 1, 1)


def test_w5_the_same_id_again_has_no_effect_also_after_it_was_processed(client, tools):
    send = partial(post, client, "generic", BODY, **standard())
    assert send().status_code == 202
    run()

    assert send().status_code == 200

    assert run().attempts == 1
    assert Touch.objects.count() == 1


def test_w5_the_same_id_with_another_body_is_a_conflict_and_is_logged(client, tools, caplog):
    post(client, "generic", BODY, **standard())
    other = BODY.replace(b"ann", b"bob")

    answer = post(client, "generic", other, **standard(other))

    assert (answer.status_code, answer.json()["type"]) == (409, "other-body")
    assert "came before with another body" in caplog.text
    assert bytes(InboxItem.objects.get().body) == BODY


# --- W6 -------------------------------------------------------------------------------------------------------

UNMAPPED = {
    "unknown kind": {"mautic.stage_change": [CONTACT]},
    "no kind at all": {"hello": "world"},
    "an empty list": {"mautic.lead_post_save_new": []},
    "an event that is a text": {"mautic.lead_post_save_new": ["contact"]},
    "an empty object": {},
}


@pytest.mark.parametrize("document", UNMAPPED.values(), ids=UNMAPPED)
def test_w6_what_is_not_known_is_kept_and_shown_and_does_not_fail(client, marketing_client, tools, document):
    body = json.dumps(document).encode()

    assert post(client, "mautic", body, **{"Webhook-Signature": signature(body)}).status_code == 202

    assert run().state == InboxItem.State.UNMAPPED
    assert not Lead.objects.exists()
    (row,) = marketing_client.get("/imports/hooks/?state=unmapped").context["rows"]
    assert row.item.pk == InboxItem.objects.get().pk


@pytest.mark.parametrize(
    "contact",
    [
        {
            "fields": {"core": {"email": {"value": "ann@buyer.example", "since": 7}, "zodiac": {"value": "aries"}}},
            "x": 1,
        },
        {"fields": {"core": {"email": "ann@buyer.example"}}},
        {"lead": {"fields": {"core": {"email": {"value": "ann@buyer.example"}}}}},
    ],
    ids=["more fields", "an older shape", "an older name"],
)
def test_w6_more_fields_and_older_shapes_are_read(client, tools, contact):
    event = contact if "lead" in contact else {"contact": contact, "version": 9}
    body = json.dumps({"mautic.lead_post_save_new": event, "more": [1]}).encode()

    post(client, "mautic", body, **{"Webhook-Signature": signature(body)})

    assert run().state == InboxItem.State.DONE
    assert Lead.objects.get().email == "ann@buyer.example"


# --- W7 -------------------------------------------------------------------------------------------------------

NO_LEADS = {
    "no address": ({"via": "web"}, "neither an e-mail address nor an id"),
    "a broken address": ({"mail": "nobody"}, "e-mail"),
    "a list for an address": ({"mail": ["a@b.example"]}, "neither an e-mail address nor an id"),
    "header injection": ({"mail": "a@b.example\r\nBcc: c@d.example"}, "e-mail"),
    "300 characters": ({"mail": f"{'x' * 300}@b.example"}, "e-mail"),
}


@pytest.mark.parametrize(("document", "sentence"), NO_LEADS.values(), ids=NO_LEADS)
def test_w7_a_signed_message_with_a_lead_that_is_none_is_stored_failed(
    client, marketing_client, tools, document, sentence
):
    body = json.dumps(document).encode()

    assert post(client, "generic", body, **standard(body)).status_code == 202

    item = run()
    assert (item.state, Lead.objects.count()) == (InboxItem.State.FAILED, 0)
    assert sentence in item.error
    assert item.error in marketing_client.get(f"/imports/hooks/{item.pk}/").context["shown"].item.error
    marketing_client.post(f"/imports/hooks/{item.pk}/replay/")
    assert (run().state, InboxItem.objects.get().attempts) == (InboxItem.State.FAILED, 1)


UNREADABLE = {
    "nothing": b"",
    "half of it": b'{"mail": ',
    "latin-1": '{"mail": "zoë@buyer.example"}'.encode("latin-1"),
    "NaN": b'{"mail": NaN}',
    "too deep": b"[" * 100_000 + b"]" * 100_000,
    "a number": b"42",
    "null": b"null",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("tool", ["secret", "mautic"])
def test_w7_a_signed_message_that_is_no_json_is_stored_failed(client, tools, tool, body):
    headers = {"Webhook-Signature": signature(body)} if tool == "mautic" else {"X-LeadFlow-Secret": SECRET}

    assert post(client, tool, body, **headers).status_code == 202

    item = run()
    assert item.state == InboxItem.State.FAILED
    assert item.error


def test_w7_one_bad_event_does_not_hold_up_the_others(client, tools):
    bad = {"contact": {"id": None, "fields": {"core": {"email": {"value": "nobody"}}}}}
    body = json.dumps({"mautic.lead_post_save_new": [bad, CONTACT]}).encode()

    post(client, "mautic", body, **{"Webhook-Signature": signature(body)})

    item = run()
    assert [result["status"] for result in item.results] == ["rejected", "created"]
    assert item.state == InboxItem.State.FAILED


# --- W8, W9 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["nothing", "token-mautic/", "..", "%00", "x" * 2000, "TOKEN-MAUTIC"])
def test_w8_an_address_of_no_source_does_not_exist(client, tools, token):
    answer = client.post(f"/api/v1/hooks/{token}/", MAUTIC, "application/json")

    assert answer.status_code == 404
    assert not InboxItem.objects.exists()


def test_w8_a_source_that_is_off_does_not_exist_though_the_message_is_signed(client, tools):
    source("mautic", slug="off", token="token-off", is_active=False)

    answer = post(client, "off", MAUTIC, **{"Webhook-Signature": signature(MAUTIC)})

    assert answer.status_code == 404
    assert not InboxItem.objects.exists()


@pytest.mark.parametrize("size", [1_000_001, 2_000_000, 12_000_000])
def test_w9_a_message_above_a_megabyte_is_refused(client, tools, size):
    body = b" " * size

    answer = post(client, "mautic", body, **{"Webhook-Signature": signature(body)})

    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")
    assert not InboxItem.objects.exists()

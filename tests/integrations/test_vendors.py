"""Each tool's documented messages come in as they are over HTTP, and what sales says of the lead goes back, signed."""

import json
from datetime import timedelta

import httpx
import pytest
from django.core.management import call_command
from django.utils import timezone
from standardwebhooks import Webhook

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.lifecycle import Stage
from funnel.models import Lead, Touch
from funnel.services.moves import move_lead
from integrations.models import InboxItem
from integrations.services.endpoints import create_endpoint
from tests.integrations.inbound.sending import SECRET, signature, source
from tests.integrations.outbound.receiver import receiver
from tests.integrations.payloads import (
    HUBSPOT,
    HUBSPOT_GENERIC,
    HUBSPOT_MERGE,
    MARKETO,
    MARKETO_REST,
    MAUTIC,
    MAUTIC_DELETED,
    SALESFORCE,
    hubspot_contact,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _loopback_is_open(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def send(live_server):
    """Post to a source's hook over HTTP, as its tool does."""

    def post(adapter, body, content_type="application/json", **headers):
        url = f"{live_server.url}/api/v1/hooks/token-{adapter}/"
        return httpx.post(url, content=body, headers={"Content-Type": content_type} | headers)

    return post


@pytest.fixture
def mautic(send):
    source("mautic", channel_rules={"values": {"google": "paid-search"}}, options={"delete_erases": True})

    def post(document):
        body = json.dumps(document).encode()
        return send("mautic", body, **{"Webhook-Signature": signature(body)})

    return post


@pytest.fixture
def hubspot(send, live_server):
    """With a stand-in for HubSpot's API, which answers `contacts` over HTTP."""
    contacts = []

    def answer(got):
        asked = {one["id"] for one in json.loads(got)["inputs"]}
        return json.dumps({"status": "COMPLETE", "results": [c for c in contacts if c["id"] in asked]}).encode()

    def post(events, *found):
        contacts[:] = found
        body, now = json.dumps(events).encode(), str(int(timezone.now().timestamp() * 1000))
        signed = b"POST" + f"{live_server.url}/api/v1/hooks/token-hubspot/".encode() + body + now.encode()
        headers = {"X-HubSpot-Signature-v3": signature(signed), "X-HubSpot-Request-Timestamp": now}
        return send("hubspot", body, **headers)

    with receiver(body=answer) as api:
        source("hubspot", options={"token": "pat-1", "base_url": api.url.removesuffix("/hook")})
        yield post


@pytest.fixture
def marketo(send):
    source("marketo")
    return lambda body: send("marketo", body, **{"X-LeadFlow-Secret": SECRET})


@pytest.fixture
def salesforce(send):
    source(
        "salesforce_web_to_lead",
        secret=SALESFORCE["oid"],
        options={"return_hosts": ["www.example.com"]},
        field_map={"00N5g00000ABcde": "attributes.pain"},
    )

    def post(**fields):
        body = str(httpx.QueryParams(SALESFORCE | fields)).encode()
        return send("salesforce_web_to_lead", body, "application/x-www-form-urlencoded")

    return post


def told_after_refusal(of, rep, marketing):
    """What an endpoint of the source is told when sales refuses its lead; each delivery verified."""
    with receiver() as there:
        _, secret = create_endpoint(name="Back", url=there.url, kinds=[], source=of, at=timezone.now())
        call_command("exchange")
        lead = Lead.objects.get()
        if lead.stage == Stage.INQUIRY:
            move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=timezone.now())
        Lead.objects.update(owner=rep, team=rep.team)
        said = Statement(
            outcome=Outcome.REFUSE,
            reason="no_budget",
            failed_clauses=[2],
            clause_evidence={2: "Never asked."},
            learned="Next year.",
        )
        record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=timezone.now())
        call_command("exchange")
    for _id, headers, body, _what in there.got:
        assert Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
    told = [json.loads(body) for _id, _headers, body, _what in there.got]
    return next(one["data"] for one in told if one["type"] == "lead.dispositioned")


def assert_the_refusal_is_told(told, *, external_id, email):
    assert (told["outcome"], told["reason"], told["learned"]) == ("refuse", "no_budget", "Next year.")
    assert told["clauses"] == [{"number": 2, "sentence": "Asked to be called.", "evidence": "Never asked."}]
    assert told["lead"]["email"] == email
    assert told["lead"]["stage"] == "nurture"
    assert told["lead"]["external_ids"] == external_id


def results(item=None):
    return [(one["event"], one["status"]) for one in (item or InboxItem.objects.latest("pk")).results]


# --- Mautic ---------------------------------------------------------------------------------------------------


def test_mautic_in_and_back(mautic, rep, marketing, signed_agreement):
    assert mautic(MAUTIC).status_code == 202

    told = told_after_refusal("mautic", rep, marketing)

    assert results() == [
        ("lead_post_save_new", "created"),
        *((kind.removeprefix("mautic."), "updated") for kind in list(MAUTIC)[1:-1]),
        (list(MAUTIC)[-1].removeprefix("mautic."), "unchanged"),  # it tells nothing that was not known
    ]
    lead = Lead.objects.get()
    assert (lead.name, lead.title, lead.company.name) == ("Ann Lee", "Head of IT", "Buyer GmbH")
    assert lead.consent["email"]["granted"] is False
    hit, form = (Touch.objects.get(external_id=one) for one in ("hit-78", "form-77"))
    assert (hit.kind, hit.channel.slug, hit.campaign.slug, hit.subject) == (
        "visit",
        "paid-search",
        "spring-26",
        "Prices",
    )
    assert (form.kind, form.channel.slug) == ("form", "newsletter")
    assert "Does it work with SAP?" in form.subject
    assert_the_refusal_is_told(told, external_id=["1234"], email="ann@buyer.example")


def test_a_contact_deleted_in_mautic_is_known_by_the_events_own_id(mautic):
    """The contact in it has lost its id."""
    mautic(MAUTIC_DELETED)
    call_command("exchange")

    ((event, _status),) = results()
    assert event == "lead_post_delete"
    item = InboxItem.objects.get()
    assert item.error == ""


# --- HubSpot --------------------------------------------------------------------------------------------------


def test_hubspot_in_and_back(hubspot, rep, marketing, signed_agreement):
    assert hubspot(HUBSPOT, hubspot_contact()).status_code == 202

    told = told_after_refusal("hubspot", rep, marketing)

    assert results() == [
        ("contact.creation", "created"),
        ("contact.propertyChange", "unchanged"),  # both were read at one moment
        ("deal.creation", "ignored"),
    ]
    lead = Lead.objects.get()
    assert (lead.name, lead.title, lead.phone, lead.score) == ("Ben Berg", "", "", 61)
    assert_the_refusal_is_told(told, external_id=["1246965"], email="ben@buyer.example")
    assert told["hubspot"] == {"lifecyclestage": "lead", "hs_lead_status": "BAD_TIMING"}


@pytest.mark.parametrize(
    ("properties", "stage", "sentence"),
    [
        ({}, Stage.MQL, ""),
        ({"lifecyclestage": "subscriber"}, Stage.INQUIRY, ""),
        ({"lifecyclestage": None}, Stage.INQUIRY, ""),
        ({"hs_lead_status": "UNQUALIFIED"}, Stage.INQUIRY, "its lead status in HubSpot is UNQUALIFIED"),
        ({"hs_lead_status": "BAD_TIMING"}, Stage.INQUIRY, "its lead status in HubSpot is BAD_TIMING"),
        ({"hs_lead_status": "IN_PROGRESS"}, Stage.MQL, ""),
        (
            {"lifecyclestage": "customer"},
            Stage.INQUIRY,
            "HubSpot says “customer”: stages of sales are given in LeadFlow.",
        ),
    ],
)
def test_what_hubspot_says_of_a_stage_is_read_in_our_words(hubspot, signed_agreement, properties, stage, sentence):
    hubspot(HUBSPOT[:1], hubspot_contact(**properties))
    call_command("exchange")

    assert Lead.objects.get().stage == stage
    (result,) = InboxItem.objects.get().results
    assert (sentence in result["told"]) if sentence else not result["told"]


def test_the_newer_events_of_hubspot_are_read_too(hubspot):
    hubspot(HUBSPOT_GENERIC, hubspot_contact(firstname="REDACTED"))
    call_command("exchange")

    assert results() == [("object.propertyChange", "created"), ("object.creation", "ignored")]
    assert Lead.objects.get().first_name == ""


def test_of_a_merge_in_hubspot_the_contact_that_is_left_is_fetched(hubspot):
    hubspot(HUBSPOT_MERGE, hubspot_contact("1246999"))
    call_command("exchange")

    assert Lead.objects.get().identities.get().external_id == "1246999"


# --- Marketo --------------------------------------------------------------------------------------------------


def test_marketo_in_and_back_in_one_call_and_by_webhook(marketo, rep, marketing, signed_agreement):
    first = marketo(MARKETO)

    assert first.status_code == 200
    assert (first.json()["stage"], first.json()["disposition"]) == ("mql", "")
    lead = Lead.objects.get()
    assert (lead.name, lead.title, lead.company.name) == ("Cleo Cole", 'Buyer "IT"', "Buyer & Sons Ltd")

    told = told_after_refusal("marketo", rep, marketing)

    assert_the_refusal_is_told(told, external_id=["318593"], email="cleo@buyer.example")
    again = marketo(json.dumps({"external_id": "318593", "email": "cleo@buyer.example"})).json()
    assert (again["stage"], again["disposition"], again["reason"], again["owner"]) == (
        "nurture",
        "refuse",
        "no_budget",
        Lead.objects.get().owner.name,
    )


def test_marketos_rest_form_answers_in_its_order(marketo):
    answer = marketo(json.dumps(MARKETO_REST)).json()

    first, second = (Lead.objects.get(first_name=f"Kataldar-{number}") for number in (1, 2))
    assert [one["leadflow_id"] for one in answer["leads"]] == [first.pk, second.pk]
    assert second.score == 12


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [
        ({"action": "updateOnly"}, "ignored", "Nobody is known by it, and the tool asked to update only."),
        ({"action": "createOnly"}, "created", ""),
        ({"action": "createDuplicate"}, "created", ""),
        ({"action": "drop"}, "ignored", "There is no action drop."),
        ({"lookupField": "id"}, "ignored", "It has no id, by which it is to be found."),
        ({"lookupField": "crmNumber"}, "created", ""),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_action_and_lookup_field_of_marketos_rest_form_are_heeded(marketo, form, status, sentence):
    lead = {"email": "eve@buyer.example", "crmNumber": "C-7"}

    marketo(json.dumps(MARKETO_REST | {"input": [lead]} | form))

    (result,) = InboxItem.objects.get().results
    assert result["status"] == status
    assert sentence in result["told"]
    if form.get("lookupField") == "crmNumber":
        assert Lead.objects.get().identities.get().external_id == "C-7"


def test_who_is_known_already_is_not_created_again_where_marketo_asks_so(marketo):
    marketo(json.dumps(MARKETO_REST))
    marketo(json.dumps(MARKETO_REST | {"action": "createOnly", "input": [{"email": "KJASHAEDD-1@buyer.example"}]}))

    (result,) = InboxItem.objects.latest("pk").results
    assert result["told"] == "It is known already, and the tool asked to create only."


def test_a_score_that_goes_up_and_down_again_is_news_each_time(marketo):
    def say(score):
        InboxItem.objects.update(received_at=timezone.now() - timedelta(minutes=6))
        return marketo(json.dumps({"email": "eve@buyer.example", "score": score}))

    for score in ("10", "20", "10"):
        say(score)

    assert Lead.objects.get().score == 10
    assert InboxItem.objects.count() == 3


# --- Salesforce Web-to-Lead -----------------------------------------------------------------------------------


def test_salesforces_form_in_and_back(salesforce, rep, marketing, signed_agreement):
    answer = salesforce()
    assert (answer.status_code, answer.headers["location"]) == (302, "https://www.example.com/thanks")

    told = told_after_refusal("salesforce_web_to_lead", rep, marketing)

    lead = Lead.objects.get()
    assert (lead.name, lead.company.name, lead.channel.slug) == ("Dora Day", "Buyer SA", "trade-show")
    assert lead.campaign.slug == "7015g000000abcdaak"
    assert lead.consent["email"]["granted"] is False
    assert lead.evidence.get().text == "We lose leads"
    assert_the_refusal_is_told(told, external_id=[], email="dora@buyer.example")


def test_the_same_form_a_moment_later_is_a_double_click_and_next_week_a_new_touch(salesforce):
    assert [salesforce().status_code for _ in range(2)] == [302, 302]
    call_command("exchange")
    assert Touch.objects.count() == 1

    InboxItem.objects.update(received_at=timezone.now() - timedelta(days=7))
    salesforce()
    call_command("exchange")
    assert Touch.objects.count() == 2


@pytest.mark.parametrize("url", ["https://evil.example/", "//www.example.com", "http://www.example.com@evil.example/"])
def test_salesforces_form_leads_to_no_other_host(salesforce, url):
    assert salesforce(retURL=url).status_code == 202

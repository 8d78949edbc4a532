"""Messages of Marketo, of Salesforce's web forms and of any other tool become leads."""

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.lifecycle import Stage
from funnel.models import Lead
from tests.integrations.inbound.sending import SECRET, post, run, source

pytestmark = pytest.mark.django_db

# --- Marketo --------------------------------------------------------------------------------------------------

TEMPLATE = {
    "external_id": "318",
    "email": "cleo@buyer.example",
    "first_name": "Cleo",
    "company": {"name": "Buyer Ltd", "country": "GB"},
    "score": "70",
    "channel": "Webinar",
    "stage": "mql",
}


def marketo(client, document, secret=SECRET):
    return post(client, "marketo", json.dumps(document).encode(), **{"X-LeadFlow-Secret": secret})


def test_marketo_gets_the_stage_back_in_the_answer(client, signed_agreement):
    source("marketo")

    answer = marketo(client, TEMPLATE)

    assert answer.status_code == 200
    lead = Lead.objects.get()
    assert answer.json() | {"stage": "mql", "leadflow_id": lead.pk, "disposition": ""} == answer.json()
    assert lead.channel.slug == "webinar"


def test_marketo_gets_the_disposition_back_with_its_next_call(client, signed_agreement, rep):
    source("marketo")
    marketo(client, TEMPLATE)
    lead = Lead.objects.get()
    Lead.objects.filter(pk=lead.pk).update(owner=rep, team=rep.team)
    statement = Statement(outcome=Outcome.REFUSE, reason="no_budget", failed_clauses=[1])
    record_disposition(lead_id=lead.pk, statement=statement, by=rep.principal, at=timezone.now())

    answer = marketo(client, {name: value for name, value in TEMPLATE.items() if name != "stage"}).json()

    assert (answer["stage"], answer["disposition"], answer["reason"]) == ("nurture", "refuse", "no_budget")


def test_marketos_rest_form_carries_several_leads(client):
    source("marketo")
    people = [{"email": f"p{number}@buyer.example", "firstName": "P", "leadScore": 5} for number in range(2)]

    answer = marketo(client, {"action": "createOrUpdate", "lookupField": "email", "input": people})

    assert [lead["stage"] for lead in answer.json()["leads"]] == [Stage.INQUIRY] * 2


def test_a_wrong_shared_secret_is_refused(client):
    source("marketo")

    assert marketo(client, TEMPLATE, secret="wrong").status_code == 401


# --- Salesforce Web-to-Lead -----------------------------------------------------------------------------------

FORM = {
    "oid": SECRET,
    "retURL": "https://www.buyer.example/thanks",
    "first_name": "Dora",
    "last_name": "Day",
    "email": "dora@buyer.example",
    "company": "Buyer SA",
    "lead_source": "Trade Show",
    "Campaign_ID": "7015g000000",
    "00N5g00000abcde": "We lose leads",
    "description": "Please call me",
}


def web_to_lead(client, form):
    return post(client, "salesforce_web_to_lead", urlencode(form), "application/x-www-form-urlencoded")


def test_a_web_form_becomes_a_lead_and_the_browser_goes_on(client):
    source(
        "salesforce_web_to_lead",
        options={"return_hosts": ["www.buyer.example"]},
        field_map={"00N5g00000abcde": "attributes.pain"},
    )

    answer = web_to_lead(client, FORM)

    assert (answer.status_code, answer["Location"]) == (302, "https://www.buyer.example/thanks")
    run()
    lead = Lead.objects.get()
    assert (lead.name, lead.channel.slug, lead.campaign.slug) == ("Dora Day", "trade-show", "7015g000000")
    assert lead.evidence.get().text == "We lose leads"
    assert lead.touches.get().subject == "Please call me"


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "https://www.buyer.example\\@evil.example/"],
)
def test_the_browser_is_never_sent_to_a_host_that_is_not_allowed(client, url):
    source("salesforce_web_to_lead", options={"return_hosts": ["www.buyer.example"]})

    assert web_to_lead(client, FORM | {"retURL": url}).status_code == 202


# --- any other ------------------------------------------------------------------------------------------------

GENERIC_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MAP = {"email": "/person/mail", "first_name": "/person/name", "channel": "/via", "attributes.pain": "/answers/0/text"}


def test_any_other_tool_comes_in_by_a_field_map(client):
    source("generic", secret=GENERIC_SECRET, field_map=MAP)
    body = json.dumps(
        {"person": {"mail": "eve@buyer.example", "name": "Eve"}, "via": "Podcast", "answers": [{"text": "Too slow"}]}
    )
    now = datetime.now(UTC)
    signed = Webhook(GENERIC_SECRET).sign("msg_1", now, body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signed}

    assert post(client, "generic", body, **headers).status_code == 202
    assert post(client, "generic", body, **headers).status_code == 200
    run()
    lead = Lead.objects.get()
    assert (lead.first_name, lead.channel.slug, lead.evidence.get().text) == ("Eve", "podcast", "Too slow")


def test_the_same_id_with_another_body_is_a_conflict(client):
    source("generic", secret=GENERIC_SECRET, field_map=MAP)
    now = datetime.now(UTC)

    def send(body):
        signed = Webhook(GENERIC_SECRET).sign("msg_1", now, body)
        headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signed}
        return post(client, "generic", body, **headers)

    assert send('{"person": {"mail": "a@buyer.example"}}').status_code == 202
    assert send('{"person": {"mail": "b@buyer.example"}}').status_code == 409


def test_a_signed_message_with_a_bad_lead_is_kept_with_its_reason(client):
    source("generic", secret=SECRET, field_map=MAP, options={"signature": "secret"})

    answer = post(client, "generic", '{"person": {"mail": "nobody"}}', **{"X-LeadFlow-Secret": SECRET})

    assert answer.status_code == 202
    item = run()
    assert item.state == "failed"
    assert "e-mail" in item.error

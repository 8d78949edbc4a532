"""A54: of two sources that say different things the later event counts, and the older one is told so."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from funnel.models import Company, Lead
from funnel.services.edit import Section, edit_lead
from tests.factories import UserFactory
from tests.integrations.api.conftest import LEADS, caller_of
from tests.integrations.api.test_concurrency import at_once
from tests.integrations.inbound.sending import post, run, signature, source

pytestmark = pytest.mark.django_db

ANN = {"email": "ann@example.com", "channel": "web"}
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def at(minutes):
    return (NOON + timedelta(minutes=minutes)).isoformat()


def test_a54_the_older_event_is_answered_ignored_stale(mautic, hubspot):
    mautic.post(ANN | {"score": 80, "at": at(10)})

    answer = hubspot.post(ANN | {"score": 20, "at": at(5)})

    assert answer.status_code == 200
    told = answer.json()
    assert told["result"] == "ignored-stale"
    assert told["ignored"] == [{"pointer": "/score", "code": "ignored-stale"}]
    assert Lead.objects.get().score == 80


def test_a54_what_is_newer_in_it_is_taken_field_by_field(mautic, hubspot):
    mautic.post(ANN | {"score": 80, "company": {"name": "Acme", "employees": 10}, "at": at(10)})

    answer = hubspot.post(ANN | {"score": 20, "title": "CEO", "company": {"name": "Acme", "employees": 5}, "at": at(5)})

    told = answer.json()
    assert told["result"] == "updated"
    assert {one["pointer"] for one in told["ignored"]} == {"/score", "/company/employees"}
    assert (Lead.objects.get().score, Lead.objects.get().title) == (80, "CEO")
    assert Company.objects.get().employees == 10


def test_a54_a_patch_and_an_item_of_a_bulk_call_are_told_so_too(mautic):
    told = mautic.post(ANN | {"score": 80, "at": at(10)}).json()
    old = {"score": 20, "at": at(5)}

    patched = mautic.client.patch(
        f"{LEADS}{told['id']}/",
        json.dumps(old),
        content_type="application/json",
        headers=mautic.headers | {"If-Match": '"v1"'},
    )
    bulk = mautic.post({"leads": [ANN | old]}, url=f"{LEADS}bulk/").json()["results"][0]

    assert (patched.status_code, patched.json()["result"]) == (200, "ignored-stale")
    assert patched.headers["ETag"] == '"v1"'
    assert (bulk["status"], bulk["result"]) == (200, "ignored-stale")
    assert bulk["ignored"] == [{"pointer": "/score", "code": "ignored-stale"}]


def test_a54_of_two_items_about_one_person_the_later_event_counts(mautic):
    items = [ANN | {"score": 80, "at": at(10)}, ANN | {"score": 20, "at": at(5)}]

    results = mautic.post({"leads": items}, url=f"{LEADS}bulk/").json()["results"]

    assert [one["result"] for one in results] == ["created", "superseded"]
    assert Lead.objects.get().score == 80


def test_what_sales_owns_is_named_and_stays(mautic):
    lead_id = mautic.post(ANN | {"phone": "+49 30 901820"}).json()["id"]
    rep = UserFactory()
    Lead.objects.update(owner=rep, team=rep.team)
    changes = {"phone": "+4930999"}
    edit_lead(lead_id=lead_id, changes=changes, by=rep.principal, at=NOON, section=Section.CONTACT)

    told = mautic.post(ANN | {"phone": "+49 30 111"}).json()

    assert told["ignored"] == [{"pointer": "/phone", "code": "owned-by-sales"}]
    assert told["result"] == "unchanged"
    assert Lead.objects.get().phone == "+4930999"


def test_a_time_in_the_future_is_refused(mautic):
    answer = mautic.post(ANN | {"at": "2199-01-01T00:00:00Z"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/at"


@pytest.mark.django_db(transaction=True)
def test_a54_two_sources_racing_with_different_scores_end_with_the_latest_event():
    """Eight threads on real transactions, four rounds, each beginning with a lead that nobody knows."""
    callers = [caller_of(f"source-{number}") for number in range(8)]
    for turn in range(4):
        person = ANN | {"email": f"ann{turn}@example.com", "company": {"domain": f"a{turn}.example", "name": "A"}}
        order = [(number * 5 + turn) % 8 for number in range(8)]
        bodies = [
            person | {"score": minute, "at": at(minute), "company": person["company"] | {"employees": minute}}
            for minute in order
        ]

        answers = at_once(callers, bodies)

        assert {answer.status_code for answer in answers} <= {200, 201}
        lead = Lead.objects.select_related("company").get(email=person["email"])
        assert (lead.score, lead.company.employees) == (7, 7), order


# --- from the hooks -------------------------------------------------------------------------------------------


def tell_mautic(client, kind, **event):
    body = json.dumps({f"mautic.{kind}": [event]}).encode()
    post(client, "mautic", body, **{"Webhook-Signature": signature(body)})
    return run()


def contact(points, **more):
    return {"id": 1234, "points": points, "fields": {"core": {"email": {"value": "ann@example.com"}}}, **more}


def test_messages_of_mautic_that_come_in_the_wrong_order_end_as_they_happened(client):
    source("mautic")
    tell_mautic(client, "lead_post_save_new", contact=contact(10), timestamp=at(0))
    tell_mautic(client, "lead_points_change", contact=contact(90), points={"new_points": 90}, timestamp=at(9))

    item = tell_mautic(client, "lead_points_change", contact=contact(35), points={"new_points": 35}, timestamp=at(5))

    assert [(one["status"], one["told"]) for one in item.results] == [
        ("ignored-stale", "Not taken: score (ignored-stale).")
    ]
    assert Lead.objects.get().score == 90


def test_consent_in_mautic_is_kept_by_channel_and_the_later_word_counts(client):
    source("mautic")
    no_mails = {"doNotContact": [{"channel": "email", "reason": 1}]}
    tell_mautic(client, "lead_post_save_new", contact=contact(10, **no_mails), timestamp=at(0))
    change = {"channel": "email", "old_status": "unsubscribed", "new_status": "contactable"}
    tell_mautic(client, "lead_channel_subscription_changed", contact=contact(10), timestamp=at(8), **change)
    late = tell_mautic(client, "lead_post_save_update", contact=contact(10, **no_mails), timestamp=at(4))

    assert "consent.email (ignored-stale)" in late.results[0]["told"]
    assert Lead.objects.get().consent == {"email": {"granted": True, "at": at(8), "how": "mautic", "source": "mautic"}}

    refusal = {"channel": "sms", "old_status": "contactable", "new_status": "unsubscribed"}
    tell_mautic(client, "lead_channel_subscription_changed", contact=contact(10), timestamp=at(9), **refusal)

    assert Lead.objects.get().consent["phone"]["granted"] is False
    assert Lead.objects.get().consent["email"]["granted"] is True


def test_consent_told_without_a_time_is_of_when_it_came_and_a_refusal_known_later_stays(mautic, hubspot):
    mautic.post(ANN | {"consent": {"phone": {"granted": False}}})

    hubspot.post(ANN | {"consent": {"phone": {"granted": True, "at": at(0)}}})

    permission = Lead.objects.get().consent["phone"]
    assert (permission["granted"], permission["source"]) == (False, "mautic")

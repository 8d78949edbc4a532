"""Changing a lead, handing it over, telling touches, and saying for a rep what he did."""

import json

import pytest

from dispositions.models import Disposition
from funnel.models import Lead, LeadIdentity, Touch
from integrations.services.keys import Scope
from tests.factories import LeadFactory, UserFactory
from tests.integrations.api.conftest import LEADS, caller_of, codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(mautic):
    return Lead.objects.get(
        pk=mautic.post({"email": "ann@buyer.example", "external_id": "7", "channel": "web"}).json()["id"]
    )


@pytest.fixture
def handed_off(rep):
    lead = LeadFactory(handed_off=True, owner=rep)
    LeadIdentity.objects.create(lead=lead, source="mautic", external_id="8")
    return lead


def patch(caller, lead, body, **headers):
    return caller.client.patch(
        f"{LEADS}{lead.pk}/", json.dumps(body), content_type="application/json", headers=caller.headers | headers
    )


# --- PATCH ----------------------------------------------------------------------------------------------------


def test_a_change_names_the_version_it_knows_and_raises_it(mautic, lead):
    answer = patch(mautic, lead, {"phone": "+49 30 901820", "company": {"name": "Buyer GmbH"}}, **{"If-Match": '"v1"'})

    assert answer.status_code == 200, answer.content
    lead.refresh_from_db()
    assert (lead.phone, lead.company.name, lead.version) == ("+4930901820", "Buyer GmbH", 2)
    assert answer["ETag"] == '"v2"'


def test_a_lead_of_another_source_cannot_be_changed(hubspot, lead):
    assert patch(hubspot, lead, {"phone": "12345"}, **{"If-Match": '"v1"'}).status_code == 404


# --- promotion ------------------------------------------------------------------------------------------------


def test_a_lead_is_handed_to_sales_with_owner_deadline_and_clauses(mautic, lead, signed_agreement):
    answer = mautic.post({}, url=f"{LEADS}{lead.pk}/promote/")

    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["stage"], body["hand_off"]["number"]) == ("mql", 1)
    assert body["due_at"]
    assert [clause["number"] for clause in body["clauses"]] == [1, 2]


# --- touches --------------------------------------------------------------------------------------------------


def test_a_touch_told_twice_counts_once(mautic, lead):
    touch = {"at": "2026-10-20T10:00:00Z", "channel": "webinar", "external_id": "t-1", "subject": "Leads that get lost"}

    first = mautic.post({"touches": [touch]}, url=f"{LEADS}{lead.pk}/touches/")
    again = mautic.post({"touches": [touch, touch | {"external_id": "t-2"}]}, url=f"{LEADS}{lead.pk}/touches/")

    assert (first.json(), again.json()) == ({"added": 1, "told": 1}, {"added": 1, "told": 2})
    assert Touch.objects.filter(lead=lead, external_id__startswith="t-").count() == 2


# --- dispositions ---------------------------------------------------------------------------------------------


def dispose(caller, lead, rep, **body):
    body = {"outcome": "accept", "rep": rep.email, "version": lead.version} | body
    return caller.post(body, url=f"{LEADS}{lead.pk}/dispositions/")


def test_a_bridge_says_for_a_rep_what_he_did(mautic, handed_off, rep):
    answer = dispose(mautic, handed_off, rep, outcome="voicemail", learned="Back on Monday.")

    assert answer.status_code == 201, answer.content
    assert answer.json()["stage"] == "sal"
    disposition = Disposition.objects.get(pk=answer.json()["disposition"])
    assert (disposition.by, disposition.outcome) == (rep, "voicemail")


def test_a_rep_who_may_not_see_the_lead_may_not_speak_of_it(mautic, handed_off, eastern_rep):
    assert dispose(mautic, handed_off, eastern_rep).status_code == 404


def test_a_lead_that_the_source_does_not_know_cannot_be_spoken_of(hubspot, handed_off, rep):
    assert dispose(hubspot, handed_off, rep).status_code == 404


@pytest.mark.parametrize("who", ["nobody@sales.example", "max@marketing.example"])
def test_only_sales_can_be_spoken_for(mautic, handed_off, marketing, who):
    answer = dispose(mautic, handed_off, UserFactory.build(email=who))

    assert codes(answer) == {"/rep": "unknown-rep"}


def test_of_two_the_second_learns_that_the_lead_has_changed(mautic, handed_off, rep):
    dispose(mautic, handed_off, rep)

    answer = dispose(mautic, handed_off, rep)

    assert (answer.status_code, answer.json()["type"]) == (409, "changed-meanwhile")


def test_what_is_missing_is_named_by_field(mautic, handed_off, rep):
    answer = dispose(mautic, handed_off, rep, outcome="refuse")

    assert answer.status_code == 400
    assert "/reason" in codes(answer)


def test_without_the_scope_nobody_speaks_for_a_rep(handed_off, rep):
    writer = caller_of("mautic", scopes=(Scope.LEADS_WRITE,), name="writer")

    assert dispose(writer, handed_off, rep).status_code == 403


# --- changes --------------------------------------------------------------------------------------------------

CHANGES = "/api/v1/changes/"


def test_the_feed_tells_each_event_once_and_where_to_go_on(mautic, hubspot, handed_off, rep):
    first = mautic.get(CHANGES).json()
    dispose(mautic, handed_off, rep, outcome="voicemail", learned="Back on Monday.", note="Grumpy.")

    rest = mautic.get(f"{CHANGES}?after={first['cursor']}")

    told = [(one["type"], one["data"].get("outcome")) for one in rest.json()["results"]]
    assert ("lead.dispositioned", "voicemail") in told
    assert "Back on Monday." in rest.content.decode()
    assert "Grumpy" not in rest.content.decode()
    assert not {one["cursor"] for one in first["results"]} & {one["cursor"] for one in rest.json()["results"]}
    assert hubspot.get(CHANGES).json()["results"] == []


def test_the_feed_comes_in_pages(mautic, handed_off):
    LeadIdentity.objects.create(lead=LeadFactory(won=True), source="mautic", external_id="9")
    whole = [one["cursor"] for one in mautic.get(f"{CHANGES}?limit=200").json()["results"]]

    url, read = f"{CHANGES}?limit=2", []
    while url:
        page = mautic.get(url).json()
        read += [one["cursor"] for one in page["results"]]
        url = page["next"]

    assert read == whole
    assert len(read) > 4

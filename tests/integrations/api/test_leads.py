"""POST /api/v1/leads/ and GET /api/v1/leads/{id}/."""

from datetime import timedelta

import pytest
from django.utils import timezone

from funnel.lifecycle import Stage
from funnel.models import HandOff, Lead, LeadIdentity, StageChange, Touch
from funnel.services.flags import raise_flags
from tests.factories import LeadFactory, UserFactory
from tests.integrations.api.conftest import LEADS, caller_of, row_counts

pytestmark = pytest.mark.django_db

ANN = {"email": "ann@example.com", "external_id": "4711", "first_name": "Ann", "channel": "webinar"}


# --- created, updated, unchanged --------------------------------------------------------------------------------


def test_a_new_lead_is_created_and_told_in_full(mautic):
    answer = mautic.post(ANN | {"company": {"name": "Example"}, "campaign": "spring"})

    lead = Lead.objects.get()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{LEADS}{lead.pk}/"
    assert answer.headers["ETag"] == '"v1"'
    assert answer.json() == {
        "id": lead.pk,
        "email": "ann@example.com",
        "external_ids": ["4711"],
        "first_name": "Ann",
        "last_name": "",
        "company": {"name": "Example", "domain": "", "country": ""},
        "channel": "webinar",
        "campaign": "spring",
        "stage": "inquiry",
        "owner": None,
        "version": 1,
        "due_at": (lead.created_at + timedelta(days=30)).isoformat().replace("+00:00", "Z"),
        "black_hole": False,
        "stale": False,
        "hand_off": None,
        "created_at": lead.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": lead.updated_at.isoformat().replace("+00:00", "Z"),
        "result": "created",
        "ignored": [],
        "promotion": None,
    }


def test_a_known_lead_is_updated_without_disturbing_its_version(mautic):
    first = mautic.post(ANN)

    answer = mautic.post({"external_id": "4711", "last_name": "Smith", "score": 50})

    assert answer.status_code == 200
    assert answer.json()["id"] == first.json()["id"]
    assert (answer.json()["first_name"], answer.json()["last_name"]) == ("Ann", "Smith")
    assert answer.headers["ETag"] == '"v1"'


def test_the_same_told_again_changes_nothing(mautic):
    touch = {"at": "2026-03-02T09:14:00Z", "channel": "webinar", "external_id": "t-1"}
    body = ANN | {"attributes": {"pain": "Lost leads."}, "touches": [touch], "score": 50}
    first = mautic.post(body)
    before = row_counts()

    again = mautic.post(body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"result": "unchanged"}
    assert row_counts() == before


def test_a_lead_without_an_address_is_known_by_its_external_id_and_gets_one_later(mautic):
    mautic.post({"external_id": "4711"})

    answer = mautic.post(ANN)

    assert answer.status_code == 200
    assert answer.json()["email"] == "ann@example.com"


# --- whose lead it is -------------------------------------------------------------------------------------------


def test_the_same_external_id_of_two_sources_is_two_people(mautic, hubspot):
    mautic.post({"external_id": "1"})

    assert hubspot.post({"external_id": "1"}).status_code == 201
    assert Lead.objects.count() == 2


def test_an_address_that_two_sources_tell_is_one_lead_with_an_id_of_each(mautic, hubspot):
    first = mautic.post(ANN)

    answer = hubspot.post({"email": "ann@example.com", "external_id": "h-1"})

    assert (answer.status_code, answer.json()["id"]) == (200, first.json()["id"])
    assert answer.json()["external_ids"] == ["h-1"]
    assert Lead.objects.get().source == "mautic"


def test_a_source_that_has_no_ids_of_its_own_can_read_what_it_told(mautic):
    told = mautic.post({"email": "ann@example.com"}).json()
    mautic.post({"email": "ann@example.com", "first_name": "Ann"})

    answer = mautic.get(f"{LEADS}{told['id']}/")

    assert answer.status_code == 200
    assert answer.json()["external_ids"] == []
    assert LeadIdentity.objects.count() == 1


def test_a_lead_is_read_with_its_version(mautic):
    told = mautic.post(ANN).json()

    answer = mautic.get(f"{LEADS}{told['id']}/")

    assert answer.json() == {
        name: value for name, value in told.items() if name not in {"promotion", "result", "ignored"}
    }
    assert answer.headers["ETag"] == '"v1"'


def test_leads_of_other_sources_are_not_there(mautic, hubspot):
    lead = LeadFactory(source="hubspot", external_id="h-1")
    told = hubspot.post(ANN).json()

    for lead_id in (lead.pk, told["id"]):
        assert mautic.get(f"{LEADS}{lead_id}/").status_code == 404


def test_a_key_that_may_only_write_cannot_read(db):
    writer = caller_of("mautic", scopes=["leads:write"])
    told = writer.post(ANN).json()

    assert writer.get(f"{LEADS}{told['id']}/").status_code == 403


def test_the_owner_is_told_by_name_and_address(mautic):
    rita = UserFactory(name="Rita Rep", email="rita@sales.example")
    lead = LeadFactory(source="mautic", external_id="1", owner=rita)

    answer = mautic.get(f"{LEADS}{lead.pk}/")

    assert answer.json()["owner"] == {"name": "Rita Rep", "email": "rita@sales.example"}


@pytest.mark.parametrize(
    ("state", "flags"), [({}, (False, True)), ({"handed_off": True}, (True, False))], ids=["silent", "handed off"]
)
def test_missed_deadlines_are_told(mautic, now, state, flags):
    lead = LeadFactory(source="mautic", external_id="1", **state)
    raise_flags(now=now + timedelta(days=60))

    answer = mautic.get(f"{LEADS}{lead.pk}/").json()

    assert (answer["black_hole"], answer["stale"]) == flags


# --- the stage --------------------------------------------------------------------------------------------------


def test_a_lead_for_sales_is_handed_off_under_the_agreement(mautic, signed_agreement):
    answer = mautic.post(ANN | {"stage": "mql"}).json()

    hand_off = HandOff.objects.get()
    assert answer["stage"] == "mql"
    assert answer["promotion"] == {"promoted": True, "reason": "", "failed_clauses": []}
    assert answer["version"] == 2
    assert answer["hand_off"] == {
        "number": 1,
        "agreement": "MQL to SAL, version 1",
        "opened_at": hand_off.opened_at.isoformat().replace("+00:00", "Z"),
        "accepted_at": None,
        "outcome": "",
    }


def test_without_an_agreement_the_lead_is_saved_but_not_promoted(mautic):
    answer = mautic.post(ANN | {"stage": "mql"})

    assert answer.status_code == 201
    assert answer.json()["stage"] == "inquiry"
    assert answer.json()["promotion"] == {
        "promoted": False,
        "reason": "No agreement is in force: marketing and sales have to sign one first.",
        "failed_clauses": [],
    }
    assert Lead.objects.get().stage == Stage.INQUIRY


def test_a_known_lead_is_promoted_where_it_was_not_yet(mautic, signed_agreement):
    mautic.post(ANN)

    answer = mautic.post(ANN | {"stage": "mql"})

    assert (answer.status_code, answer.json()["stage"]) == (200, "mql")


@pytest.mark.parametrize(
    ("state", "stage", "label"), [("handed_off", "mql", "MQL"), ("accepted", "sal", "SAL"), ("won", "won", "Won")]
)
@pytest.mark.parametrize("wish", ["inquiry", "nurture", "mql"])
def test_a_lead_at_or_past_mql_keeps_its_stage(mautic, state, stage, label, wish):
    lead = LeadFactory(source="mautic", external_id="4711", **{state: True})
    before = StageChange.objects.count()

    answer = mautic.post({"external_id": "4711", "stage": wish}).json()

    assert (answer["id"], answer["stage"]) == (lead.pk, stage)
    assert StageChange.objects.count() == before
    if wish == "mql":
        assert answer["promotion"]["reason"] == f"The lead is {label} already; its stage was left alone."


def test_a_new_lead_may_start_in_nurture(mautic):
    answer = mautic.post(ANN | {"stage": "nurture"}).json()

    created = StageChange.objects.get()
    assert answer["stage"] == "nurture"
    assert (created.old, created.new, created.move) == ("", Stage.NURTURE, "create")
    lead = Lead.objects.get()
    assert lead.due_at == lead.created_at + timedelta(days=90)


def test_a_known_inquiry_is_not_parked_by_a_later_call(mautic):
    mautic.post(ANN)

    assert mautic.post(ANN | {"stage": "nurture"}).json()["stage"] == "inquiry"


# --- what it costs ----------------------------------------------------------------------------------------------


def test_a_call_costs_no_more_queries_for_more_touches(mautic, queries_for):
    def told(number):
        at = timezone.now().isoformat()
        touches = [{"at": at, "channel": "web", "external_id": f"{number}-{n}"} for n in range(number)]
        return queries_for(lambda: mautic.post({"email": f"{number}@example.com", "touches": touches}))

    told(2)  # makes the channel

    assert told(1) == told(100)
    assert Touch.objects.count() == 103


def test_reading_costs_no_more_queries_for_a_lead_with_a_long_past(mautic, queries_for):
    short = mautic.post({"email": "short@example.com"}).json()["id"]
    long = LeadFactory(source="mautic", external_id="1", accepted=True).pk
    for number in range(20):
        mautic.post({"external_id": "1", "score": number})
    LeadIdentity.objects.bulk_create(
        LeadIdentity(lead_id=long, source="mautic", external_id=f"x-{number}") for number in range(20)
    )

    # The key, the lead, its ids, its flag.
    assert queries_for(lambda: mautic.get(f"{LEADS}{short}/")) == 4
    assert queries_for(lambda: mautic.get(f"{LEADS}{long}/")) == 4

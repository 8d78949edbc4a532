"""T16: a person is erased everywhere, and no report changes. Shown on the whole database's own dump."""

import json
import os
import shutil
import subprocess
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from accounts.models import Mail, Notification
from accounts.principals import SYSTEM
from funnel.errors import NotAllowed
from funnel.inputs import CompanyInput, LeadInput, TouchInput
from funnel.models import Company, Flag, HandOff, Lead, LeadEvent, LeadIdentity, Suppression, Touch
from funnel.personal import places
from funnel.services.erase import AlreadyErased, erase_lead
from funnel.services.export_person import as_json, export_person
from funnel.services.flags import raise_flags
from funnel.services.receive import receive_leads
from funnel.services.verify import first_broken_row
from integrations.models import Delivery, InboxItem, Source
from integrations.outbound.attempt import Outcome as Sent
from integrations.outbound.verdict import settle
from tests.factories import LeadFactory
from tests.integrations.api.conftest import LEADS
from tests.integrations.erasure.conftest import CANARY, EMAIL
from tests.integrations.inbound.sending import post, run, signature, source
from tests.reports.worlds import closed_loop

pytestmark = pytest.mark.django_db


# --- the dump of the whole database ---------------------------------------------------------------------------


def dump(folder):
    """All bytes of the database, as a backup of it has them."""
    if connection.vendor == "sqlite":
        copy = folder / "copy.sqlite3"
        copy.unlink(missing_ok=True)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        return copy.read_bytes()
    settings = connection.settings_dict
    program = shutil.which("pg_dump")
    assert program, "pg_dump is needed: install postgresql-client"
    command = [program, "-h", settings["HOST"], "-p", str(settings["PORT"]), "-U", settings["USER"], settings["NAME"]]
    environment = os.environ | {"PGPASSWORD": settings["PASSWORD"] or ""}
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout  # our own


@pytest.mark.django_db(transaction=True)
def test_t16_nothing_of_a_person_is_left_in_the_whole_database(person, mautic, rep, marketing, tmp_path):
    """P16."""
    report = closed_loop(marketing, now=timezone.now())
    assert dump(tmp_path).count(CANARY.encode()) > 50

    erased = erase_lead(lead_id=person.pk, by=SYSTEM, at=timezone.now())

    told = Delivery.objects.filter(event__kind="lead.erased")
    assert sorted(json.loads(one.body)["data"]["lead"]["external_ids"] for one in told) == [[], [f"{CANARY}-4711"]]
    for delivery in told:  # the one word that names him is kept until it was heard
        settle(delivery, Sent(status=200), now=timezone.now())
    assert CANARY.encode() not in dump(tmp_path)
    assert all(erased.rows[place.what] for place in places() if place.erase)
    assert first_broken_row() is None
    after = closed_loop(marketing, now=timezone.now())
    assert (after.rows, after.totals) == (report.rows, report.totals)
    assert after.rows[0]["won"] == 1


def test_every_place_has_something_of_him_before(person):
    """Else the test above would prove nothing of it."""
    found = export_person(person, at=timezone.now())["places"]

    assert {place.name for place in places()} - found.keys() - {"funnel.Flag", "dispositions.UsedLink"} == {
        "dispositions.Forecast",
        "funnel.SourceRuling",
    }
    text = as_json({"places": found})
    assert text.count(CANARY) > 40
    for place in places():
        if place.erase:
            assert CANARY in as_json({"rows": found[place.name]}) or place.name == "funnel.HandOff", place.name


def test_what_was_known_before_is_told_whole(person, capsys, tmp_path):
    call_command("export_lead", EMAIL, "--output", str(tmp_path / "him.json"))

    told = json.loads((tmp_path / "him.json").read_text())
    assert told["lead"] == person.pk
    assert len(told["leads"]) == 2
    assert told["places"]["funnel.Lead"][0]["email"] == EMAIL
    assert {one["kind"] for one in told["places"]["funnel.LeadText"]} >= {"note", "learned", "clauses"}
    assert oct((tmp_path / "him.json").stat().st_mode)[-3:] == "600"


# --- what stays -----------------------------------------------------------------------------------------------


def test_the_history_of_an_erased_lead_stays_as_codes_and_amounts(person):
    events = list(LeadEvent.objects.filter(lead=person).values_list("seq", "hash"))

    erase_lead(lead_id=person.pk, by=SYSTEM, at=timezone.now())

    lead = Lead.objects.get(pk=person.pk)
    assert (lead.stage, lead.amount, lead.currency, lead.channel.slug) == ("won", 12000, "EUR", "webinar")
    assert list(LeadEvent.objects.filter(lead=person).values_list("seq", "hash"))[:-1] == events
    assert LeadEvent.objects.filter(lead=person).last().kind == "lead.erased"
    assert str(lead) == f"Erased lead {lead.pk}"
    assert Touch.objects.filter(lead=lead).count() == 2  # its own, and that of the merged one
    assert HandOff.objects.get(lead=lead).override_reason == "[erased]"
    assert list(lead.identities.values_list("source", "external_id")) == [
        (one, f"leadflow:{lead.pk}") for one in sorted(lead.identities.values_list("source", flat=True))
    ]


def test_erasing_one_that_was_merged_erases_both(person):
    merged = Lead.objects.get(merged_into=person)

    erase_lead(lead_id=merged.pk, by=SYSTEM, at=timezone.now())

    assert Lead.objects.filter(erased_at=None, pk__in=[person.pk, merged.pk]).count() == 0
    assert Suppression.objects.filter(lead=person).count() == 3  # two addresses and an id


def test_a_company_that_others_work_for_keeps_its_name(person):
    LeadFactory(email="other@buyer.example", company=CompanyInput(domain=f"{CANARY}.example"))

    erase_lead(lead_id=person.pk, by=SYSTEM, at=timezone.now())

    assert Company.objects.get(domain=f"{CANARY}.example").name == f"{CANARY} GmbH"


def test_a_lead_in_the_black_hole_leaves_it_and_nobody_is_asked_for_it_any_more(rep, rep_client):
    old = timezone.now() - timedelta(days=30)
    lead = LeadFactory(handed_off=True, owner=rep, at=old)
    raise_flags(now=timezone.now())
    assert f"/leads/{lead.pk}/" in rep_client.get("/queue/").content.decode()

    erase_lead(lead_id=lead.pk, by=SYSTEM, at=timezone.now())

    lead.refresh_from_db()
    assert not Flag.objects.filter(lead=lead, cleared_at=None).exists()
    assert (lead.stage, lead.sweep_at, lead.hand_off.outcome) == ("mql", None, "withdrawn")
    assert f"/leads/{lead.pk}/" not in rep_client.get("/queue/").content.decode()
    assert "Erased" not in rep_client.get("/leads/").content.decode()
    assert first_broken_row() is None


def test_a_daily_mail_keeps_the_lines_about_others(person, manager):
    erase_lead(lead_id=person.pk, by=SYSTEM, at=timezone.now())

    digest = Mail.objects.get(key__startswith=f"digest:{manager.pk}:")
    assert "Another one." in digest.text
    assert "This was about a lead that has been erased." in digest.text


def test_a_mail_about_him_that_waits_is_not_sent(person, rep):
    Mail.objects.filter(key__startswith="test:").update(sent_at=None)

    erase_lead(lead_id=person.pk, by=SYSTEM, at=timezone.now())

    assert not Mail.objects.filter(key__startswith=f"test:{person.pk}:").exists()
    assert Notification.objects.filter(lead_number=person.pk, user=rep).get().text.endswith("has been erased.")


# --- who erases, and by which door ----------------------------------------------------------------------------


def test_the_command_erases_by_number_and_by_address(person, capsys):
    call_command("erase_lead", EMAIL)

    assert f"Lead {person.pk} is erased; 3 keys must not come back." in capsys.readouterr().out
    with pytest.raises(CommandError, match="was erased on"):
        call_command("erase_lead", str(person.pk))
    with pytest.raises(CommandError, match="No lead has"):
        call_command("erase_lead", "nobody@buyer.example")


@pytest.mark.parametrize("role", ["rep", "manager", "marketing"])
def test_nobody_but_an_admin_erases(request, person, role):
    with pytest.raises(NotAllowed):
        erase_lead(lead_id=person.pk, by=request.getfixturevalue(role).principal, at=timezone.now())

    assert Lead.objects.get(pk=person.pk).erased_at is None


def test_a_deletion_for_privacy_in_hubspot_erases_here(client):
    source("hubspot")
    given = LeadInput(source="hubspot", external_id="123", email="ben@buyer.example", first_name="Ben")
    receive_leads([given], by=SYSTEM, at=timezone.now())
    event = {"subscriptionType": "contact.privacyDeletion", "objectId": 123, "occurredAt": 1763600000000}
    item = InboxItem.objects.create(
        source=Source.objects.get(slug="hubspot"),
        message_id="h-1",
        digest="d",
        received_at=timezone.now(),
        next_attempt_at=timezone.now(),
        body=json.dumps([event]).encode(),
    )

    run()

    item.refresh_from_db()
    assert [one["status"] for one in item.results] == ["erased"]
    assert (item.state, bytes(item.body)) == ("done", b"")
    lead = Lead.objects.get()
    assert lead.erased_at
    assert (lead.email, lead.first_name) == ("", "")


@pytest.mark.parametrize(("options", "is_erased"), [({}, False), ({"delete_erases": True}, True)])
def test_a_deletion_in_mautic_erases_only_where_the_source_says_so(client, options, is_erased):
    source("mautic", options=options)
    receive_leads([LeadInput(source="mautic", external_id="7", first_name="Ann")], by=SYSTEM, at=timezone.now())
    body = json.dumps({"mautic.lead_post_delete": [{"id": 7, "contact": {"id": 7}}]}).encode()

    post(client, "mautic", body, **{"Webhook-Signature": signature(body)})
    run()

    assert bool(Lead.objects.get().erased_at) is is_erased


def test_an_erased_lead_answers_nothing_over_the_api_and_the_feed_tells_of_it(erased, mautic):
    assert mautic.get(f"{LEADS}{erased.pk}/").status_code == 404
    changes = mautic.get("/api/v1/changes/").json()["results"]
    assert changes[-1]["type"] == "lead.erased"
    assert changes[-1]["data"]["lead"] == {"id": erased.pk, "external_ids": [], "erased": True}


def test_the_webhook_of_an_erasure_comes_behind_all_that_happened_before(person):
    erase_lead(lead_id=person.pk, by=SYSTEM, at=timezone.now())

    kinds = list(Delivery.objects.filter(endpoint__name="Sheet").order_by("seq").values_list("event__kind", flat=True))
    assert kinds[0] == "lead.created"
    assert kinds[-1] == "lead.erased"
    with pytest.raises(AlreadyErased):
        erase_lead(lead_id=person.pk, by=SYSTEM, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_message_about_him_at_the_same_moment_does_not_bring_him_back(at_once):
    for turn in range(4):
        email = f"p{turn}@buyer.example"
        lead = LeadFactory(email=email)
        given = LeadInput(
            source="mautic",
            email=email,
            first_name="Back",
            touches=(TouchInput(at=timezone.now(), channel="web", subject="Back"),),
        )
        calls = [partial(receive_leads, [given], by=SYSTEM, at=timezone.now()) for _ in range(4)]
        answers = at_once(partial(erase_lead, lead_id=lead.pk, by=SYSTEM, at=timezone.now()), *calls)

        assert [one for one in answers if isinstance(one, Exception)] == []
        assert Lead.objects.get(pk=lead.pk).first_name == ""
        assert not Lead.objects.filter(email_key=email).exists()
        assert not Touch.objects.filter(lead=lead).exclude(subject="").exists()
        assert LeadIdentity.objects.filter(lead=lead).count() <= 1

"""A53: who was erased does not come back, by no door, until an admin lets him."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from funnel.models import Lead, Suppression
from funnel.services.suppression import SENTENCE, lift
from integrations.models import IdempotentRequest
from tests.factories import LeadFactory
from tests.integrations.api.conftest import LEADS, codes
from tests.integrations.erasure.conftest import CANARY, EMAIL, said
from tests.integrations.inbound.sending import post, run, signature, source

pytestmark = pytest.mark.django_db


# --- he does not come back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", [EMAIL, EMAIL.upper(), f" {EMAIL} "])
def test_a53_a_suppressed_address_is_refused(erased, mautic, spelling):
    before = Lead.objects.count()

    answer = mautic.post({"email": spelling})

    assert answer.status_code == 422
    assert answer.json()["type"] == "suppressed"
    assert codes(answer) == {"/email": "suppressed"}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert Lead.objects.count() == before


def test_a53_the_id_of_somebody_erased_is_refused_too(erased, mautic):
    assert codes(mautic.post({"external_id": f"{CANARY}-4711"})) == {"/external_id": "suppressed"}


def test_a53_in_a_bulk_call_the_item_alone_is_refused(erased, mautic):
    items = [{"email": EMAIL}, {"email": "new@buyer.example"}]

    answer = mautic.post({"leads": items}, url=f"{LEADS}bulk/")

    assert [(one["status"], one["result"]) for one in answer.json()["results"]] == [(422, "rejected"), (201, "created")]
    assert mautic.post({"leads": items, "all_or_none": True}, url=f"{LEADS}bulk/").status_code == 422


def test_a53_a_request_that_may_be_told_again_is_judged_anew(erased, mautic):
    assert mautic.post(said(), **{"Idempotency-Key": "once"}).status_code == 422
    assert not IdempotentRequest.objects.exists()


def test_a53_a_file_rejects_the_row(erased, tmp_path, capsys):
    path = tmp_path / "fair.csv"
    path.write_text(f"email,first_name\n{EMAIL},Ann\nnew@buyer.example,Ben\n")

    call_command("import_leads", str(path))

    assert "created 1, updated 0, skipped 0, rejected 1" in capsys.readouterr().out
    assert SENTENCE in (tmp_path / "fair.csv.rejected.csv").read_text()


def test_a53_a_hook_fails_with_the_sentence_and_keeps_nothing_of_the_message(erased, client):
    source("mautic")
    body = json.dumps(
        {"mautic.lead_post_save_new": [{"contact": {"id": 1, "fields": {"core": {"email": {"value": EMAIL}}}}}]}
    ).encode()

    post(client, "mautic", body, **{"Webhook-Signature": signature(body)})

    item = run()
    assert (item.state, item.error, bytes(item.body)) == ("failed", SENTENCE, b"")


def test_a53_nor_does_a_page_take_the_address(erased, rep, rep_client):
    lead = LeadFactory(owner=rep)

    answer = rep_client.post(f"/leads/{lead.pk}/edit/contact/", {"first_name": "Bea", "email": EMAIL})

    assert answer.status_code == 422
    assert SENTENCE in answer.content.decode()


def test_an_admin_lets_him_back_as_somebody_new(erased, mautic):
    assert lift(erased) == 3

    answer = mautic.post(said())

    assert answer.status_code == 201
    assert answer.json()["id"] != erased.pk
    assert Lead.objects.get(pk=erased.pk).email == ""


def test_the_command_lifts_all_that_was_suppressed_with_the_address(erased, capsys):
    call_command("lift_suppression", EMAIL)

    assert "2 other keys" in capsys.readouterr().out
    assert not Suppression.objects.exists()
    with pytest.raises(CommandError, match="is not suppressed"):
        call_command("lift_suppression", EMAIL)


def test_the_list_names_nobody(erased):
    assert all(len(one.digest) == 64 and CANARY not in one.digest for one in Suppression.objects.all())

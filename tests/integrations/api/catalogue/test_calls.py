"""A32 to A39: batches, keys that name two, moves that cannot be, versions, and requests told again."""

import json
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction

from funnel.models import Lead
from integrations.models import ApiKey, IdempotentRequest
from tests.integrations.api.catalogue.refusals import contents, refused
from tests.integrations.api.conftest import LEADS, caller_of, codes

pytestmark = pytest.mark.django_db

BULK = f"{LEADS}bulk/"
TOUCHES = "/api/v1/touches/bulk/"


def person(number, **fields):
    return {"email": f"p{number}@buyer.example", "channel": "web"} | fields


@pytest.mark.parametrize(("url", "name"), [(BULK, "leads"), (TOUCHES, "touches")])
@pytest.mark.parametrize(
    ("batch", "pointer", "code"),
    [
        (None, "", "wrong-type"),
        ("x", "", "invalid-batch"),
        ({}, "", "invalid-batch"),
        (5, "", "invalid-batch"),
        ([], "", "invalid-batch"),
        ([None], "/0", "invalid-batch"),
        ([1], "/0", "invalid-batch"),
        ([{}, "x"], "/1", "invalid-batch"),
        ([{}] * 501, "", "too-many-items"),
    ],
    ids=["null", "text", "object", "number", "empty", "of null", "of a number", "of a text", "501"],
)
def test_a32_what_is_no_batch(mautic, lead, url, name, batch, pointer, code):
    refused(lambda: mautic.post({name: batch}, url=url), 400, "invalid-fields", {f"/{name}{pointer}": code})


def test_a32_a_bare_list(mautic, lead):
    refused(lambda: mautic.post([person(0)], url=BULK), 400, "not-an-object")


def test_a33_of_two_about_one_person_the_last_counts(mautic):
    people = [person(0, first_name="Old"), person(1), person(0, first_name="New", email="P0@Buyer.example")]

    found = mautic.post({"leads": people}, url=BULK).json()["results"]

    assert [(one["status"], one["result"]) for one in found] == [
        (200, "superseded"),
        (201, "created"),
        (201, "created"),
    ]
    assert Lead.objects.get(email_key="p0@buyer.example").first_name == "New"
    assert Lead.objects.count() == 2


def test_a34_one_bad_of_500_spoils_no_other(mautic):
    people = [person(number) for number in range(500)]
    people[250]["email"] = "nobody"

    found = mautic.post({"leads": people}, url=BULK).json()["results"]

    assert [one["index"] for one in found] == list(range(500))
    assert [one["status"] for one in found].count(201) == Lead.objects.count() == 499
    assert (found[250]["status"], found[250]["id"]) == (400, None)
    assert {error["pointer"]: error["code"] for error in found[250]["errors"]} == {"/email": "invalid-email"}


def test_a34_one_bad_of_500_spoils_all_where_all_or_none_are_wanted(mautic, lead):
    people = [person(number) for number in range(500)]
    people[250]["email"] = "nobody"

    refused(
        lambda: mautic.post({"leads": people, "all_or_none": True}, url=BULK),
        400,
        "invalid-fields",
        {"/leads/250/email": "invalid-email"},
    )


def test_a35_an_address_of_one_lead_and_an_id_of_another(mautic, lead):
    mautic.post(person(0, external_id="b"))
    both = {"email": "ann@buyer.example", "external_id": "b", "first_name": "Eve", "channel": "new"}
    errors = {"/email": "ambiguous-key", "/external_id": "ambiguous-key"}

    refused(lambda: mautic.post(both), 409, "ambiguous-key", errors)


def test_a35_the_same_in_a_batch(mautic, lead):
    mautic.post(person(0, external_id="b"))
    both = {"email": "ann@buyer.example", "external_id": "b", "first_name": "Eve", "channel": "new"}
    batch = {"leads": [both, person(1)], "all_or_none": True}

    refused(lambda: mautic.post(batch, url=BULK), 409, "ambiguous-key", {"/leads/0/external_id": "ambiguous-key"})
    found = mautic.post(batch | {"all_or_none": False}, url=BULK).json()["results"]
    assert [(one["status"], one["result"]) for one in found] == [(409, "rejected"), (201, "created")]
    lead.refresh_from_db()
    assert lead.first_name == "Ann"


def dispose(caller, lead, rep, **body):
    body = {"outcome": "accept", "rep": rep.email, "version": lead.version} | body
    return caller.post(body, url=f"{LEADS}{lead.pk}/dispositions/")


def test_a36_a_move_that_the_lifecycle_does_not_have(mautic, handed_off, rep):
    answer = refused(lambda: dispose(mautic, handed_off, rep, outcome="won"), 409, "illegal-transition")

    assert "MQL" in answer.json()["detail"]


def test_a36_what_is_won_is_not_won_again(mautic, won, rep):
    refused(lambda: dispose(mautic, won, rep, outcome="won"), 409, "illegal-transition")


def test_a36_a_lead_is_handed_over_once(mautic, handed_off):
    refused(lambda: mautic.post({}, url=f"{LEADS}{handed_off.pk}/promote/"), 409, "illegal-transition")


@pytest.mark.parametrize("outcome", ["refuse", "disqualify"])
def test_a36_a_refusal_without_a_reason(mautic, handed_off, rep, outcome):
    before = contents()

    answer = dispose(mautic, handed_off, rep, outcome=outcome)

    assert (answer.status_code, answer.json()["type"]) == (400, "missing-needs")
    assert codes(answer)["/reason"] == "required"
    assert contents() == before


@pytest.mark.parametrize(
    ("known", "status", "problem"),
    [
        (None, 428, "version-required"),
        ('"v9"', 412, "stale-version"),
        ('"v0"', 412, "stale-version"),
        ('"another"', 412, "stale-version"),
        ("*", 412, "stale-version"),
        ("v1", 400, "invalid-if-match"),
        ("garbage", 400, "invalid-if-match"),
        ('"v1", "v2"', 400, "invalid-if-match"),
        ('"v1', 400, "invalid-if-match"),
        ("", 400, "invalid-if-match"),
        ('"' + "x" * 9000 + '"', 400, "invalid-if-match"),
    ],
    ids=["none", "stale", "v0", "another's", "any", "bare", "garbage", "two", "unclosed", "empty", "9 kB"],
)
def test_a37_a_change_that_does_not_name_the_present_version(mautic, lead, known, status, problem):
    headers = {} if known is None else {"If-Match": known}

    refused(lambda: patch(mautic, lead, {"phone": "12345"}, **headers), status, problem)


@pytest.mark.parametrize("known", ['"v1"', ' "v1" ', 'W/"v1"', '"v1-gzip"', '"v1-zstd"', 'W/"v1-br"'])
def test_a37_a_tag_that_a_proxy_has_changed_is_known_all_the_same(mautic, lead, known):
    answer = patch(mautic, lead, {"phone": "12345"}, **{"If-Match": known})

    assert (answer.status_code, answer["ETag"]) == (200, '"v2"')


def patch(caller, lead, body, **headers):
    url = f"{LEADS}{lead.pk}/"
    return caller.client.patch(url, json.dumps(body), content_type="application/json", headers=caller.headers | headers)


@pytest.mark.parametrize(
    "key",
    ["", " ", "k" * 256, "k" * 300, "kéy", "ключ", "one, two", "one,two", '""', "tab\tkey", "a b", '"a"b"', "\x7f"],
)
def test_a38_an_idempotency_key_that_cannot_be_used(mautic, lead, key):
    body = {"email": "ann@buyer.example", "first_name": "Eve"}

    refused(lambda: mautic.post(body, **{"Idempotency-Key": key}), 400, "invalid-idempotency-key")


@pytest.mark.parametrize("url", [LEADS, BULK, "/api/v1/channels/"])
def test_a39_another_request_under_the_same_key(mautic, url):
    first = {LEADS: person(0), BULK: {"leads": [person(0)]}, "/api/v1/channels/": {"slug": "web"}}[url]
    assert mautic.post(first, url=url, **{"Idempotency-Key": "k-1"}).status_code in {200, 201}

    for other in (person(1), first | {"x": 1}):
        refused(lambda other=other: mautic.post(other, **{"Idempotency-Key": "k-1"}), 422, "key-reused")
    refused(lambda: mautic.post(first, url="/api/v1/spend/", **{"Idempotency-Key": "k-1"}), 422, "key-reused")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a39_the_same_request_while_the_first_is_at_work():
    """On SQLite the second waits for the one write lock, and is then told what the first was."""
    caller = caller_of("mautic")
    twin = IdempotentRequest(
        api_key=ApiKey.objects.get(), key="k-1", fingerprint="x", created_at=datetime(2026, 3, 4, tzinfo=UTC)
    )
    is_at_work, may_end = threading.Event(), threading.Event()

    def work():
        with transaction.atomic():
            twin.save(force_insert=True)
            is_at_work.set()
            may_end.wait(30)
            transaction.set_rollback(True)
        connections.close_all()

    first = threading.Thread(target=work)
    first.start()
    is_at_work.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 300")
    answer = caller.post(person(0), **{"Idempotency-Key": "k-1"})
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0")
    may_end.set()
    first.join()

    assert (answer.status_code, answer.json()["type"], answer["Retry-After"]) == (409, "in-progress", "1")
    assert Lead.objects.count() == 0
    assert caller.post(person(0), **{"Idempotency-Key": "k-1"}).status_code == 201

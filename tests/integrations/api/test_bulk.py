"""Up to 500 in one call: an answer for each in its order, and no half of anything."""

import random
from functools import partial

import pytest

from funnel.models import Lead, Touch
from tests.integrations.api.conftest import LEADS, caller_of, row_counts

BULK = f"{LEADS}bulk/"
TOUCHES = "/api/v1/touches/bulk/"

pytestmark = pytest.mark.django_db


def person(number, **fields):
    return {"email": f"p{number}@buyer.example", "channel": "web"} | fields


def results(answer):
    assert answer.status_code == 200, answer.content
    found = answer.json()["results"]
    assert [one["index"] for one in found] == list(range(len(found)))
    return found


def test_each_item_is_answered_as_the_single_call_would_have(mautic):
    mautic.post(person(1))

    found = results(mautic.post({"leads": [person(0), person(1, phone="12345"), person(2, nonsense=1)]}, url=BULK))

    assert [(one["status"], one["result"]) for one in found] == [
        (201, "created"),
        (200, "updated"),
        (400, "rejected"),
    ]
    assert [error["pointer"] for error in found[2]["errors"]] == ["/nonsense"]
    assert Lead.objects.count() == 2


def test_all_or_none_writes_none_where_one_is_bad(mautic):
    before = row_counts()

    answer = mautic.post({"leads": [person(0), {"email": "nobody"}], "all_or_none": True}, url=BULK)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/leads/1/email"
    assert row_counts() == before


def test_all_or_none_writes_none_where_one_names_two_leads(mautic):
    mautic.post(person(0, external_id="a"))
    mautic.post(person(1, external_id="b"))

    answer = mautic.post({"leads": [person(2), person(0, external_id="b")], "all_or_none": True}, url=BULK)

    assert (answer.status_code, answer.json()["type"]) == (409, "ambiguous-key")
    assert not Lead.objects.filter(email="p2@buyer.example").exists()


def test_leads_for_sales_are_handed_over_one_by_one(mautic, signed_agreement):
    found = results(mautic.post({"leads": [person(0, stage="mql"), person(1)]}, url=BULK))

    assert found[0]["promotion"]["promoted"] is True
    assert found[1]["promotion"] is None


def test_what_a_batch_told_by_mail_alone_can_be_read_again(mautic):
    found = results(mautic.post({"leads": [person(0)]}, url=BULK))

    assert mautic.get(f"{LEADS}{found[0]['id']}/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_about_the_same_sixty_people_in_any_order_all_succeed(at_once):
    callers = [caller_of("mautic", name=f"m{number}") for number in range(8)]
    callers[0].post(person("first"))  # makes the channel
    rng = random.Random(7)  # the same orders each time
    orders = [rng.sample([person(number) for number in range(60)], 60) for _ in callers]

    answers = at_once(
        *[partial(caller.post, {"leads": order}, url=BULK) for caller, order in zip(callers, orders, strict=True)]
    )

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert {one["status"] for answer in answers for one in results(answer)} <= {200, 201}
    assert Lead.objects.count() == 61


def test_touches_of_many_leads_come_in_one_call(mautic, hubspot):
    mautic.post(person(0, external_id="a"))
    stranger = hubspot.post(person(9)).json()["id"]
    touch = {"at": "2026-10-20T10:00:00Z", "channel": "webinar"}
    told = [
        touch | {"email": "P0@buyer.example", "external_id": "t-1"},
        touch | {"lead_external_id": "a", "external_id": "t-2"},
        touch | {"lead_id": stranger},
        touch | {"email": "p0@buyer.example", "lead_external_id": "a"},
    ]

    first = results(mautic.post({"touches": told}, url=TOUCHES))
    again = results(mautic.post({"touches": told[:2]}, url=TOUCHES))

    assert [one["status"] for one in first] == [200, 200, 404, 400]
    assert [one["result"] for one in again] == ["unchanged", "unchanged"]
    assert Touch.objects.filter(external_id__in=["t-1", "t-2"]).count() == 2

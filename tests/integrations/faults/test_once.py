"""P2 to P4: told again, spelt otherwise, from all sides at once: one effect, one lead, and no half of a batch."""

import json
import random
from functools import partial

import pytest
from django.db import connection

from funnel.models import Lead, LeadEvent, LeadIdentity
from integrations.models import IdempotentRequest
from tests.integrations.faults.conftest import SCALE, end_its_connections, importing, in_threads
from tests.web_server import Faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LEADS = "/api/v1/leads/"
BULK = f"{LEADS}bulk/"
THREADS = 8


def answers_of(calls, *faults):
    """Each call until it is acknowledged, eight at a time."""
    such = Faults(*faults, every=8 * SCALE if faults else 10**9, seed=2)

    def work(mine):
        return [such.until_acknowledged(call) for call in mine]

    return [
        answer for some in in_threads([partial(work, calls[n::THREADS]) for n in range(THREADS)]) for answer in some
    ]


# --- P2 -------------------------------------------------------------------------------------------------------

KEYS, REPLAYS = 2 * SCALE, 20 * SCALE


def test_a_request_told_many_times_has_one_effect_and_one_answer(web, key):
    connection.close()

    def call(number):
        body = {"email": f"p{number}@buyer.example", "external_id": f"x{number}", "channel": "web", "score": 1}
        return partial(web.ask, "POST", LEADS, body, **key, **{"Idempotency-Key": f"k-{number}"})

    told = [number for number in range(KEYS) for _ in range(REPLAYS)]
    random.Random(3).shuffle(told)  # the same order each time
    answers = answers_of([call(number) for number in told], web.kill_a_worker, end_its_connections)

    of_lead = {}
    for answer in answers:
        of_lead.setdefault(json.loads(answer.body)["external_ids"][0], []).append(answer)
    assert len(answers) == KEYS * REPLAYS
    for name, same in of_lead.items():
        assert {(answer.status, answer.body, answer.headers["ETag"]) for answer in same} == {
            (201, same[0].body, '"v1"')
        }, name
        assert sum(answer.headers.get("Idempotent-Replayed") is None for answer in same) <= 1
    assert Lead.objects.count() == LeadEvent.objects.count() == IdempotentRequest.objects.count() == KEYS

    late = call(0)()
    assert (late.body, late.headers["Idempotent-Replayed"]) == (of_lead["x0"][0].body, "true")
    other = web.ask("POST", LEADS, {"email": "eve@buyer.example"}, **key, **{"Idempotency-Key": "k-0"})
    assert (other.status, json.loads(other.body)["type"]) == (422, "key-reused")
    assert Lead.objects.count() == KEYS


# --- P3 -------------------------------------------------------------------------------------------------------

SPELLINGS = ["ann@buyer.example", "Ann@Buyer.Example", "ANN@BUYER.EXAMPLE", " ann@buyer.example ",
             "\uff41nn@buyer.example", "ann@buyer．example", "ann@BUYER．example"]  # fmt: skip


def test_one_person_told_by_every_way_at_once_is_one_lead(web, key, tmp_path):
    connection.close()
    file = tmp_path / "leads.csv"
    file.write_text("email,channel\n" + "ann@buyer.example,web\n" * (50 * SCALE))
    singles = [{"email": SPELLINGS[number % 7], "channel": "web"} for number in range(40 * SCALE)]
    batches = [[{"email": spelling, "channel": "web"} for spelling in SPELLINGS] for _ in range(5 * SCALE)]
    with importing(file):
        answers = answers_of(
            [partial(web.ask, "POST", LEADS, body, **key) for body in singles]
            + [partial(web.ask, "POST", BULK, {"leads": batch}, **key) for batch in batches]
        )

    lead = Lead.objects.get()
    assert lead.email_key == "ann@buyer.example"
    assert LeadEvent.objects.filter(kind="lead.created").count() == 1
    items = [one for answer in answers for one in json.loads(answer.body).get("results", [])]
    assert {one["result"] for one in items} <= {"created", "updated", "unchanged", "superseded"}
    created = [answer for answer in answers if answer.status == 201] + [
        one for one in items if one["result"] == "created"
    ]
    assert len(created) <= 1  # none, where the file was the first to tell of her
    assert LeadIdentity.objects.filter(lead=lead, source="mautic").count() == 1


# --- P4 -------------------------------------------------------------------------------------------------------


def test_batches_about_the_same_people_in_any_order_neither_fail_nor_lose_an_item(web, key):
    connection.close()
    rng = random.Random(4)  # the same orders each time
    people = [{"email": f"p{number}@buyer.example", "channel": "web"} for number in range(60)]
    batches = [rng.sample(people, 60) for _ in range(THREADS * max(2, SCALE))]

    def work(mine):
        return [web.ask("POST", BULK, {"leads": batch}, **key) for batch in mine]

    answers = [one for some in in_threads([partial(work, batches[n::THREADS]) for n in range(THREADS)]) for one in some]

    assert {answer.status for answer in answers} == {200}
    for answer in answers:
        results = json.loads(answer.body)["results"]
        assert [one["index"] for one in results] == list(range(60))
        assert {one["result"] for one in results} <= {"created", "updated", "unchanged"}
    assert Lead.objects.count() == LeadEvent.objects.filter(kind="lead.created").count() == 60

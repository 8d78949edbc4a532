"""One Idempotency-Key, one effect, one answer."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from funnel.models import Lead
from integrations.models import IdempotentRequest
from integrations.services.keys import Scope, create_key
from integrations.services.retention import clean_up

pytestmark = pytest.mark.django_db

URL = "/api/v1/leads/"
BODY = {"email": "ann@buyer.example", "channel": "web"}


def make_key(name="CRM", **fields):
    _, key = create_key(name=name, source=name.lower(), scopes=list(Scope), at=timezone.now(), **fields)
    return key


@pytest.fixture
def bearer(db):
    return make_key()


def send(bearer, key, body=BODY):
    headers = {"Authorization": f"Bearer {bearer}"} | ({} if key is None else {"Idempotency-Key": key})
    return Client().post(URL, json.dumps(body), content_type="application/json", headers=headers)


def test_told_again_the_first_answer_comes_back_byte_for_byte(bearer):
    first, again = send(bearer, "k-1"), send(bearer, '"k-1"')

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again["Idempotent-Replayed"] == "true"
    assert again["ETag"] == first["ETag"]
    assert Lead.objects.count() == 1


def test_without_a_key_the_second_is_an_update(bearer):
    assert [send(bearer, None).status_code for _ in range(2)] == [201, 200]


def test_two_callers_may_use_the_same_key(bearer):
    assert send(bearer, "k-1").status_code == 201
    assert send(make_key("Other"), "k-1").status_code == 200


def test_a_refused_request_may_be_mended_and_sent_under_its_key(bearer):
    assert send(bearer, "k-1", {"email": "nobody"}).status_code == 400
    assert not IdempotentRequest.objects.exists()

    assert send(bearer, "k-1").status_code == 201


def test_keys_are_forgotten_after_their_time(bearer):
    send(bearer, "k-1")

    kept = timedelta(hours=72)
    assert clean_up(now=timezone.now() + kept - timedelta(minutes=1))["answers of the API"] == 0
    assert clean_up(now=timezone.now() + kept + timedelta(minutes=1))["answers of the API"] == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_have_one_effect_and_one_answer(at_once):
    bearer = make_key()
    send(bearer, None, {"email": "first@buyer.example", "channel": "web"})  # makes the channel

    answers = at_once(*[partial(send, bearer, "k-1")] * 20)

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert Lead.objects.count() == 2
    assert IdempotentRequest.objects.count() == 1


def test_every_answer_tells_how_many_calls_are_left(bearer):
    first, second = send(bearer, None), send(bearer, None)

    assert first["RateLimit-Policy"] == "default;q=600;w=60"
    left = [int(answer["RateLimit"].split("r=")[1].split(";")[0]) for answer in (first, second)]
    assert left[0] - left[1] == 1 or left[1] == 599  # the minute ended between the two


class CounterThatIsAway:
    def incr(self, *_args, **_kwargs):
        raise ConnectionError


def test_while_the_counter_is_away_calls_are_let_through(bearer, monkeypatch):
    monkeypatch.setattr("integrations.api.rate.caches", {"calls": CounterThatIsAway()})

    answer = send(bearer, None)

    assert answer.status_code == 201
    assert "RateLimit" not in answer.headers

"""Deliveries reach a real receiver: signed, in order per lead, again after a failure."""

import json
import threading
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from funnel.models import LeadEvent, LeadIdentity
from integrations.models import Delivery, Endpoint
from integrations.outbound.fan_out import fan_out
from integrations.outbound.relay import relay
from integrations.outbound.verdict import MAX_ATTEMPTS, PAUSES
from tests.factories import LeadFactory
from tests.integrations.outbound.receiver import receiver

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


@pytest.fixture(autouse=True)
def _loopback_is_open(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def start():
    return datetime.now(UTC)


@pytest.fixture
def listening(start):
    def make(url, **fields):
        fields = {"name": "CRM", "secret": SECRET, "created_at": start - timedelta(days=3650)} | fields
        return Endpoint.objects.create(url=url, **fields)

    return make


def run(at):
    fan_out(now=at)
    return relay(clock=lambda: at, until=at + timedelta(seconds=1))


def bodies(got):
    return [json.loads(body) for _id, _headers, body, _what in got]


def test_each_event_of_a_lead_comes_once_signed_and_in_its_order(listening, start):
    with receiver() as there:
        listening(there.url)
        lead = LeadFactory(won=True)

        assert run(start)["sent"] == len(there.got)
        assert run(start).total() == 0

    seqs = [body["data"]["seq"] for body in bodies(there.got)]
    assert seqs == sorted(seqs)
    kinds = [body["type"] for body in bodies(there.got)]
    assert kinds[0] == LeadEvent.Kind.CREATED
    assert kinds[-2:] == [LeadEvent.Kind.WON, LeadEvent.Kind.CLOSED]
    assert {body["data"]["lead"]["id"] for body in bodies(there.got)} == {lead.pk}
    for _id, headers, body, _what in there.got:
        assert Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})


def test_a_disposition_tells_what_marketing_needs_and_never_the_private_note(listening, rep, start):
    lead = LeadFactory(handed_off=True, owner=rep)
    fan_out(now=start)
    with receiver() as there:
        listening(there.url, kinds=[LeadEvent.Kind.DISPOSITIONED])
        said = Statement(outcome=Outcome.CONVERSATION, learned="They compare us with Acme.", note="Grumpy today.")
        record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=start)

        run(start)

    (body,) = bodies(there.got)
    assert body["data"]["outcome"] == "conversation"
    assert body["data"]["learned"] == "They compare us with Acme."
    assert body["data"]["by"] == rep.name
    assert "Grumpy" not in json.dumps(body)


def test_an_endpoint_of_a_source_hears_of_the_leads_that_its_source_knows(listening, start):
    with receiver() as there:
        listening(there.url, source="mautic")
        known, _stranger = LeadFactory(), LeadFactory()
        LeadIdentity.objects.create(lead=known, source="mautic", external_id="m-7")

        run(start)

    assert [body["data"]["lead"]["id"] for body in bodies(there.got)] == [known.pk]
    assert bodies(there.got)[0]["data"]["lead"]["external_ids"] == ["m-7"]


@pytest.mark.parametrize("failure", [500, "reset", 302])
def test_what_failed_is_sent_again_under_its_id_with_the_same_body(listening, start, failure):
    with receiver(lambda number, _headers: failure if number == 0 else 200) as there:
        listening(there.url)
        LeadFactory()

        assert run(start)["put off"] == 1
        assert run(start).total() == 0
        assert run(start + PAUSES[0] * 1.3)["sent"] == 1

    (first_id, _, first_body, _), (second_id, _, second_body, _) = there.got
    assert (first_id, first_body) == (second_id, second_body)


def test_a_failure_holds_up_its_own_lead_alone(listening, start):
    with receiver() as there:
        endpoint = listening(there.url)
        stuck, free = LeadFactory(handed_off=True), LeadFactory()
        fan_out(now=start)
        first = Delivery.objects.filter(lead=stuck).earliest("seq")
        Delivery.objects.filter(pk=first.pk).update(next_attempt_at=start + timedelta(hours=1))

        run(start)

    assert Delivery.objects.filter(endpoint=endpoint, lead=free, state="waiting").count() == 0
    assert {body["data"]["lead"]["id"] for body in bodies(there.got)} == {free.pk}


def test_while_one_keeps_the_round_waiting_at_its_end_the_others_get_what_is_due(listening, start):
    LeadFactory(won=True)
    taken = threading.Event()

    def hold(_number, _headers):
        taken.wait(10)
        return 200

    def take(number, _headers):
        if number + 1 == total:
            taken.set()
        return 200

    moments = chain([start], repeat(start + timedelta(seconds=2)))  # the round ends once each has got its first
    with receiver(hold) as hanging, receiver(take) as sound:
        listening(hanging.url, name="Hanging")
        there = listening(sound.url)
        fan_out(now=start)
        total = Delivery.objects.filter(endpoint=there).count()
        done = relay(clock=lambda: next(moments), until=start + timedelta(seconds=1))

    assert total > 1
    assert not Delivery.objects.filter(endpoint=there, state=Delivery.State.WAITING).exists()
    assert (len(hanging.got), done["sent"]) == (1, total + 1)


def test_one_that_was_given_up_lets_the_next_events_of_its_lead_pass(listening, start):
    with receiver(lambda number, _headers: 500 if number == 0 else 200) as there:
        listening(there.url)
        LeadFactory(handed_off=True)
        fan_out(now=start)
        Delivery.objects.filter(seq=1).update(attempts=MAX_ATTEMPTS - 1)

        done = run(start)

    assert done["given up"] == 1
    assert done["sent"] == Delivery.objects.count() - 1


def test_an_endpoint_that_is_gone_is_disabled_and_people_are_told(listening, start, marketing):
    with receiver(lambda _number, _headers: 410) as there:
        endpoint = listening(there.url)
        LeadFactory()
        run(start)

    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert "410" in endpoint.disabled_because
    assert marketing.notifications.get().text.startswith("Webhooks to CRM are stopped.")


def test_five_days_of_failures_alone_disable_an_endpoint(listening, start, admin):
    with receiver(lambda _number, _headers: 503) as there:
        endpoint = listening(there.url, failing_since=start - timedelta(days=5))
        LeadFactory()
        run(start)

    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert admin.notifications.count() == 1


def test_a_success_ends_the_days_of_failure(listening, start):
    with receiver() as there:
        endpoint = listening(there.url, failing_since=start - timedelta(days=4))
        LeadFactory()
        run(start)

    endpoint.refresh_from_db()
    assert endpoint.failing_since is None


@pytest.mark.parametrize(("asked", "least"), [("120", timedelta(seconds=120)), ("1000000000", timedelta(hours=24))])
def test_a_receiver_that_asks_for_time_gets_it_up_to_a_day(listening, start, asked, least):
    with receiver(lambda _number, _headers: 429, headers={"Retry-After": asked}) as there:
        listening(there.url)
        LeadFactory()
        run(start)

    assert Delivery.objects.get().next_attempt_at == start + least


def test_while_a_secret_is_changed_over_both_verify(listening, start):
    with receiver() as there:
        listening(there.url, old_secret=OLD_SECRET, old_secret_until=start + timedelta(hours=1))
        LeadFactory()
        run(start)

    (_id, headers, body, _what) = there.got[0]
    headers = {name.lower(): value for name, value in headers.items()}
    assert Webhook(SECRET).verify(body, headers)
    assert Webhook(OLD_SECRET).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").verify(body, headers)


def test_an_endpoint_in_a_private_network_is_never_connected_to(listening, start, settings):
    settings.WEBHOOK_NETWORKS = []
    with receiver() as there:
        listening(there.url)
        LeadFactory()

        assert run(start)["put off"] == 1

    assert there.got == []
    assert "not open to the world" in Delivery.objects.get().error


def test_an_endpoint_hears_nothing_of_what_was_before_it(listening, start):
    LeadFactory()
    with receiver() as there:
        listening(there.url, created_at=start + timedelta(days=1))

        assert run(start + timedelta(days=1)).total() == 0

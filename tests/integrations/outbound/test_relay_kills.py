"""Every event reaches its receiver, in order per lead, though senders are killed and the receiver misbehaves."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from standardwebhooks import Webhook

from funnel.models import LeadEvent
from integrations.models import ApiKey, Delivery, Endpoint
from integrations.outbound.events import KINDS
from integrations.outbound.fan_out import fan_out
from tests.factories import LeadFactory
from tests.integrations.api.conftest import caller_of
from tests.integrations.outbound.receiver import receiver
from tests.processes import kill_in_turn, stop, wait_until
from tests.web_server import Faults, serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LEADS, KILLS = 20, 20
SAID, CALLERS = 30, 4
MOODS = [200] * 9 + ["slow"] * 2 + [500, "reset", "hang"]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

# A sender as the job is, but for pauses and leases that a test can wait for.
SENDER = """
import time
from datetime import timedelta
from django.utils import timezone
from integrations.outbound import guard, relay, verdict
from integrations.outbound.fan_out import fan_out

guard.ANSWER_SECONDS = 1.0
verdict.PAUSES = (timedelta(seconds=0.3),) * 9
relay.LEASE = timedelta(seconds=2)
while True:
    fan_out(now=timezone.now())
    relay.relay(clock=timezone.now, until=timezone.now() + timedelta(seconds=1))
    time.sleep(0.05)
"""


def test_nothing_is_lost_or_out_of_order_though_senders_are_killed():
    now = datetime.now(UTC)
    rng = random.Random(11)  # the same misbehaviour each time
    LeadFactory.create_batch(LEADS, won=True)
    events = set(LeadEvent.objects.filter(kind__in=KINDS).values_list("lead", "seq"))
    with receiver(lambda _number, _headers: rng.choice(MOODS), hang_seconds=2) as there:
        Endpoint.objects.create(name="CRM", url=there.url, secret=SECRET, created_at=now - timedelta(days=3650))
        assert fan_out(now=now) == len(events)

        running = kill_in_turn(SENDER, kills=KILLS, pauses=(0.2, 0.6), seed=5, LEADFLOW_WEBHOOK_NETWORKS="127.0.0.0/8")
        try:
            wait_until(lambda: not Delivery.objects.filter(state="waiting").exists(), seconds=90)
        finally:
            stop(running)

    assert {one[3] for one in there.got} == set(MOODS)
    assert_told_once_in_order(there, events)


@pytest.fixture
def key():
    headers = caller_of("mautic").headers
    ApiKey.objects.update(calls_a_minute=10**9)
    return headers


def test_nothing_is_lost_or_out_of_order_though_web_processes_are_killed_too(key, rep):
    """Each disposition is sent until it is acknowledged, to processes that are killed; senders are killed meanwhile."""
    rng = random.Random(12)
    leads = [LeadFactory(accepted=True, owner=rep, source="mautic", external_id=f"k-{n}").pk for n in range(LEADS)]
    hears_all = datetime.now(UTC) - timedelta(days=3650)

    def say(lead):
        """As a bridge that knows no better: it looks where the lead is, and says it again."""
        known = web.ask("GET", f"/api/v1/leads/{lead}/", **key)
        if known is None or known.status != 200:
            return known
        said = {"outcome": "voicemail", "rep": rep.email, "version": json.loads(known.body)["version"]}
        return web.ask("POST", f"/api/v1/leads/{lead}/dispositions/", said, **key)

    def say_all(some):
        for lead in some:
            for _ in range(SAID):
                faults.until_acknowledged(partial(say, lead))

    with receiver(lambda _number, _headers: rng.choice(MOODS), hang_seconds=2) as there, serving(workers=2) as web:
        Endpoint.objects.create(name="CRM", url=there.url, secret=SECRET, created_at=hears_all)
        connection.close()
        faults = Faults(web.kill_a_worker, every=LEADS * SAID // KILLS, seed=6)
        with ThreadPoolExecutor(CALLERS) as callers:
            saying = [callers.submit(say_all, leads[first::CALLERS]) for first in range(CALLERS)]
            running = kill_in_turn(
                SENDER, kills=KILLS, pauses=(0.2, 0.6), seed=5, LEADFLOW_WEBHOOK_NETWORKS="127.0.0.0/8"
            )
            try:
                for one in saying:
                    one.result()
                events = set(LeadEvent.objects.filter(kind__in=KINDS).values_list("lead", "seq"))
                wait_until(lambda: Delivery.objects.filter(state="sent").count() == len(events), seconds=120)
            finally:
                stop(running)

    assert faults.done >= KILLS
    assert len(events) > LEADS * SAID
    assert_told_once_in_order(there, events)


def assert_told_once_in_order(there, events):
    """Each signed, the first of each in the order of its lead; twice only what a killed sender had just sent."""
    taken = [one for one in there.got if one[3] in {200, "slow"}]
    first_of = {}
    for message_id, headers, body, _what in taken:
        message = Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})
        first_of.setdefault(message_id, (message["data"]["lead"]["id"], message["data"]["seq"]))
    assert set(first_of.values()) == events
    assert Delivery.objects.filter(state="sent").count() == len(events)
    for lead in {lead for lead, _ in events}:
        seqs = [seq for lead_id, seq in first_of.values() if lead_id == lead]
        assert seqs == sorted(seqs)
    assert len(taken) - len(events) <= KILLS * 6

"""Every event reaches its receiver, in order per lead, though senders are killed and the receiver misbehaves."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from funnel.models import LeadEvent
from integrations.models import Delivery, Endpoint
from integrations.outbound.events import KINDS
from integrations.outbound.fan_out import fan_out
from tests.factories import LeadFactory
from tests.integrations.outbound.receiver import receiver
from tests.processes import kill_in_turn, stop, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LEADS, KILLS = 20, 20
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

# A sender as the job is, but for pauses and leases that a test can wait for.
SENDER = """
import time
from datetime import timedelta
from django.utils import timezone
from integrations.outbound import guard, relay, verdict

guard.ANSWER_SECONDS = 1.0
verdict.PAUSES = (timedelta(seconds=0.3),) * 9
relay.LEASE = timedelta(seconds=2)
while True:
    relay.relay(clock=timezone.now, until=timezone.now() + timedelta(seconds=1))
    time.sleep(0.05)
"""


def test_nothing_is_lost_or_out_of_order_though_senders_are_killed():
    now = datetime.now(UTC)
    rng = random.Random(11)  # the same misbehaviour each time
    leads = [LeadFactory(won=True) for _ in range(LEADS)]
    events = set(LeadEvent.objects.filter(kind__in=KINDS).values_list("lead", "seq"))
    moods = [200] * 9 + ["slow"] * 2 + [500, "reset", "hang"]
    with receiver(lambda _number, _headers: rng.choice(moods), hang_seconds=2) as there:
        Endpoint.objects.create(name="CRM", url=there.url, secret=SECRET, created_at=now - timedelta(days=3650))
        assert fan_out(now=now) == len(events)

        running = kill_in_turn(SENDER, kills=KILLS, pauses=(0.2, 0.6), seed=5, LEADFLOW_WEBHOOK_NETWORKS="127.0.0.0/8")
        try:
            wait_until(lambda: not Delivery.objects.filter(state="waiting").exists(), seconds=90)
        finally:
            stop(running)

    assert {one[3] for one in there.got} == set(moods)
    taken = [one for one in there.got if one[3] in {200, "slow"}]
    first_of = {}
    for message_id, headers, body, _what in taken:
        message = Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})
        first_of.setdefault(message_id, (message["data"]["lead"]["id"], message["data"]["seq"]))
    assert set(first_of.values()) == events
    assert Delivery.objects.filter(state="sent").count() == len(events)
    for lead in leads:
        seqs = [seq for lead_id, seq in first_of.values() if lead_id == lead.pk]
        assert seqs == sorted(seqs)
    assert len(taken) - len(events) <= KILLS * 6

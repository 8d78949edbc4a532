"""Work that ends its process each time: it is given up and shown, and everything else is done."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Mail
from accounts.outbox import MAX_ATTEMPTS as MOST_MAILS
from funnel.models import Lead
from integrations.models import Delivery, Endpoint, InboxItem
from integrations.outbound.fan_out import fan_out
from integrations.outbound.verdict import MAX_ATTEMPTS as MOST_DELIVERIES
from integrations.services.inbox import MAX_ATTEMPTS as MOST_MESSAGES
from tests.factories import LeadFactory
from tests.integrations.inbound.sending import source
from tests.integrations.outbound.receiver import receiver
from tests.processes import run_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

OTHERS = 60

READER = """
import os, time
from datetime import timedelta
from django.utils import timezone
from integrations.inbound.generic import Generic
from integrations.services import exchange, inbox

inbox.LEASE = timedelta(seconds=0.3)
read = Generic.read
Generic.read = lambda self, message: os._exit(9) if b"poison" in message.body else read(self, message)
while True:
    exchange.read_inbox(clock=timezone.now, until=timezone.now() + timedelta(seconds=5))
    time.sleep(0.05)
"""

SENDER = """
import os, time
from datetime import timedelta
from django.utils import timezone
from integrations.outbound import relay

relay.LEASE = timedelta(seconds=0.3)
write = relay.request_for
relay.request_for = lambda one, now: os._exit(9) if one.lead.first_name == "Poison" else write(one, now=now)
while True:
    relay.relay(clock=timezone.now, until=timezone.now() + timedelta(seconds=5))
    time.sleep(0.05)
"""

MAILER = """
import os, time
from datetime import timedelta
from django.utils import timezone
from accounts import outbox

outbox.LEASE = timedelta(seconds=0.3)
message = outbox._message
outbox._message = lambda mail, connection: os._exit(9) if mail.subject == "poison" else message(mail, connection)
while True:
    outbox.send_batch(now=timezone.now())
    time.sleep(0.05)
"""


def test_a_message_that_ends_its_reader_is_given_up_and_the_others_are_read(marketing_client):
    tool, now = source("generic", field_map={"email": "/mail"}), timezone.now()
    for number in range(OTHERS + 1):
        word = "poison" if number == 3 else "ok"
        body = f'{{"mail": "p{number}@buyer.example", "word": "{word}"}}'.encode()
        InboxItem.objects.create(
            source=tool, message_id=f"m{number}", digest=f"d{number}", body=body, received_at=now, next_attempt_at=now
        )

    ended = run_until(lambda: not InboxItem.objects.filter(state="waiting").exists(), READER, seconds=120)

    assert ended == MOST_MESSAGES
    assert Lead.objects.count() == OTHERS
    (dead,) = InboxItem.objects.exclude(state="done")
    assert (dead.message_id, dead.state, dead.attempts) == ("m3", "dead", MOST_MESSAGES)
    assert "ended during the last attempt" in marketing_client.get("/imports/hooks/?state=dead").content.decode()


def test_a_delivery_that_ends_its_sender_is_given_up_and_the_others_are_sent(marketing_client):
    now = datetime.now(UTC)
    poison = LeadFactory(first_name="Poison")
    for _ in range(OTHERS):
        LeadFactory()
    with receiver() as there:
        old = now - timedelta(days=3650)
        endpoint = Endpoint.objects.create(name="CRM", url=there.url, secret="whsec_c2VjcmV0", created_at=old)
        fan_out(now=now)

        ended = run_until(
            lambda: not Delivery.objects.filter(state="waiting").exists(),
            SENDER,
            seconds=180,
            LEADFLOW_WEBHOOK_NETWORKS="127.0.0.0/8",
        )

    assert ended == MOST_DELIVERIES
    assert len(set(there.ids())) == OTHERS
    (dead,) = Delivery.objects.exclude(state="sent")
    assert (dead.lead, dead.state, dead.attempts) == (poison, "dead", MOST_DELIVERIES)
    page = marketing_client.get(f"/endpoints/{endpoint.pk}/?state=dead").content.decode()
    assert "ended during the last attempt" in page


def test_a_mail_that_ends_its_sender_is_given_up_and_the_others_are_sent(admin_client, tmp_path):
    now = timezone.now()
    for number in range(OTHERS + 1):
        subject = "poison" if number == 3 else "Hello"
        Mail.objects.create(
            key=f"k{number}", to="a@b.example", subject=subject, text="Hi.", created_at=now, next_attempt_at=now
        )

    ended = run_until(
        lambda: not Mail.objects.filter(sent_at=None, dead=False).exists(),
        MAILER,
        seconds=120,
        EMAIL_URL="dummymail://",
    )

    assert ended == MOST_MAILS
    dead = Mail.objects.get(sent_at=None)
    assert (dead.subject, dead.dead, dead.attempts) == ("poison", True, MOST_MAILS)
    assert "ended during the last attempt" in admin_client.get("/admin/accounts/mail/?dead__exact=1").content.decode()

"""Two senders that are killed again and again, a mail server in a bad mood: every mail arrives, few twice."""

import time
from collections import Counter
from threading import Lock

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Mail
from tests.accounts.smtp import ACCEPT, DROP, GREYLIST, SmtpStub
from tests.processes import kill_in_turn, stop, wait_until

MAILS, KILLS = 500, 20

# As in production, but for the pauses.
SENDER = """
import time
from datetime import timedelta
from django.conf import settings
from django.utils import timezone
from accounts import outbox
settings.EMAIL_TIMEOUT = 1
outbox.LEASE = timedelta(seconds=4)
outbox.PAUSES = (timedelta(seconds=0.2),) * 5
outbox.logger.disabled = True
while True:
    if not outbox.send_batch(now=timezone.now()):
        time.sleep(0.1)
"""


class Moods:
    """Of ten mails one is greylisted, one meets a dropped connection, one a server that hangs: each twice."""

    def __init__(self):
        self.tries, self.lock = Counter(), Lock()

    def __call__(self, mail):
        name = mail["Message-ID"]
        with self.lock:
            self.tries[name] += 1
            tried = self.tries[name]
        time.sleep(0.02)
        kind = int(name[1:9], 16) % 10 if tried <= 2 else None
        if kind == 2 and tried == 1:
            time.sleep(1.2)
        return {0: GREYLIST, 1: DROP, 2: DROP}.get(kind, ACCEPT)


@pytest.mark.slow
def test_every_mail_is_sent_and_twice_at_most_where_a_sender_was_killed(transactional_db):
    now = timezone.now()
    Mail.objects.bulk_create(
        Mail(key=str(n), to=f"rep.{n}@sales.example", subject="…", text="…", created_at=now, next_attempt_at=now)
        for n in range(MAILS)
    )
    with SmtpStub(Moods()) as server:
        senders = kill_in_turn(
            SENDER, kills=KILLS, pauses=(0.6, 1.4), seed=9, EMAIL_URL=f"smtp://127.0.0.1:{server.port}"
        )
        try:
            wait_until(lambda: not Mail.objects.filter(sent_at=None, dead=False).exists(), seconds=60)
        finally:
            stop(senders)
            connection.close()

    arrivals = Counter(mail["To"] for mail in server.received)
    assert set(arrivals) == {f"rep.{n}@sales.example" for n in range(MAILS)}
    assert Mail.objects.exclude(sent_at=None).count() == MAILS
    assert arrivals.total() - MAILS <= KILLS
    assert len({(mail["To"], mail["Message-ID"]) for mail in server.received}) == MAILS

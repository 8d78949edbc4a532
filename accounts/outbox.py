"""Sending the mails that wait: each at least once, and twice only where a process dies between sending and marking."""

import hashlib
import logging
from collections import Counter
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F

from accounts.models import Mail

logger = logging.getLogger(__name__)

BATCH = 20
# Longer than a batch can take: each mail may hang once for EMAIL_TIMEOUT.
LEASE = timedelta(minutes=5)
# After the n-th failure. A mail server that greylists wants minutes, one that is being mended a day.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 6 * 60, 24 * 60))
MAX_ATTEMPTS = len(PAUSES) + 1


def send_batch(*, now: datetime) -> Counter[str]:
    """Try the mails longest due at `now`, at most BATCH; answers how many were sent, put off and given up.

    Several senders at once share the mails: each leases a mail before it tries it. While the mail server does not
    answer at all, nothing is tried and no attempt is lost.
    """
    waiting = Mail.objects.filter(sent_at=None, dead=False, next_attempt_at__lte=now)
    due = list(waiting.order_by("next_attempt_at")[:BATCH])
    done: Counter[str] = Counter()
    if not due:
        return done
    connection = get_connection()
    try:
        for mail in due:
            if not _is_open(connection):
                break
            if _lease(mail, now):
                done[_try(mail, connection, now)] += 1
    finally:
        connection.close()
    return done


def _is_open(connection: BaseEmailBackend) -> bool:
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        logger.warning("The mail server does not answer: %s", error)
        return False
    return True


def _lease(mail: Mail, now: datetime) -> bool:
    """Count the attempt before it is made: a mail that kills its sender must not be tried for ever."""
    mine = Mail.objects.filter(pk=mail.pk, sent_at=None, dead=False, next_attempt_at=mail.next_attempt_at)
    if mail.attempts >= MAX_ATTEMPTS:
        mine.update(dead=True, last_error=mail.last_error or "The sender ended during the last attempt.")
        return False
    mail.attempts += 1
    return mine.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1) == 1


def _try(mail: Mail, connection: BaseEmailBackend, now: datetime) -> str:
    row = Mail.objects.filter(pk=mail.pk, sent_at=None)
    try:
        _message(mail, connection).send()
    except ValueError as error:  # a header or an address that no server would ever take
        row.update(dead=True, last_error=_told(error))
        return "mails given up"
    except (SMTPException, OSError) as error:
        connection.close()  # half a conversation is of no use to the next mail
        return _put_off(mail, error, now)
    row.update(sent_at=now, dead=False, last_error="")
    return "mails sent"


def _put_off(mail: Mail, error: Exception, now: datetime) -> str:
    row = Mail.objects.filter(pk=mail.pk, sent_at=None)
    if mail.attempts >= MAX_ATTEMPTS:
        row.update(dead=True, last_error=_told(error))
        logger.error("Mail %s was given up after %s attempts: %s", mail.pk, mail.attempts, error)
        return "mails given up"
    row.update(next_attempt_at=now + PAUSES[mail.attempts - 1], last_error=_told(error))
    return "mails put off"


def _message(mail: Mail, connection: BaseEmailBackend) -> EmailMessage:
    """The same Message-ID each time: a double is known as one. A line break in a header is a ValueError on sending."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    name = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    headers = {"Message-ID": f"<{name}@{domain}>", "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[mail.to], headers=headers, connection=connection)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]

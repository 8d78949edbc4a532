"""Celery's way in. A task is short: what it does is found by a query, so a lost or doubled message costs nothing."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.digest import compose_digests
from accounts.outbox import send_batch

# Less than the beat's minute: where one worker does everything, the next sweep is not held up.
ROUND = timedelta(seconds=45)


@shared_task
def send_mails() -> None:
    """Every minute (leadflow/celery.py), apart from the sweep: a slow mail server must not hold up the flags."""
    compose_digests(now=timezone.now())
    ends_at = timezone.now() + ROUND
    while (now := timezone.now()) < ends_at and send_batch(now=now):
        pass

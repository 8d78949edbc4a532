"""Celery's way in. A task finds its work by a query, so a lost or doubled message costs nothing but time."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.sign_in import forget_tries
from funnel.services.jobs import forget_runs
from integrations.services import exchange
from integrations.services.idempotency import purge

# Less than the beat's next round: where one worker does everything, the sweep is not held up.
ROUND = timedelta(seconds=8)


@shared_task
def read_inbox() -> None:
    """Every ten seconds (leadflow/celery.py)."""
    exchange.read_inbox(clock=timezone.now, until=timezone.now() + ROUND)


@shared_task
def send_webhooks() -> None:
    """Every ten seconds, apart from what comes in: a slow receiver must not hold that up."""
    exchange.send_webhooks(clock=timezone.now, until=timezone.now() + ROUND)


@shared_task
def clean_up() -> None:
    """Every hour: what is kept for a time is forgotten."""
    purge(now=timezone.now())
    forget_tries(now=timezone.now())
    forget_runs(now=timezone.now())

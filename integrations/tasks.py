"""Celery's way in. A task finds its work by a query, so a lost or doubled message costs nothing but time."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from integrations.services import exchange, retention
from integrations.services.upload_runs import run_uploads

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
def run_imports() -> None:
    """Every ten seconds; a large file takes several rounds, between which everything else has its turn."""
    run_uploads(clock=timezone.now, until=timezone.now() + ROUND)


@shared_task
def clean_up() -> None:
    """Every hour: what is kept for a time is forgotten."""
    retention.clean_up(now=timezone.now())

"""Celery's way in. A task is one line: what it does is found by a query, so a lost or doubled message costs nothing."""

from celery import shared_task
from django.utils import timezone

from funnel.sweep import run_sweep


@shared_task
def sweep() -> None:
    """Every minute (leadflow/celery.py). Running twice, or late, ends in the same rows."""
    run_sweep(now=timezone.now())

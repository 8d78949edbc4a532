"""Celery's way in: see `funnel/tasks.py`."""

from celery import shared_task
from django.utils import timezone

from reports import ready


@shared_task
def make_ready() -> None:
    """Every five minutes (leadflow/celery.py): whoever opens a report counts only what moved since."""
    ready.make_ready(now=timezone.now())

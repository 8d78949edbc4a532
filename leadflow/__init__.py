# Loaded with Django, so that every @shared_task belongs to this Celery app in the web process too.
from leadflow.celery import app as celery_app

__all__ = ["celery_app"]

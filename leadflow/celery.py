"""The Celery app and the beat schedule: a doorbell, for jobs find their work in the database.

A lost, late or doubled message costs latency only.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadflow.settings")

app = Celery("leadflow")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# A round expires before the next one is due, so a worker that was away finds one round waiting, not hundreds.
app.conf.beat_schedule = {
    "sweep": {"task": "funnel.tasks.sweep", "schedule": 60.0, "options": {"expires": 55}},
    "read inbox": {"task": "integrations.tasks.read_inbox", "schedule": 10.0, "options": {"expires": 9}},
    "send webhooks": {"task": "integrations.tasks.send_webhooks", "schedule": 10.0, "options": {"expires": 9}},
    "run imports": {"task": "integrations.tasks.run_imports", "schedule": 10.0, "options": {"expires": 9}},
    "clean up": {"task": "integrations.tasks.clean_up", "schedule": 3600.0, "options": {"expires": 3500}},
    "make reports ready": {"task": "reports.tasks.make_ready", "schedule": 300.0, "options": {"expires": 290}},
    "send mails": {"task": "accounts.tasks.send_mails", "schedule": 60.0, "options": {"expires": 55}},
}

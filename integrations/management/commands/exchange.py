from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from integrations.services import exchange
from integrations.services.upload_runs import run_uploads

LONGEST = timedelta(minutes=10)


class Command(BaseCommand):
    help = (
        "Read what marketing tools sent, send the webhooks that are due, and import the files that were uploaded."
        " What the beat runs, for cron users too."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        until = timezone.now() + LONGEST
        done = exchange.read_inbox(clock=timezone.now, until=until)
        done += exchange.send_webhooks(clock=timezone.now, until=until)
        done += Counter({f"rows {what}": count for what, count in run_uploads(clock=timezone.now, until=until).items()})
        self.stdout.write(", ".join(f"{what} {count:,}" for what, count in sorted(done.items())) or "Nothing is due.")

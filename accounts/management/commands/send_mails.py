from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.digest import compose_digests
from accounts.outbox import send_batch


class Command(BaseCommand):
    help = (
        "Write the daily mails that are due, and send every mail that is. What the beat runs every minute, for cron "
        "users too. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = compose_digests(now=timezone.now())
        while batch := send_batch(now=timezone.now()):
            done += batch
        self.stdout.write(", ".join(f"{what} {count:,}" for what, count in sorted(done.items())) or "No mail is due.")

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.outbox import send_batch


class Command(BaseCommand):
    help = "Send the mails that are due. What the beat runs every minute, for cron users too. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        done: Counter[str] = Counter()
        while batch := send_batch(now=timezone.now()):
            done += batch
        self.stdout.write(", ".join(f"{what} {count:,}" for what, count in sorted(done.items())) or "No mail is due.")

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from integrations.services.retention import clean_up


class Command(BaseCommand):
    help = (
        "Forget what is kept for a time and is older: messages, bodies of webhooks, answers, files, notifications,"
        " disqualified leads. What the beat runs, for cron users too. docs/privacy.md says what is kept for how long."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = clean_up(now=timezone.now())
        self.stdout.write(", ".join(f"{what} {count:,}" for what, count in sorted(done.items())) or "Nothing is due.")

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from funnel.sweep import run_sweep


class Command(BaseCommand):
    help = (
        "One pass of every time-driven job: raises flags whose deadline has passed, reminds and escalates, wakes "
        "leads, returns what nobody works on to the pool. Safe to repeat. The mails it writes are sent by `send_mails`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now", metavar="ISO", help="sweep as if it were this instant, e.g. 2026-03-02T09:00+01:00"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        done = run_sweep(now=_instant(options["now"]))
        found = ", ".join(f"{kind.replace('_', ' ')} {count:,}" for kind, count in sorted(done.items()))
        self.stdout.write(f"Swept: {found or 'nothing is newly due'}.")


def _instant(text: str | None) -> datetime:
    if text is None:
        return timezone.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--now: “{text}” is not an instant. Write it as 2026-03-02T09:00+01:00.") from error
    return at if at.tzinfo else at.replace(tzinfo=timezone.get_default_timezone())

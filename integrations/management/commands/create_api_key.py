from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integrations.services.keys import InvalidKeyRequest, Scope, create_key

LONGEST_LIFE_DAYS = 3650


class Command(BaseCommand):
    help = (
        "Make an API key and print it, once: the key alone goes to the standard output, what is said of it to the "
        "standard error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", default="", help="what the key is called in lists and timelines; taken once")
        parser.add_argument("--source", default="", help="the system that will use it, e.g. mautic")
        parser.add_argument("--scopes", default="", help=f"separated by commas, from: {', '.join(Scope)}")
        parser.add_argument("--expires-days", default="", help="after how many days it ends; without, never")

    def handle(self, *, name: str, source: str, scopes: str, expires_days: str, **options: Any) -> None:
        now = timezone.now()
        wanted = [scope.strip() for scope in scopes.split(",") if scope.strip()]
        try:
            row, key = create_key(
                name=name, source=source, scopes=wanted, at=now, expires_at=_expiry(str(expires_days), now)
            )
        except InvalidKeyRequest as error:
            raise CommandError(str(error)) from error
        until = f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else "until it is revoked"
        self.stderr.write(f"API key “{row.name}” of source “{row.source}”, good for {', '.join(row.scopes)} {until}.")
        self.stderr.write("It is shown only now:")
        self.stdout.write(key)


def _expiry(days: str, now: datetime) -> datetime | None:
    if not days:
        return None
    if not (days.isascii() and days.isdigit() and 1 <= int(days) <= LONGEST_LIFE_DAYS):
        raise CommandError(f"--expires-days takes a whole number from 1 to {LONGEST_LIFE_DAYS}.")
    return now + timedelta(days=int(days))

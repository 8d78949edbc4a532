from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integrations.models import ApiKey
from integrations.services.keys import InvalidKeyRequest, rotate_key


class Command(BaseCommand):
    help = (
        "Put a new key in the place of an API key and print it, once: the key alone goes to the standard output, what "
        "is said of it to the standard error. Its name, source and scopes stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the key is called")
        parser.add_argument(
            "--keep-old", default="0", metavar="HOURS", help="how long the old key is good too (0: it ends at once)"
        )

    def handle(self, *, name: str, keep_old: str, **options: Any) -> None:
        if not (keep_old.isascii() and keep_old.isdigit() and len(keep_old) < 6):
            raise CommandError("--keep-old takes a whole number of hours.")
        found = ApiKey.objects.filter(name=name).first()
        if found is None:
            raise CommandError(f"There is no API key named “{name}”.")
        try:
            row, key = rotate_key(found.pk, at=timezone.now(), keep_old=timedelta(hours=int(keep_old)))
        except InvalidKeyRequest as error:
            raise CommandError(str(error)) from error
        until = f"is good until {row.old_until:%Y-%m-%d %H:%M} UTC" if row.old_until else "has ended"
        self.stderr.write(f"API key “{row.name}” of source “{row.source}” is renewed; the old one {until}.")
        self.stderr.write("The new one is shown only now:")
        self.stdout.write(key)

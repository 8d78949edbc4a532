from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integrations.models import ApiKey
from integrations.services.keys import revoke_keys


class Command(BaseCommand):
    help = "Revoke an API key: from now on it is answered 401. Its endpoints and what it wrote stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the key is called")

    def handle(self, *, name: str, **options: Any) -> None:
        found = ApiKey.objects.filter(name=name)
        if not found:
            raise CommandError(f"There is no API key named “{name}”.")
        if not revoke_keys(found, at=timezone.now()):
            raise CommandError(f"The API key “{name}” was revoked before.")
        self.stdout.write(f"API key “{name}” is revoked.")

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from funnel.identity import InvalidEmail, email_key
from funnel.services.suppression import lift_email


class Command(BaseCommand):
    help = "Let the address of somebody who was erased come back, as somebody new; what was erased stays erased."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *, email: str, **options: Any) -> None:
        try:
            lifted = lift_email(email_key(email))
        except InvalidEmail as wrong:
            raise CommandError(str(wrong)) from wrong
        if not lifted:
            raise CommandError(f"“{email}” is not suppressed.")
        self.stdout.write(f"“{email}” may come back, with {lifted - 1} other keys that were suppressed with it.")

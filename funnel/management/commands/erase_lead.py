from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.principals import SYSTEM
from funnel.models import Lead
from funnel.services.erase import AlreadyErased, erase_lead, find_person


class Command(BaseCommand):
    help = (
        "Erase a person for good: the lead, the leads merged into it, and all words about him. Its history stays as"
        " ids, codes and amounts, so that reports do not change. The address must not come back until"
        " `lift_suppression` lets it. docs/privacy.md says what goes and what stays."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", metavar="ID|EMAIL", help="the number of the lead, or an e-mail address")

    def handle(self, *, person: str, **options: Any) -> None:
        try:
            erased = erase_lead(lead_id=find_person(person).pk, by=SYSTEM, at=timezone.now())
        except Lead.DoesNotExist as unknown:
            raise CommandError(f"No lead has the number or the e-mail address “{person}”.") from unknown
        except AlreadyErased as done:
            raise CommandError(str(done)) from done
        for what, rows in erased.rows.items():
            if rows:
                self.stdout.write(f"{what}: {rows:,}")
        self.stdout.write(f"Lead {erased.lead.pk} is erased; {erased.suppressed} keys must not come back.")

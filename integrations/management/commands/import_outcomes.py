from django.utils import timezone

from accounts.principals import SYSTEM
from integrations.files.columns import FieldSet
from integrations.imports.fields import outcome_fields
from integrations.imports.outcomes import OutcomeImporter
from integrations.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = (
        "Write what became of leads that are known: stages with their dates, outcomes, amounts, owners. Run again,"
        " it changes nothing. Rejected rows go to FILE.rejected.csv with line, column and reason."
        " docs/import.md names the fields."
    )
    what = "outcomes of leads"

    def fields(self) -> FieldSet:
        return outcome_fields()

    def importer(self, source: str) -> OutcomeImporter:
        return OutcomeImporter(source=source, by=SYSTEM, at=timezone.now())

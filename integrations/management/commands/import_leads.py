from django.utils import timezone

from accounts.principals import SYSTEM
from integrations.files.columns import FieldSet
from integrations.imports.fields import LEAD_FIELDS
from integrations.imports.leads import LeadImporter
from integrations.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = (
        "Create or update a lead for each row of a file. Run again, it changes nothing. Rejected rows go to"
        " FILE.rejected.csv with line, column and reason. docs/import.md names the fields."
    )
    what = "leads"

    def fields(self) -> FieldSet:
        return LEAD_FIELDS

    def importer(self, source: str) -> LeadImporter:
        return LeadImporter(source=source, by=SYSTEM, at=timezone.now())

from integrations.files.columns import FieldSet
from integrations.imports.fields import PEOPLE_FIELDS
from integrations.imports.people import PeopleImporter
from integrations.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = (
        "Create or update the people and teams of a file. Nobody new can sign in until a password is set. Run again,"
        " it changes nothing. Rejected rows go to FILE.rejected.csv with line, column and reason."
        " docs/import.md names the fields."
    )
    what = "people"

    def fields(self) -> FieldSet:
        return PEOPLE_FIELDS

    def importer(self, source: str) -> PeopleImporter:
        return PeopleImporter()

from integrations.imports.kinds import PEOPLE
from integrations.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = (
        "Create or update the people and teams of a file. Nobody new can sign in until a password is set. Run again,"
        " it changes nothing. Rejected rows go to FILE.rejected.csv with line, column and reason."
        " docs/import.md names the fields."
    )
    kind = PEOPLE

from integrations.imports.kinds import LEADS
from integrations.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = (
        "Create or update a lead for each row of a file. Run again, it changes nothing. Rejected rows go to"
        " FILE.rejected.csv with line, column and reason. docs/import.md names the fields."
    )
    kind = LEADS

from integrations.imports.kinds import TOUCHES
from integrations.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = (
        "Write what marketing did with leads that are known: one touch for each row, with its time, kind, channel"
        " and campaign. Run again, it changes nothing. Rejected rows go to FILE.rejected.csv with line, column and"
        " reason. docs/import.md names the fields."
    )
    kind = TOUCHES

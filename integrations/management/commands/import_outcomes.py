from integrations.imports.kinds import OUTCOMES
from integrations.management.commands._import import ImportCommand


class Command(ImportCommand):
    help = (
        "Write what became of leads that are known: stages with their dates, outcomes, amounts, owners. Run again,"
        " it changes nothing. Rejected rows go to FILE.rejected.csv with line, column and reason."
        " docs/import.md names the fields."
    )
    kind = OUTCOMES

import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


class Imports:
    """Runs the import commands over files written for the test."""

    def __init__(self, folder):
        self.folder = folder

    def file(self, text, name="leads.csv"):
        path = self.folder / name
        path.write_text(text)
        return path

    def run(self, command, text, *, name="leads.csv", mapping="", **options):
        """What the command prints."""
        if mapping:
            options["mapping"] = self.file(mapping, "map.toml")
        out = StringIO()
        call_command(command, self.file(text, name), stdout=out, **options)
        return out.getvalue()

    def leads(self, text, **options):
        return self.run("import_leads", text, **options)

    def touches(self, text, **options):
        return self.run("import_touches", text, **{"name": "touches.csv"} | options)

    def outcomes(self, text, **options):
        return self.run("import_outcomes", text, **options)

    def people(self, text, **options):
        return self.run("import_people", text, **options)

    def refusal(self, command, text, **options):
        with pytest.raises(CommandError) as caught:
            self.run(command, text, **options)
        return str(caught.value)

    def rejected(self, name="leads.csv"):
        """Line, column and reason of the rejected rows."""
        path = self.folder / f"{name}.rejected.csv"
        if not path.exists():
            return []
        with path.open(newline="") as file:
            return [tuple(record[:3]) for record in list(csv.reader(file))[1:]]


@pytest.fixture
def imports(tmp_path, db):
    return Imports(tmp_path)

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from funnel.models import Lead
from funnel.services.erase import find_person
from funnel.services.export_person import as_json, export_person


class Command(BaseCommand):
    help = "Print as JSON all that is held about a person, by the same list of places that `erase_lead` goes by."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", metavar="ID|EMAIL", help="the number of the lead, or an e-mail address")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write there, readable by its owner alone")

    def handle(self, *, person: str, output: Path | None, **options: Any) -> None:
        try:
            text = as_json(export_person(find_person(person), at=timezone.now()))
        except Lead.DoesNotExist as unknown:
            raise CommandError(f"No lead has the number or the e-mail address “{person}”.") from unknown
        if output is None:
            self.stdout.write(text)
            return
        try:
            output.touch(mode=0o600)
            output.write_text(text + "\n", encoding="utf-8")
        except OSError as problem:
            raise CommandError(f"{output} cannot be written: {problem.strerror}.") from problem
        places = ", ".join(sorted(json.loads(text)["places"]))
        self.stderr.write(f"Written to {output}: {places}.")

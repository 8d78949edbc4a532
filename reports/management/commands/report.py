from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.principals import SYSTEM
from reports.engine import UnknownReport, entries_for, find_entry
from reports.facts.refresh import catch_up
from reports.parameters import InvalidParameter, Parameter
from reports.renderers import FORMATS
from reports.report import Report


class Command(BaseCommand):
    help = "Print any report, over all leads, or write it to a file. Dates are days of the installation's time zone."

    def add_arguments(self, parser: CommandParser) -> None:
        entries = entries_for(SYSTEM)
        parser.add_argument("name", help=f"one of: {', '.join(entry.name for entry in entries)}")
        for parameter in _parameters().values():
            names = dict.fromkeys((f"--{parameter.name.replace('_', '-')}", f"--{parameter.name}"))
            parser.add_argument(*names, dest=parameter.name, metavar="VALUE", help=parameter.help)
        parser.add_argument("--format", default="table", choices=FORMATS, help="what to write (table)")
        parser.add_argument("--output", type=Path, metavar="FILE", help="write to this file instead")

    def handle(self, *, name: str, format: str, output: Path | None, **options: Any) -> None:  # noqa: A002  # the option's name
        if not FORMATS[format].is_text and output is None:
            raise CommandError(f"A terminal cannot show {format}: say where to write it with --output FILE.")
        given = {key: options[key] for key in _parameters() if options[key] is not None}
        self._deliver(FORMATS[format].render(_report(name, given)), output)

    def _deliver(self, content: bytes, output: Path | None) -> None:
        if output is None:
            self.stdout.write(content.decode("utf-8-sig"), ending="")
            return
        try:
            output.write_bytes(content)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error


def _parameters() -> dict[str, Parameter]:
    """The parameters of all reports; each report refuses those that are not its own."""
    return {parameter.name: parameter for entry in entries_for(SYSTEM) for parameter in entry.parameters}


def _report(name: str, given: dict[str, str]) -> Report:
    try:
        entry = find_entry(name, SYSTEM)
        catch_up()  # nobody waits in front of a page: however much moved since, it is counted
        return entry.report(given, principal=SYSTEM, now=timezone.localtime())
    except (UnknownReport, InvalidParameter) as error:
        raise CommandError(str(error)) from error

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts.models import Team
from funnel.models import Agreement, Channel, Lead
from integrations.services.keys import Scope, create_key
from leadflow.demo.people import SOURCE
from leadflow.demo.seed import AUTOMATION, Size, seed
from leadflow.demo.summary import login_lines, summary_lines
from reports.facts.refresh import catch_up

# Option: (lowest, highest, default, what it means)
_NUMBERS = {
    "leads": (1, 10_000_000, 5000, "how many leads"),
    "months": (1, 120, 12, "how many months back the past begins"),
    "seed": (0, 2**31, 1, "the same number makes the same company"),
    "touches": (1, 100, 4, "how many touches a lead has on average, newsletters apart"),
}


class Command(BaseCommand):
    help = "Make a believable company at work in an empty database: teams, campaigns with spend, leads, Black Holes."

    def add_arguments(self, parser: CommandParser) -> None:
        for name, (_, _, default, meaning) in _NUMBERS.items():
            parser.add_argument(f"--{name}", default=default, help=f"{meaning} (default {default})")
        parser.add_argument("--now", default="", help="when the past ends, ISO 8601, UTC without a zone (default: now)")

    def handle(self, *, verbosity: int, now: str, **options: Any) -> None:
        size = Size(**{name: whole_number(name, str(options[name])) for name in _NUMBERS})
        at = moment(now) if now else timezone.now()
        check_database_is_empty()
        with tqdm(total=size.leads, desc="Leads", unit=" leads", disable=verbosity == 0) as bar:
            seed(size, now=at, on_progress=bar.update)
        catch_up()  # so that the first report is there at once
        key = make_api_key(at)
        if verbosity:
            for line in (*summary_lines(), *login_lines(key)):
                self.stdout.write(line)


# Checked here and not by the parser: bad input ends with exit code 1, as in every command.


def whole_number(name: str, text: str) -> int:
    lowest, highest, _, _ = _NUMBERS[name]
    if not (text.isascii() and text.isdigit() and lowest <= int(text) <= highest):
        raise CommandError(f"--{name} takes a whole number from {lowest} to {highest:,}, not “{text}”.")
    return int(text)


def moment(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--now takes a time such as 2026-05-12T10:30:00+02:00, not “{text}”.") from error
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def check_database_is_empty() -> None:
    for model in (Lead, Team, Channel, Agreement):
        if model._default_manager.exists():  # noqa: SLF001 - Django's public interface in spite of its name
            raise CommandError(
                f"The demo company needs an empty database; this one already has {model._meta.verbose_name_plural}."
            )


def make_api_key(now: datetime) -> str:
    """The key of the demo's marketing automation, kept beside the database for `up` to print."""
    _, key = create_key(name=AUTOMATION, source=SOURCE, scopes=list(Scope), at=now)
    path = Path(settings.DATA_DIR) / "demo_api_key"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{key}\n")
    return key

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from funnel.diagram import lifecycle_page


class Command(BaseCommand):
    help = "Write docs/lifecycle.md from the table of moves; with --check only say whether it is up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page differs")

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "lifecycle.md"
        page = lifecycle_page()
        if not options["check"]:
            path.parent.mkdir(exist_ok=True)
            path.write_text(page)
            self.stdout.write("Wrote docs/lifecycle.md.")
        elif not path.exists() or path.read_text() != page:
            raise CommandError(
                "docs/lifecycle.md differs from funnel/lifecycle.py: run `python manage.py lifecycle_diagram`."
            )

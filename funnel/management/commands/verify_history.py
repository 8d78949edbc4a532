from typing import Any

from django.core.management.base import BaseCommand, CommandError

from funnel.services.verify import first_broken_row


class Command(BaseCommand):
    help = (
        "Walk the event chain of every lead, and hold its moves and dispositions against it. Exit 1 names the first "
        "row that was altered, added or taken out."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        broken = first_broken_row()
        if broken:
            raise CommandError(broken)
        self.stdout.write("The history of every lead is whole.")

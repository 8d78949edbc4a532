import sys
from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from funnel.models import Lead
from reports.facts.refresh import rebuild
from reports.facts.segments import count_segments
from reports.ready import make_ready


class Command(BaseCommand):
    help = (
        "Read the facts that reports count anew from the history of every lead, and count how often each kind of lead "
        "is won. The sweep keeps them true by itself; this is for after a change of working hours, of companies or of "
        "the database by hand. It may be stopped and run again at any time."
    )

    def handle(self, **options: Any) -> None:
        done = 0
        with tqdm(total=Lead.objects.count(), unit=" leads", file=sys.stderr, disable=None) as bar:
            for done in rebuild():
                bar.update(done - bar.n)
        now = timezone.now()
        segments = count_segments(now=now)
        make_ready(now=now)
        self.stdout.write(f"{done} lead{'' if done == 1 else 's'} read anew, {segments} rows of segments counted.")

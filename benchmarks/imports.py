"""How long `import_leads` takes for the 8,000 leads of the Olist marketing funnel, or for as many of that shape."""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from benchmarks.databases import own_database
from benchmarks.figures import Figure, Times, seconds_of
from funnel.models import Lead

FILE = "olist_marketing_qualified_leads_dataset.csv"
MAPPING = Path(settings.BASE_DIR) / "docs" / "examples" / "olist_leads.toml"
RUNS = 3
ROWS = 8000
ORIGINS = ("organic_search", "paid_search", "social", "unknown", "direct_traffic", "email", "referral", "display", "")


def measure(olist: Path | None) -> Sequence[Figure]:
    path = _copy(olist / FILE) if olist else _look_alike()
    first, again, leads = [], [], 0
    for _ in range(RUNS):
        with own_database():
            read = partial(call_command, "import_leads", path, mapping=MAPPING, verbosity=0)
            first.append(seconds_of(read))
            again.append(seconds_of(read))
            leads = Lead.objects.count()
    rate = f"{leads / Times(first).median:,.0f} leads/s, median of {RUNS}"
    goal = 10 if connection.vendor == "sqlite" else None
    return [
        Figure(f"import of {leads:,} leads", Times(first).median, "s", goal=goal, note=rate),
        Figure("the same file once more", Times(again).median, "s", note="every row is known already"),
    ]


def _copy(path: Path) -> Path:
    """An import writes its rejected rows beside the file it reads."""
    copy = Path(settings.DATA_DIR) / path.name
    copy.write_bytes(path.read_bytes())
    return copy


def _look_alike() -> Path:
    """The columns, dates and origins of Olist's file, with made-up values."""
    rng = Random(1)
    path = Path(settings.DATA_DIR) / FILE
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["mql_id", "first_contact_date", "landing_page_id", "origin"])
        for _ in range(ROWS):
            day = date(2017, 6, 14) + timedelta(days=rng.randrange(352))
            writer.writerow([f"{rng.getrandbits(128):032x}", day, f"{rng.getrandbits(128):032x}", rng.choice(ORIGINS)])
    return path

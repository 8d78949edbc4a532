"""How long `import_leads` takes for a file of leads with a touch each, beside the bare writing of the same rows."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from time import process_time

from django.conf import settings
from django.core.management import call_command
from django.db import connection, models, transaction

from benchmarks.databases import analyze
from benchmarks.figures import Figure, seconds_of
from funnel.models import Company, Lead, LeadEvent, LeadIdentity, LeadSearch, StageChange, Touch

GOALS = {"sqlite": 40.0, "postgresql": 15.0}
OF_LEADS = 100_000
WRITTEN = (Company, Lead, LeadSearch, LeadEvent, StageChange, Touch, LeadIdentity)
CHANNELS = ("organic-search", "paid-search", "webinar", "event", "referral")
FIRST_NAMES = ("Anna", "Bea", "Cédric", "Jürgen", "María", "Olga", "Peter", "Zoë")
HEADER = ("email", "external_id", "first_name", "last_name", "company.name", "company.domain", "channel", "campaign")


def measure(leads: int) -> Sequence[Figure]:
    """Leaves the leads in the database, their history verified and the planner told of them."""
    path = _file(leads)
    begin = process_time()
    seconds = seconds_of(partial(call_command, "import_leads", path, verbosity=0))
    cpu = process_time() - begin
    if (Lead.objects.count(), Touch.objects.count()) != (leads, leads):
        raise RuntimeError("The import left out some of its leads or touches: there is nothing to measure.")
    call_command("verify_history", stdout=io.StringIO())
    analyze()
    control = _seconds_bare()
    goal = GOALS[connection.vendor] * leads / OF_LEADS
    how = "COPY, with indexes" if connection.vendor == "postgresql" else "prepared statements, without indexes"
    rate = f"{leads / seconds:,.0f} leads/s, {cpu:.1f} s CPU of the command, {seconds / control:.1f} × the bare rows"
    return [
        Figure(
            f"import of {leads:,} leads with a touch each",
            seconds,
            "s",
            goal=goal,
            note=rate,
        ),
        Figure("the same rows, bare", control, "s", note=how),
    ]


def _file(leads: int) -> Path:
    rng = Random(1)
    path = Path(settings.DATA_DIR) / "leads_with_touches.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADER, "created_at"])
        for number in range(leads):
            company = f"company{number // 3}.example"
            at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(300 * 86_400))
            person = (f"buyer.{number}@{company}", f"c-{number}", rng.choice(FIRST_NAMES), f"Buyer {number}")
            source = (rng.choice(CHANNELS), f"campaign-{rng.randrange(40)}")
            writer.writerow([*person, f"Company {number // 3}", company, *source, at.isoformat()])
    return path


def _seconds_bare() -> float:
    """Of writing what the import wrote into tables of the same columns, without keys that point elsewhere."""
    return sum(map(_copied if connection.vendor == "postgresql" else _inserted, WRITTEN))


@transaction.atomic
def _copied(model: type[models.Model]) -> float:
    table, rows = model._meta.db_table, io.StringIO()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} TO STDOUT", rows)
        rows.seek(0)
        cursor.execute(f"CREATE TABLE bare (LIKE {table} INCLUDING ALL)")
        seconds = seconds_of(partial(cursor.cursor.copy_expert, "COPY bare FROM STDIN", rows))
    transaction.set_rollback(True)
    return seconds


@transaction.atomic
def _inserted(model: type[models.Model]) -> float:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        rows = cursor.fetchall()
        cursor.execute(f"CREATE TABLE bare AS SELECT * FROM {table} LIMIT 0")
        marks = ", ".join(["%s"] * len(rows[0]))
        seconds = seconds_of(partial(cursor.executemany, f"INSERT INTO bare VALUES ({marks})", rows))
    transaction.set_rollback(True)
    return seconds

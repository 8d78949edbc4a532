"""How long a sweep takes over a million open leads: when nothing is due, and when a thousand deadlines lapsed.

    DATABASE_URL=postgres://postgres@127.0.0.1:5432/leadflow_bench python -m benchmarks.sweep_million [--leads N]

Fills the database of DATABASE_URL, which has to be empty but migrated; prints milliseconds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadflow.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402
from django.db.models import Max  # noqa: E402

from accounts.models import Team, User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from funnel.lifecycle import Stage  # noqa: E402
from funnel.models import Agreement, Channel, Escalation, HandOff, Lead  # noqa: E402
from funnel.sweep import run_sweep  # noqa: E402

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
NEWLY_DUE, GROUP, HANDED_OFF = 1000, 5000, 0.3
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fill(leads: int) -> None:
    """Three in ten with sales, the others with marketing; deadlines over the next weeks."""
    team = Team.objects.create(name="West")
    team.manager = User.objects.create_user("mia@sales.example", name="Mia Manager", role=Role.MANAGER, team=team)
    team.save()
    reps = [User.objects.create_user(f"rep{n}@sales.example", name=f"Rep {n}", team=team) for n in range(200)]
    agreement = Agreement.objects.create(name="Benchmark", version=1, created_at=NOW)
    channel = Channel.objects.create(slug="fair", name="Fair")
    for group in range(leads // GROUP):
        due_at = NOW + DAY + group * timedelta(minutes=17)
        with_sales = group % 10 < HANDED_OFF * 10
        lead = Lead(
            email="bea@buyer.example",
            first_name="Bea",
            last_name="Buyer",
            channel=channel,
            source="benchmark",
            stage=Stage.MQL if with_sales else Stage.INQUIRY,
            stage_entered_at=due_at - DAY,
            owner=reps[group % len(reps)],
            team=team,
            due_at=due_at,
            due_clock=Lead.Clock.ACCEPT if with_sales else Lead.Clock.TOUCH,
            clock_started_at=due_at - DAY if with_sales else None,
            sweep_at=due_at,
            created_at=due_at - DAY,
            updated_at=due_at - DAY,
            cycle=int(with_sales),
        )
        copies(lead, GROUP)
        if with_sales:
            hand_over(lead, agreement)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def copies(lead: Lead, count: int) -> None:
    """One row saved as many times, inside the database."""
    lead.save()
    columns = [field.column for field in Lead._meta.concrete_fields if field.column not in {"id", "email_key"}]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO funnel_lead ({names}) WITH RECURSIVE n(i) AS "
            f"(SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < %s) SELECT {names} FROM funnel_lead, n WHERE id = %s",
            [count, lead.pk],
        )


@transaction.atomic
def hand_over(lead: Lead, agreement: Agreement) -> None:
    rows = Lead.objects.filter(pk__gte=lead.pk).values_list("pk", flat=True)
    HandOff.objects.bulk_create(
        [HandOff(lead_id=pk, number=1, agreement=agreement, opened_at=lead.stage_entered_at) for pk in rows],
        batch_size=1000,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE funnel_lead SET hand_off_id = (SELECT id FROM funnel_handoff WHERE lead_id = funnel_lead.id) "
            "WHERE id >= %s",
            [lead.pk],
        )


def let_lapse(count: int, now: datetime) -> None:
    """Deadlines that pass between the sweep before `now` and the one at it; of their reminders the owners know."""
    waiting = Lead.objects.filter(stage=Stage.MQL, sweep_at__gt=now + HOUR, ledger_seq=0).order_by("?")
    chosen = list(waiting.values_list("pk", flat=True)[:count])
    lapsing = Lead.objects.filter(pk__in=chosen)
    lapsing.update(due_at=now, sweep_at=now, clock_started_at=now - DAY)
    reminded = [(lead, share) for lead in lapsing for share in (50, 80)]
    Escalation.objects.bulk_create(
        Escalation(
            lead=lead,
            hand_off_id=lead.hand_off_id,
            clock=lead.due_clock,
            due_at=now,
            owner_id=lead.owner_id,
            share=share,
            at=now - HOUR,
            done_at=now - HOUR,
        )
        for lead, share in reminded
    )


class Stopwatch:
    """The time that statements take, as the program sees it."""

    def __init__(self) -> None:
        self.seconds, self.statements = 0.0, 0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            self.seconds += time.perf_counter() - started
            self.statements += 1


def swept(now: datetime) -> tuple[float, float, int, dict[str, int]]:
    """Milliseconds in all and in the database, statements, and what was done."""
    watch, started = Stopwatch(), time.perf_counter()
    with connection.execute_wrapper(watch):
        done = run_sweep(now=now)
    return (time.perf_counter() - started) * 1000, watch.seconds * 1000, watch.statements, dict(done)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--leads", type=int, default=1_000_000)
    leads = options.parse_args().leads
    if not Lead.objects.exists():
        started = time.perf_counter()
        fill(leads)
        print(f"filled with {Lead.objects.count():,} open leads in {time.perf_counter() - started:.0f} s")
    run_sweep(now=NOW)
    idle = [swept(NOW) for _ in range(21)]
    print(
        f"nothing due: {statistics.median(one[0] for one in idle):.1f} ms, "
        f"of it in the database {statistics.median(one[1] for one in idle):.1f} ms, {idle[-1][2]} statements"
    )
    began = Escalation.objects.aggregate(at=Max("at"))["at"] or NOW
    for minute in range(1, 4):
        now = began + HOUR + minute * timedelta(minutes=1)
        let_lapse(NEWLY_DUE, now)
        total, database, statements, done = swept(now)
        times = f"{total:.0f} ms, in the database {database:.0f} ms, {statements} statements"
        print(f"{NEWLY_DUE:,} newly due: {times}, {done}")
    now += timedelta(minutes=1)
    let_lapse(NEWLY_DUE, now)
    started = time.perf_counter()
    command = [sys.executable, "manage.py", "sweep", "--now", now.isoformat()]
    answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    print(f"manage.py sweep: {time.perf_counter() - started:.2f} s with its start. {answer.stdout.strip()}")


if __name__ == "__main__":
    main()

"""What the sweep costs when nothing is newly due, and when a thousand leads are."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, Times, seconds_of, statements_of
from funnel.models import Lead
from funnel.sweep import run_sweep

NEWLY_DUE = 1000
RUNS_WITH_NOTHING = 20
RUNS_WITH_SOME = 3


def measure(crowd: Crowd, *, now: datetime) -> Sequence[Figure]:
    flagged: Counter[str] = Counter()
    first = seconds_of(lambda: flagged.update(run_sweep(now=now)))
    quiet = Times([statements_of(partial(run_sweep, now=now)).seconds for _ in range(RUNS_WITH_NOTHING)])
    due = min(NEWLY_DUE, crowd.leads // 100)
    later = Times([_sweep_newly_due(due) for _ in range(RUNS_WITH_SOME)])
    return [
        Figure("first sweep", first, "s", note=f"flags {flagged.total():,} of {crowd.leads:,} leads"),
        Figure("sweep, nothing newly due", quiet.median * 1000, "ms", goal=10, note="in the database"),
        Figure(f"sweep, {due:,} newly due", later.median * 1000, "ms", note="as a whole"),
    ]


def _sweep_newly_due(leads: int) -> float:
    """Seconds, at the moment at which the next so many deadlines have passed."""
    waiting = Lead.objects.filter(sweep_at__isnull=False).order_by("sweep_at")
    at = waiting.values_list("sweep_at", flat=True)[leads - 1]
    assert at is not None
    return seconds_of(partial(run_sweep, now=at))

"""The sweep's first step: flags for missed deadlines, and the ladder that leads up to them and beyond."""

from collections import Counter
from datetime import datetime

from django.db import transaction

from funnel.models import Lead
from funnel.services.ladder import NEEDED, Rules, climb

# About 100 ms a batch: short enough that a rep's key press never waits for it on SQLite.
BATCH = 500


def raise_flags(*, now: datetime) -> Counter[str]:
    """Do every step of the ladder that is due at `now`, and raise the flag of every missed deadline.

    Run twice, late or by two workers at once it ends in the same rows: each batch is one transaction, which sets when
    each of its leads has to be looked at again.
    """
    rules, done = Rules(), Counter[str]()
    # Asked outside a transaction: mostly nothing is due, and on SQLite a transaction would make writers wait. And asked
    # for the first of them: after many moved at once PostgreSQL would look for any one through all leads.
    while Lead.objects.to_sweep(now).values_list("pk").first():
        batch = _sweep_batch(now, rules)
        if batch is None:
            break
        done += batch
    return done


@transaction.atomic
def _sweep_batch(now: datetime, rules: Rules) -> Counter[str] | None:
    """None where other sweepers are at all that is due."""
    leads = Lead.objects.to_sweep(now)[:BATCH].lock_free(*NEEDED)
    return climb(leads, now=now, rules=rules) if leads else None

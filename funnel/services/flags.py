"""The sweep's first step: raise a flag for every deadline that has been missed."""

from collections import Counter
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from accounts.principals import SYSTEM
from funnel import ledger
from funnel.bulk import insert_rows
from funnel.models import Flag, Lead, LeadEvent
from funnel.services.episodes import flag_for, raised_kind

# About 40 ms and 1 MB a batch: short enough that a rep's key press never waits for it on SQLite.
BATCH = 500


def raise_flags(*, now: datetime) -> Counter[str]:
    """Raise the flag of every deadline missed at `now`; answers how many of each kind.

    Run twice, late or by two workers at once it ends in the same flags: each batch is one transaction that takes
    leads off the sweep as it flags them.
    """
    raised: Counter[str] = Counter()
    while batch := _raise_batch(now):
        raised += batch
    return raised


@transaction.atomic
def _raise_batch(now: datetime) -> Counter[str]:
    overdue = Lead.objects.to_sweep(now)
    if connection.features.has_select_for_update_skip_locked:
        overdue = overdue.select_for_update(skip_locked=True)
    leads = list(overdue[:BATCH])
    if not leads:
        return Counter()
    flags = [flag_for(lead, at=now) for lead in leads]
    Flag.objects.bulk_create(
        flags,
        # The deadline came back by an undo: its episode goes on.
        update_conflicts=True,
        unique_fields=["lead", "cycle", "kind", "clock", "due_at"],
        update_fields=["cleared_at"],
    )
    insert_rows(ledger.chain(leads, [_event(flag, now) for flag in flags]))
    swept = Lead.objects.filter(pk__in=[lead.pk for lead in leads])
    swept.update(sweep_at=None, ledger_seq=F("ledger_seq") + 1)
    swept.filter(due_clock=Lead.Clock.WAKE).update(woken_at=now)
    return Counter("woken" if flag.clock == Lead.Clock.WAKE else flag.kind for flag in flags)


def _event(flag: Flag, now: datetime) -> LeadEvent:
    return LeadEvent(
        lead_id=flag.lead_id,
        seq=flag.lead.ledger_seq + 1,
        kind=raised_kind(flag),
        at=flag.due_at,
        recorded_at=now,
        actor_name=SYSTEM.name,
        data={"clock": flag.clock, "due_at": flag.due_at.isoformat(), "hand_off": flag.cycle},
    )

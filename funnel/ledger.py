"""The hash chain over a lead's events: an event altered, added or taken out later breaks it.

hash = SHA-256 over the canonical JSON of [hash before, lead, seq, kind, at, recorded at, actor, actor's name, data].
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.models import F

from funnel.models import Lead, LeadEvent

GENESIS = ""


def event_hash(previous: str, event: LeadEvent) -> str:
    """The hash of `event` in a chain whose last hash is `previous`; 64 hexadecimal digits."""
    return hash_of(
        previous,
        lead_id=event.lead_id,
        seq=event.seq,
        kind=event.kind,
        at=event.at,
        recorded_at=event.recorded_at,
        actor_id=event.actor_id,
        actor_name=event.actor_name,
        data=event.data,
    )


def hash_of(
    previous: str,
    *,
    lead_id: int,
    seq: int,
    kind: str,
    at: datetime,
    recorded_at: datetime,
    actor_id: int | None,
    actor_name: str,
    data: Mapping[str, Any],
) -> str:
    """The same of an event that is told by its values."""
    row = [previous, lead_id, seq, kind, _canonical(at), _canonical(recorded_at), actor_id, actor_name, data]
    return hashlib.sha256(_CANONICAL.encode(row).encode()).hexdigest()


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=1_000)
def _canonical(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def heads(lead_ids: Iterable[int]) -> dict[int, str]:
    """The last hash of each lead's chain. Leads without events are left out."""
    last = LeadEvent.objects.filter(lead__in=lead_ids, seq=F("lead__ledger_seq"))
    return dict(last.values_list("lead_id", "hash"))


def _heads_of(leads: Sequence[Lead]) -> dict[int, str]:
    """Of one lead its row says where its chain ends: no need to join it."""
    if len(leads) != 1:
        return heads([lead.pk for lead in leads])
    last = LeadEvent.objects.filter(lead=leads[0].pk, seq=leads[0].ledger_seq)
    return dict(last.order_by().values_list("lead_id", "hash"))


def chain(
    leads: Iterable[Lead], events: Iterable[LeadEvent], heads_in_hand: Mapping[int, str] | None = None
) -> list[LeadEvent]:
    """Give each event its hash, in the order of seq per lead. Call before the leads' `ledger_seq` is written.

    `heads_in_hand`: the last hash of those leads that were read with it.
    """
    known = dict(heads_in_hand or {})
    if unknown := [lead for lead in leads if lead.ledger_seq and lead.pk not in known]:
        known |= _heads_of(unknown)
    chained = sorted(events, key=lambda event: (event.lead_id, event.seq))
    for event in chained:
        event.hash = event_hash(known.get(event.lead_id, GENESIS), event)
        known[event.lead_id] = event.hash
    return chained

"""Walks the hash chain of every lead's events."""

from itertools import groupby
from operator import attrgetter

from funnel.ledger import GENESIS, event_hash
from funnel.models import Lead, LeadEvent


def first_broken_row() -> str | None:
    """A sentence that names the first row at fault; None when all chains are whole. Memory does not grow."""
    events = LeadEvent.objects.order_by("lead_id", "seq").iterator(chunk_size=5000)
    lengths = iter(Lead.objects.order_by("pk").values_list("pk", "ledger_seq").iterator(chunk_size=5000))
    for lead_id, chain in groupby(events, key=attrgetter("lead_id")):
        known_id, length = next(lengths)
        while known_id < lead_id:
            if length:
                return f"Lead {known_id}: all {length} events are missing."
            known_id, length = next(lengths)
        if broken := _first_broken(lead_id, list(chain), length):
            return broken
    return next((f"Lead {pk}: all {length} events are missing." for pk, length in lengths if length), None)


def _first_broken(lead_id: int, chain: list[LeadEvent], length: int) -> str | None:
    previous = GENESIS
    for seq, event in enumerate(chain, start=1):
        if event.seq != seq:
            return f"Lead {lead_id}: event {seq} is missing."
        if event.hash != event_hash(previous, event):
            return f"Lead {lead_id}, event {seq} (row {event.pk}) was altered after it was written."
        previous = event.hash
    return None if len(chain) == length else f"Lead {lead_id}: events after {len(chain)} of {length} are missing."

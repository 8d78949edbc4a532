"""Walks the hash chain of every lead's events, and holds the rows that repeat them against them."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, zip_longest
from operator import attrgetter
from typing import Any

from funnel.ledger import GENESIS, event_hash
from funnel.models import Lead, LeadEvent, StageChange

CHUNK = 5000

Key = tuple[int, int]
Facts = tuple[Any, ...]
Check = Callable[[], str | None]

_checks: list[Check] = []


def register(check: Check) -> None:
    """Apps add what they hold against the ledger when they are ready."""
    if check not in _checks:
        _checks.append(check)


def first_broken_row() -> str | None:
    """A sentence that names the first row at fault; None when all is whole. Memory does not grow."""
    return _first_broken_chain() or next(filter(None, (check() for check in _checks)), None)


def _first_broken_chain() -> str | None:
    events = LeadEvent.objects.order_by("lead_id", "seq").iterator(chunk_size=CHUNK)
    lengths = iter(Lead.objects.order_by("pk").values_list("pk", "ledger_seq").iterator(chunk_size=CHUNK))
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
    if len(chain) > length:
        return f"Lead {lead_id}, event {length + 1} (row {chain[length].pk}) was added by somebody else than LeadFlow."
    return None if len(chain) == length else f"Lead {lead_id}: events after {len(chain)} of {length} are missing."


def first_difference(
    name: str, rows: Iterable[tuple[Key, int, Facts]], told: Iterable[tuple[Key, Facts]]
) -> str | None:
    """The first row that says otherwise than its event, has none, or is missing; both in the order of (lead, seq).

    `rows`: key, the row's id, what it says. `told`: key and what the event says. `name`: what such a row is.
    """
    for row, event in zip_longest(rows, told):
        if row is None or (event is not None and event[0] < row[0]):
            lead_id, seq = event[0]
            return f"Lead {lead_id}: the {name} of event {seq} is missing."
        (lead_id, seq), row_id, facts = row
        if event is None or row[0] < event[0]:
            return f"Lead {lead_id}: {name} {seq} (row {row_id}) was added: no event tells of it."
        if facts != event[1]:
            return f"Lead {lead_id}: {name} {seq} (row {row_id}) was altered: event {seq} tells otherwise."
    return None


def first_broken_move() -> str | None:
    return first_difference("move", _moves(), _moves_told())


def _moves() -> Iterator[tuple[Key, int, Facts]]:
    columns = ("lead_id", "seq", "pk", "move", "old", "new", "reason__slug", "by_id", "at", "recorded_at")
    for lead_id, seq, pk, *facts in (
        StageChange.objects.order_by("lead_id", "seq").values_list(*columns).iterator(CHUNK)
    ):
        yield (lead_id, seq), pk, tuple(facts)


def _moves_told() -> Iterator[tuple[Key, Facts]]:
    events = LeadEvent.objects.filter(kind__in=[LeadEvent.Kind.CREATED, LeadEvent.Kind.STAGE_CHANGED])
    for event in events.order_by("lead_id", "seq").iterator(CHUNK):
        data = event.data
        move = ("create", "", data["stage"]) if event.kind == LeadEvent.Kind.CREATED else _move(data)
        yield (event.lead_id, event.seq), (*move, data.get("reason"), event.actor_id, event.at, event.recorded_at)


def _move(data: dict[str, Any]) -> tuple[str, str, str]:
    return data["move"], data["old"], data["new"]


register(first_broken_move)

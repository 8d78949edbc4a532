"""Makes deliveries of events: one for each endpoint that asked for the kind and may know of the lead."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from funnel.models import LeadIdentity
from integrations.models import Delivery, Endpoint, FeedEntry, FeedState
from integrations.outbound.events import KINDS
from integrations.services.feed import bring_up_to_date, entries_after, locked_state

BATCH = 500


def fan_out(*, now: datetime) -> int:
    """Make the deliveries of all events that are new in the feed; answers how many were made."""
    bring_up_to_date()
    made = 0
    while (found := _batch(now)) is not None:
        made += found
    return made


@transaction.atomic
def _batch(now: datetime) -> int | None:
    """The deliveries of the next events; None where there are no more. An endpoint hears of what is new to it alone."""
    state = locked_state()
    entries = entries_after(state.delivered_to, limit=BATCH)
    if not entries:
        return None
    rows = deliveries_of(entries, list(Endpoint.objects.filter(is_active=True)), now=now)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    FeedState.objects.filter(pk=state.pk).update(delivered_to=entries[-1].pk)
    return len(rows)


def deliveries_of(entries: Sequence[FeedEntry], endpoints: Sequence[Endpoint], *, now: datetime) -> list[Delivery]:
    """The deliveries that these events make for these endpoints; not yet saved."""
    known = _known(entries, endpoints)
    return [
        Delivery(
            endpoint=endpoint,
            event=entry.event,
            lead_id=entry.event.lead_id,
            seq=entry.event.seq,
            message_id=f"msg_{entry.event.pk}_{endpoint.pk}",
            created_at=now,
            next_attempt_at=now,
        )
        for entry in entries
        for endpoint in endpoints
        if _wants(endpoint, entry, known)
    ]


def _known(entries: Iterable[FeedEntry], endpoints: Iterable[Endpoint]) -> frozenset[tuple[str, int]]:
    """Which source knows which of the leads."""
    sources = {endpoint.source for endpoint in endpoints if endpoint.source}
    leads = {entry.event.lead_id for entry in entries}
    if not sources:
        return frozenset()
    return frozenset(LeadIdentity.objects.filter(source__in=sources, lead__in=leads).values_list("source", "lead"))


def _wants(endpoint: Endpoint, entry: FeedEntry, known: frozenset[tuple[str, int]]) -> bool:
    event = entry.event
    if event.kind not in (endpoint.kinds or KINDS) or event.kind not in KINDS:
        return False
    if event.recorded_at < endpoint.created_at:
        return False
    return not endpoint.source or (endpoint.source, event.lead_id) in known

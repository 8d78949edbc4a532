"""The change feed: every event of the ledger once, in an order that never changes afterwards, without a gap."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max, QuerySet

from funnel.horizon import Horizon, moved_up, oldest_running
from funnel.models import LeadEvent
from integrations.models import FeedEntry, FeedState

# Events that one turn of the sequencer takes; it takes turns until all have their place.
TURN = 5_000


def bring_up_to_date() -> int:
    """Give every committed event its place in the feed; answers how many got one. Readers call it before they read."""
    placed = 0
    while found := _turn():
        placed += found
        if found < TURN:
            break
    return placed


@transaction.atomic
def _turn() -> int:
    """One sequencer at a time: the next waits, and finds nothing left."""
    state = locked_state()
    running = oldest_running()  # before the events are read: whoever had ended by now is among them
    waiting = LeadEvent.objects.filter(pk__gt=state.settled_id, feed_entry=None).order_by("pk")
    events = list(waiting.values_list("pk", flat=True)[:TURN])
    FeedEntry.objects.bulk_create([FeedEntry(event_id=pk) for pk in events], batch_size=500)
    if len(events) < TURN:
        _settle(state, running)
    return len(events)


def locked_state() -> FeedState:
    """The one row, locked until the transaction ends."""
    state = FeedState.objects.select_for_update().first()
    if state is None:
        FeedState.objects.bulk_create([FeedState(pk=1)], ignore_conflicts=True)
        state = FeedState.objects.select_for_update().get(pk=1)
    return state


def _settle(state: FeedState, running: int | None) -> None:
    """All that can be seen has its place: move up the line below which nothing can appear any more."""
    last = LeadEvent.objects.aggregate(last=Max("pk"))["last"] or 0
    before = Horizon(state.settled_id, state.watched_id, state.watched_transaction)
    after = moved_up(before, last=last, running=running)
    if (after.settled_id, after.watched_id) != (before.settled_id, before.watched_id):
        FeedState.objects.filter(pk=state.pk).update(
            settled_id=after.settled_id,
            watched_id=after.watched_id,
            watched_transaction=after.watched_transaction,
        )


def entries_after(position: int, *, limit: int) -> Sequence[FeedEntry]:
    """The next entries of the feed with their events, in order."""
    return list(entries().filter(pk__gt=position)[:limit])


def entries() -> QuerySet[FeedEntry]:
    return FeedEntry.objects.select_related("event__actor").order_by("pk")

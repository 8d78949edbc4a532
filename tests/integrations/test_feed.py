"""The change feed: every event once, in an order that holds, whatever eight writers do at the same time."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from accounts.principals import SYSTEM
from funnel.inputs import LeadInput
from funnel.models import LeadEvent
from funnel.services.changes import open_change
from funnel.services.receive import receive_leads
from integrations.models import FeedEntry, FeedState
from integrations.services.feed import bring_up_to_date, entries_after
from tests.factories import NOW, LeadFactory

WRITERS = 8
LEADS_EACH = 25


def read_on(seen):
    """Everything after what was seen, page by page, as a tool that polls does."""
    bring_up_to_date()
    while page := entries_after(seen[-1].pk if seen else 0, limit=7):
        seen += page


@pytest.mark.django_db
def test_each_event_has_one_place_in_the_order_it_was_written():
    LeadFactory.create_batch(3)

    assert bring_up_to_date() == 3
    assert bring_up_to_date() == 0
    LeadFactory(won=True)
    bring_up_to_date()

    assert list(FeedEntry.objects.values_list("event", flat=True)) == list(
        LeadEvent.objects.order_by("pk").values_list("pk", flat=True)
    )


@pytest.mark.django_db
def test_more_events_than_one_turn_takes_all_get_their_place(monkeypatch):
    monkeypatch.setattr("integrations.services.feed.TURN", 2)
    LeadFactory.create_batch(5)

    assert bring_up_to_date() == 5


def test_a_reader_beside_eight_writers_misses_nothing_and_sees_nothing_twice(at_once):
    seen = []
    writing = threading.Event()
    writing.set()
    left = threading.Semaphore(WRITERS - 1)

    def write(number):
        try:
            for turn in range(LEADS_EACH):
                given = LeadInput(source="website", email=f"p{number}.{turn}@buyer.example", channel="web")
                lead = receive_leads([given], by=SYSTEM, at=NOW)[0].lead
                with transaction.atomic():
                    change = open_change(lead.pk, by=SYSTEM, at=NOW + timedelta(minutes=1))
                    change.record(LeadEvent.Kind.NOTED)
                    change.write()
        finally:
            if not left.acquire(blocking=False):  # the last one
                writing.clear()

    def read():
        while writing.is_set():
            read_on(seen)
        read_on(seen)

    answers = at_once(*[partial(write, number) for number in range(WRITERS)], read)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    events = [entry.event for entry in seen]
    assert len(events) == len({event.pk for event in events}) == LeadEvent.objects.count() == WRITERS * LEADS_EACH * 2
    of_lead = {}
    for event in events:
        of_lead.setdefault(event.lead_id, []).append(event.seq)
    assert all(seqs == [1, 2] for seqs in of_lead.values())


@pytest.mark.postgres
def test_an_event_committed_after_one_with_a_higher_id_still_gets_its_place(transactional_db):
    slow_wrote, fast_wrote = threading.Event(), threading.Event()
    late, early = LeadFactory(), LeadFactory()
    bring_up_to_date()
    before = FeedEntry.objects.latest("pk").pk

    def slow():
        with transaction.atomic():
            note(late)
            slow_wrote.set()
            assert fast_wrote.wait(20)
        connection.close()

    def note(lead):
        change = open_change(lead.pk, by=SYSTEM, at=NOW)
        change.record(LeadEvent.Kind.NOTED)
        change.write()

    thread = threading.Thread(target=slow)
    thread.start()
    assert slow_wrote.wait(20)
    with transaction.atomic():
        note(early)
    for _ in range(3):  # however often the feed is read meanwhile
        bring_up_to_date()
    fast_wrote.set()
    thread.join()
    bring_up_to_date()

    told = [entry.event.lead_id for entry in entries_after(before, limit=10)]
    assert told == [early.pk, late.pk]
    assert LeadEvent.objects.get(lead=late, kind=LeadEvent.Kind.NOTED).pk < LeadEvent.objects.latest("pk").pk


@pytest.mark.django_db
def test_the_line_below_which_nothing_is_looked_for_moves_up():
    LeadFactory.create_batch(3)

    for _ in range(2):
        bring_up_to_date()

    state = FeedState.objects.get()
    # On PostgreSQL whoever else is at work on the server may hold it back.
    assert max(state.settled_id, state.watched_id) == LeadEvent.objects.latest("pk").pk

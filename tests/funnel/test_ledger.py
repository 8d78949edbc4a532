from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from funnel import ledger
from funnel.append_only import create_triggers, drop_triggers
from funnel.lifecycle import Stage
from funnel.models import LeadEvent
from funnel.services.moves import move_lead
from tests.factories import NOW, LeadFactory, UserFactory

OTHER_VALUES = {
    "seq": 99,
    "kind": "lead.lost",
    "at": NOW - timedelta(days=1),
    "recorded_at": NOW + timedelta(microseconds=1),
    "actor_name": "Somebody else",
    "data": {"move": "win"},
}


@pytest.fixture
def lead(rep):
    return LeadFactory(accepted=True, owner=rep, at=NOW.replace(microsecond=123456))


def broken_rows(lead):
    """The seqs of the events whose hash does not follow from the one before."""
    previous, broken = ledger.GENESIS, []
    for event in LeadEvent.objects.filter(lead=lead).order_by("seq"):
        if event.hash != ledger.event_hash(previous, event):
            broken.append(event.seq)
        previous = event.hash
    return broken


@pytest.fixture
def tamper():
    """Change a row as somebody could who owns the tables."""

    def change(events, **values):
        drop_triggers(connection)
        events.update(**values)
        create_triggers(connection)

    return change


def test_every_event_follows_from_the_one_before(lead, marketing, rep):
    assert broken_rows(lead) == []
    assert list(lead.events.values_list("seq", flat=True)) == list(range(1, lead.ledger_seq + 1))


@pytest.mark.parametrize("field", OTHER_VALUES)
def test_an_altered_event_breaks_the_chain(lead, tamper, field):
    tamper(LeadEvent.objects.filter(lead=lead, seq=2), **{field: OTHER_VALUES[field]})

    assert broken_rows(lead)[:1] != []


def test_an_event_put_on_somebody_else_breaks_the_chain(lead, tamper):
    tamper(LeadEvent.objects.filter(lead=lead, seq=2), actor=UserFactory())

    assert broken_rows(lead) == [2]


def test_an_altered_event_with_a_new_hash_breaks_the_next_one(lead, tamper):
    event = LeadEvent.objects.get(lead=lead, seq=2)
    event.data = {"move": "win"}
    forged = ledger.event_hash(LeadEvent.objects.get(lead=lead, seq=1).hash, event)

    tamper(LeadEvent.objects.filter(pk=event.pk), data=event.data, hash=forged)

    assert broken_rows(lead) == [3]


def test_an_event_moved_to_another_lead_breaks_its_chain(lead, tamper):
    other = LeadFactory()

    tamper(LeadEvent.objects.filter(lead=other, seq=1), lead=lead, seq=99)

    assert broken_rows(lead) == [99]


def test_chains_of_many_leads_are_begun_and_continued_each_for_itself(lead, marketing):
    first, second = LeadFactory(), LeadFactory()
    for one in (first, second):
        move_lead(lead_id=one.pk, to=Stage.MQL, by=marketing.principal, at=NOW)

    assert broken_rows(first) == broken_rows(second) == []
    assert ledger.heads([first.pk, second.pk]).keys() == {first.pk, second.pk}


def test_a_sound_history_is_verified(lead, capsys):
    call_command("verify_history")

    assert capsys.readouterr().out == "The history of every lead is whole.\n"


def test_verification_names_the_first_broken_row(lead, tamper):
    tamper(LeadEvent.objects.filter(lead=lead, seq=2), actor_name="Somebody else")

    with pytest.raises(CommandError, match=f"Lead {lead.pk}, event 2 .* was altered"):
        call_command("verify_history")


@pytest.mark.parametrize("seq", [1, 2, 4], ids=["first", "middle", "last"])
def test_verification_finds_an_event_that_was_taken_out(lead, seq):
    drop_triggers(connection)
    LeadEvent.objects.filter(lead=lead, seq=seq).delete()
    create_triggers(connection)

    with pytest.raises(CommandError, match=f"Lead {lead.pk}: .* missing"):
        call_command("verify_history")


def test_verification_finds_a_history_that_was_taken_out_whole(lead):
    drop_triggers(connection)
    LeadEvent.objects.filter(lead=lead).delete()
    create_triggers(connection)

    with pytest.raises(CommandError, match=f"Lead {lead.pk}: .* missing"):
        call_command("verify_history")

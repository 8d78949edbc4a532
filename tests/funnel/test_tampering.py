"""Whoever can drop the triggers can change history, but not unnoticed: `verify_history` names the row."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel import ledger
from funnel.append_only import create_triggers, drop_triggers
from funnel.models import LeadEvent, StageChange
from tests.factories import NOW, LeadFactory

NAMES = {LeadEvent: "event", StageChange: "move", Disposition: "disposition"}
OTHERWISE = {LeadEvent: {"actor_name": "Somebody"}, StageChange: {"new": "won"}, Disposition: {"outcome": "won"}}

on_all_history = pytest.mark.parametrize("model", NAMES, ids=NAMES.values())


@pytest.fixture
def lead(rep):
    """With three rows or more of each kind."""
    LeadFactory(qualified=True, owner=rep)
    lead = LeadFactory(qualified=True, owner=rep)
    said = record_disposition(lead_id=lead.pk, statement=Statement(outcome=Outcome.VOICEMAIL), by=rep.principal, at=NOW)
    undo_disposition(disposition_id=said.pk, by=rep.principal, at=NOW)
    LeadFactory(accepted=True, owner=rep)
    return lead


@pytest.fixture
def without_triggers(db):
    drop_triggers(connection)
    yield
    create_triggers(connection)


def verified():
    """The exit status of `manage.py verify_history`, and what it says."""
    said = StringIO()
    try:
        call_command("verify_history", stdout=said)
    except CommandError as broken:
        return broken.returncode, str(broken)
    return 0, said.getvalue()


def swap(first, second):
    """Each takes the other's place in the order."""
    model, seqs = type(first), (first.seq, second.seq)
    for row, seq in ((first, 9999), (second, seqs[0]), (first, seqs[1])):
        model.objects.filter(pk=row.pk).update(seq=seq)


def copy_at_the_end(row):
    """A row like it, as the lead's last; an event with the hash that follows."""
    row.pk, row.seq = None, row.lead.ledger_seq + 1
    if isinstance(row, LeadEvent):
        row.hash = ledger.event_hash(ledger.heads([row.lead_id])[row.lead_id], row)
    if isinstance(row, Disposition):
        row.outcome, row.corrects = Outcome.VOICEMAIL, None
    row.save(force_insert=True)


def delete(row):
    """Past Django's own look at foreign keys."""
    rows = type(row).objects.filter(pk=row.pk)
    rows._raw_delete(rows.db)


def alter(row):
    type(row).objects.filter(pk=row.pk).update(**OTHERWISE[type(row)])


# What is done with a lead's rows, and which seq has to be named.
TAMPERINGS = {
    "altered": (lambda rows: alter(rows[1]), lambda rows: rows[1].seq),
    "deleted in the middle": (lambda rows: delete(rows[1]), lambda rows: rows[1].seq),
    "deleted at the end": (lambda rows: delete(rows[-1]), lambda rows: rows[-1].seq),
    "swapped": (lambda rows: swap(rows[1], rows[2]), lambda rows: rows[1].seq),
    "added": (lambda rows: copy_at_the_end(rows[-1]), lambda rows: rows[0].lead.ledger_seq + 1),
}


def test_history_that_nobody_touched_is_whole(lead):
    assert verified() == (0, "The history of every lead is whole.\n")


@on_all_history
@pytest.mark.parametrize("tampering", TAMPERINGS)
@pytest.mark.usefixtures("without_triggers")
def test_tampering_is_found_and_the_row_is_named(lead, model, tampering):
    rows = list(model.objects.filter(lead=lead).order_by("seq"))
    tamper, seq_of = TAMPERINGS[tampering]
    named = seq_of(rows)

    tamper(rows)

    status, sentence = verified()
    assert status == 1
    assert sentence.startswith(f"Lead {lead.pk}")
    assert re.search(rf"\b{named}\b", sentence)
    assert NAMES[model] in sentence

"""Leads that somebody enters by hand, and notes on them."""

from datetime import timedelta

import pytest

from accounts.models import Notification
from funnel.errors import MissingNeeds, NotAllowed
from funnel.inputs import LeadInput
from funnel.lifecycle import Move, Stage
from funnel.models import Lead, LeadEvent, LeadText, StageChange
from funnel.services.create import ask_for_lead, create_lead
from funnel.services.edit import EmailTaken
from funnel.services.moves import move_lead
from funnel.services.notes import add_note
from funnel.services.verify import first_broken_row
from tests.factories import NOW, LeadFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=5)


def create(by, *, accept=False, **given):
    told = {"external_id": "token-1", "last_name": "Finder", "phone": "+49 30 1234567"} | given
    return create_lead(given=LeadInput(source="page", **told), by=by.principal, at=NOW, accept=accept)


def test_what_a_rep_finds_is_his_in_the_channel_of_sales(rep, west):
    lead = create(rep)

    assert (lead.owner, lead.team, lead.stage, lead.channel.slug) == (rep, west, "inquiry", "self-sourced")
    assert LeadEvent.objects.get(lead=lead).actor == rep
    assert first_broken_row() is None


def test_it_can_be_accepted_at_once(rep):
    lead = Lead.objects.get(pk=create(rep, accept=True).pk)

    assert (lead.stage, lead.hand_off, lead.due_clock) == ("sal", None, "disposition")
    assert StageChange.objects.filter(lead=lead).last().move == "self-source"


def test_sent_twice_it_is_one_lead(rep):
    assert create(rep) == create(rep)
    assert Lead.objects.count() == 1


def test_a_person_who_is_known_is_not_entered_again(rep):
    known = LeadFactory(first_name="Nora")

    with pytest.raises(EmailTaken) as taken:
        create(rep, email=known.email, first_name="Other")

    assert taken.value.lead_id == known.pk
    assert Lead.objects.get().first_name == "Nora"


def test_a_lead_must_be_reachable(rep):
    with pytest.raises(MissingNeeds, match="e-mail address or a phone number"):
        create(rep, phone="")


def test_a_manager_enters_it_for_his_people_alone(manager, rep, eastern_rep):
    assert create(manager, owner=rep).owner == rep
    assert create(manager, external_id="token-2").owner == manager
    with pytest.raises(NotAllowed, match="in none of your teams"):
        create(manager, external_id="token-3", owner=eastern_rep)


def test_marketing_enters_inquiries_that_nobody_owns(marketing, rep):
    lead = create(marketing, channel="fair")

    assert (lead.owner, lead.channel.slug) == (None, "fair")
    with pytest.raises(NotAllowed, match="works in sales"):
        create(marketing, external_id="token-2", owner=rep)


# --- accepting one's own --------------------------------------------------------------------------------------


def accept(lead, by):
    return move_lead(lead_id=lead.pk, to=Stage.SAL, move=Move.SELF_SOURCE, by=by.principal, at=NOW)


def test_a_rep_accepts_no_inquiry_of_the_pool(rep, west):
    lead = LeadFactory(team=west)

    with pytest.raises(NotAllowed, match="Only its owner in sales may move a lead from Inquiry to SAL"):
        accept(lead, rep)

    assert Lead.objects.get(pk=lead.pk).stage == "inquiry"


def test_a_manager_accepts_what_his_rep_found_and_nothing_that_nobody_owns(manager, rep, west):
    accept(LeadFactory(owner=rep), manager)

    with pytest.raises(NotAllowed, match="its owner in sales"):
        accept(LeadFactory(team=west), manager)


# --- asking for it --------------------------------------------------------------------------------------------


def test_its_manager_hears_once_that_somebody_else_met_the_person(rep, manager, eastern_rep):
    lead = LeadFactory(owner=rep)

    for _ in range(2):
        assert ask_for_lead(email=lead.email, by=eastern_rep.principal, at=NOW)

    told = Notification.objects.get()
    assert (told.user, told.url) == (manager, f"/leads/{lead.pk}/")
    assert told.text.startswith("Emil East has met")


def test_nobody_is_told_of_an_address_that_is_free(rep):
    assert not ask_for_lead(email="free@buyer.example", by=rep.principal, at=NOW)
    assert not Notification.objects.exists()


# --- notes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "private", "kind"), [("rep", True, "note"), ("rep", False, "learned"), ("marketing", True, "learned")]
)
def test_a_note_is_private_to_sales_or_for_all(role, private, kind, rep, marketing):
    lead = LeadFactory(handed_off=True, owner=rep)
    by = {"rep": rep, "marketing": marketing}[role]

    seq = add_note(lead_id=lead.pk, text=" Likes tea. ", private=private, by=by.principal, at=LATER)

    text = LeadText.objects.get(lead=lead, seq=seq)
    assert (text.kind, text.text, text.by) == (kind, "Likes tea.", by)
    noted = Lead.objects.get(pk=lead.pk)
    assert (noted.version, noted.due_at, noted.ledger_seq) == (lead.version, lead.due_at, seq)
    assert "tea" not in str(LeadEvent.objects.get(lead=lead, seq=seq).data)


@pytest.mark.parametrize("text", ["  ", "x" * 2001])
def test_an_empty_or_endless_note_is_refused(rep, text):
    lead = LeadFactory(owner=rep)

    with pytest.raises(MissingNeeds):
        add_note(lead_id=lead.pk, text=text, by=rep.principal, at=LATER)

    assert Lead.objects.get(pk=lead.pk).ledger_seq == lead.ledger_seq

"""What somebody did to a lead is never overwritten by who did not know of it."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction

from accounts.principals import SYSTEM, Kind, Principal
from accounts.roles import Role
from funnel.errors import StaleVersion
from funnel.inputs import LeadInput
from funnel.lifecycle import Stage
from funnel.models import Channel, HandOff, Lead
from funnel.services.changes import LeadChange, open_change
from funnel.services.locking import lock_visible
from funnel.services.moves import move_lead
from funnel.services.receive import receive_leads
from tests.factories import NOW, LeadFactory

FORM_TOOL = Principal(kind=Kind.API_KEY, name="Form tool", source="website")


@pytest.fixture
def lead(rep):
    return LeadFactory(handed_off=True, owner=rep, email="bea@buyer.example")


def accept(lead, by, *, version, minutes=30):
    at = NOW + timedelta(minutes=minutes)
    return move_lead(lead_id=lead.pk, to=Stage.SAL, by=by.principal, at=at, version=version)


def test_a_lead_that_was_moved_since_it_was_read_is_not_moved_again(lead, rep, manager):
    accept(lead, manager, version=lead.version)

    with pytest.raises(StaleVersion) as refused:
        accept(lead, rep, version=lead.version, minutes=40)

    assert str(refused.value) == (
        "Mia Manager changed this lead at 10:30 UTC; it is now SAL. Look at the lead again before you go on."
    )
    assert refused.value.current_version == lead.version + 1


def test_the_version_looked_at_is_good_while_nothing_happened(lead, rep):
    accept(lead, rep, version=lead.version)

    assert Lead.objects.get(pk=lead.pk).version == lead.version + 1


def test_an_inbound_update_does_not_disturb_a_rep_in_mid_call(lead, rep):
    news = LeadInput(source="website", email="bea@buyer.example", title="Head of Purchasing", score=90)
    receive_leads([news], by=FORM_TOOL, at=NOW + timedelta(minutes=5))

    accept(lead, rep, version=lead.version)

    assert Lead.objects.get(pk=lead.pk).stage == Stage.SAL


def test_the_one_who_moved_a_lead_is_named_and_not_the_tool_that_updated_it_later(lead, rep, manager):
    accept(lead, manager, version=lead.version)
    news = LeadInput(source="website", email="bea@buyer.example", title="Head of Purchasing")
    receive_leads([news], by=FORM_TOOL, at=NOW + timedelta(minutes=35))

    with pytest.raises(StaleVersion, match=r"^Mia Manager changed this lead at 10:30 UTC"):
        accept(lead, rep, version=lead.version, minutes=40)


def test_a_change_written_over_another_is_refused(lead, rep):
    mine, theirs = Lead.objects.get(pk=lead.pk), Lead.objects.get(pk=lead.pk)
    with transaction.atomic():
        LeadChange(theirs, by=rep.principal, at=NOW).write()

    with transaction.atomic(), pytest.raises(StaleVersion):
        LeadChange(mine, by=rep.principal, at=NOW).write()


def test_who_waits_for_the_lock_sees_the_lead_and_what_belongs_to_it_as_they_are_then(at_once, lead, rep):
    """Also where the row that was waited for no longer fits to what the waiting statement had joined to it."""
    fair, held = Channel.objects.create(slug="fair", name="Fair"), threading.Event()

    def correct():
        with transaction.atomic():
            lock_visible(lead.pk, SYSTEM)
            held.set()
            time.sleep(0.5)  # until the other one waits
            Lead.objects.filter(pk=lead.pk).update(channel=fair)
            HandOff.objects.filter(lead=lead).update(attempts=5)

    def wait():
        held.wait()
        with transaction.atomic():
            found = lock_visible(lead.pk, rep.principal)
            return found.channel, found.hand_off.attempts

    assert at_once(correct, wait)[1] == (fair, 5)


def test_nobody_without_a_scope_opens_a_lead(lead):
    nobody = Principal(kind=Kind.USER, name="Nobody", role=Role.REP)

    with transaction.atomic(), pytest.raises(Lead.DoesNotExist):
        open_change(lead.pk, by=nobody, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_lead_is_never_opened_without_a_transaction_that_holds_its_lock(marketing):
    lead = LeadFactory()

    with pytest.raises(transaction.TransactionManagementError):
        open_change(lead.pk, by=marketing.principal, at=NOW)

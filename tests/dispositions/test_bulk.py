"""The same for many leads: each its own result, nothing of leads that are somebody else's."""

from datetime import timedelta

import pytest

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.services.bulk import MOST, NOT_FOUND, OUTCOMES, BulkRefused, bulk_disposition, bulk_reassign
from dispositions.services.record import Statement
from funnel.lifecycle import Stage
from funnel.models import Lead
from tests.factories import NOW, LeadFactory, UserFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
REFUSE = Statement(outcome=Outcome.REFUSE, reason="student")


def say(rep, leads, statement=REFUSE):
    return bulk_disposition(
        lead_ids=[getattr(one, "pk", one) for one in leads], statement=statement, by=rep.principal, at=LATER
    )


def test_each_lead_gets_the_outcome_and_its_move(rep):
    leads = LeadFactory.create_batch(3, handed_off=True, owner=rep)

    results = say(rep, leads)

    assert [(one.lead_id, one.done, one.text) for one in results] == [
        (lead.pk, True, "Refuse: now Disqualified.") for lead in leads
    ]
    assert set(Lead.objects.values_list("stage", flat=True)) == {Stage.DISQUALIFIED}
    assert Disposition.objects.filter(outcome="refuse", reason__slug="student", by=rep).count() == 3


def test_one_that_cannot_be_done_says_why_and_the_others_are_done(rep):
    first, accepted, last = (
        LeadFactory(handed_off=True, owner=rep),
        LeadFactory(accepted=True, owner=rep),
        LeadFactory(handed_off=True, owner=rep),
    )

    results = say(rep, [first, accepted, last])

    assert [one.done for one in results] == [True, False, True]
    assert "“Refuse” does not fit a lead in SAL" in results[1].text
    accepted.refresh_from_db()
    assert accepted.stage == Stage.SAL


def test_a_lead_of_somebody_else_is_as_unknown_as_one_that_never_was(rep, eastern_rep):
    foreign = LeadFactory(handed_off=True, owner=eastern_rep)

    results = say(rep, [foreign, 987654321])

    assert [(one.lead, one.done, one.text) for one in results] == [(None, False, NOT_FOUND)] * 2
    foreign.refresh_from_db()
    assert foreign.stage == Stage.MQL


def test_what_a_reason_needs_is_asked_of_each_lead(rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    (result,) = say(rep, [lead], Statement(outcome=Outcome.REFUSE, reason="other"))

    assert not result.done
    assert "needs a note" in result.text


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - set(OUTCOMES)))
def test_what_only_work_on_the_lead_can_know_is_not_said_of_many(outcome, rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    with pytest.raises(BulkRefused):
        say(rep, [lead], Statement(outcome=Outcome(outcome)))
    assert not Disposition.objects.exists()


def test_a_lead_named_twice_is_done_once(rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    assert len(say(rep, [lead, lead])) == 1
    assert Disposition.objects.count() == 1


@pytest.mark.parametrize("ids", [[], range(1, MOST + 2)])
def test_none_or_too_many_leads_are_refused_as_a_whole(ids, rep):
    with pytest.raises(BulkRefused):
        say(rep, list(ids))


def test_a_manager_gives_many_leads_to_one_rep(manager, rep, west):
    to = UserFactory(name="Tom Team", team=west)
    waiting = LeadFactory(handed_off=True, owner=rep)
    inquiry = LeadFactory(owner=rep)

    results = bulk_reassign(lead_ids=[waiting.pk, inquiry.pk], to=to, by=manager.principal, at=LATER)

    assert [(one.done, one.text) for one in results] == [
        (True, "With Tom Team now."),
        (False, "Only a lead that is with sales can be given to another rep."),
    ]
    waiting.refresh_from_db()
    assert waiting.owner == to


def test_reassigning_many_stops_no_clock(manager, rep, west):
    lead = LeadFactory(handed_off=True, owner=rep)

    bulk_reassign(lead_ids=[lead.pk], to=UserFactory(team=west), by=manager.principal, at=LATER)

    lead.refresh_from_db()
    assert (lead.due_clock, lead.last_disposition_at) == (Lead.Clock.ACCEPT, None)


def test_a_rep_gives_nothing_away(rep, west):
    lead = LeadFactory(handed_off=True, owner=rep)

    (result,) = bulk_reassign(lead_ids=[lead.pk], to=UserFactory(team=west), by=rep.principal, at=LATER)

    assert (result.done, result.text) == (False, "Only a manager gives leads to others.")

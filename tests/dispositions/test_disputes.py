"""Two signers settle a refusal against the record; the lead goes back to its rep only when they say so."""

from datetime import timedelta

import pytest

from accounts.models import Notification
from accounts.roles import Role
from dispositions.models import Dispute, Verdict
from dispositions.services.disputes import tell_signers, vote
from dispositions.services.record import Statement, record_disposition
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed
from funnel.lifecycle import Move, Stage
from funnel.models import Agreement, HandOff, Lead, Signature
from funnel.services.moves import move_lead
from tests.factories import NOW, AgreementFactory, LeadFactory, UserFactory

LATER = NOW + timedelta(hours=1)
DAY = timedelta(days=1)
BUDGET = ("The budget is known.", "attribute_known", {"attribute": "budget"})
SCORE = ("The score is high enough.", "score_at_least", {"at_least": 60})


@pytest.fixture
def signers(db):
    return (
        UserFactory(name="Mara Marketer", role=Role.MARKETING, team=None, can_sign=True),
        UserFactory(name="Saul Seller", role=Role.MANAGER, team=None, can_sign=True),
    )


@pytest.fixture
def dispute(rep, signers):
    AgreementFactory(name="MQL to SAL", clauses=[SCORE, BUDGET], signatures=list(signers))
    lead = LeadFactory(handed_off=True, owner=rep, score=90, attributes={"budget": "80k"})
    said = Statement(outcome="refuse", reason="no_budget")
    record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=LATER)
    return Dispute.objects.get()


def settle(dispute, signers, verdict, at=LATER + DAY):
    for signer in signers:
        dispute = vote(dispute_id=dispute.pk, by=signer, verdict=Verdict(verdict), at=at)
    return dispute


def the_lead():
    return Lead.objects.get()


def test_both_signers_are_told_once(dispute, signers):
    tell_signers(dispute, key="opened", text="Again.", at=LATER)

    told = Notification.objects.filter(kind="dispute")
    assert set(told.values_list("user__name", "url")) == {
        (signer.name, f"/disputes/#dispute-{dispute.pk}") for signer in signers
    }
    assert told.count() == 2


def test_until_it_is_settled_the_refusal_stands(dispute, signers):
    vote(dispute_id=dispute.pk, by=signers[0], verdict=Verdict.OVERRULED, at=LATER)

    assert Dispute.objects.get().state == "open"
    assert (the_lead().stage, HandOff.objects.get().outcome) == ("nurture", "refused")


def test_upheld_leaves_the_lead_where_it_is(dispute, signers):
    settled = settle(dispute, signers, "upheld")

    assert (settled.state, settled.settled_at, settled.settled_by) == ("upheld", LATER + DAY, signers[1])
    assert the_lead().stage == "nurture"


def test_overruled_takes_the_lead_back_to_its_rep_as_the_same_hand_off_with_a_new_clock(dispute, signers, rep):
    first = HandOff.objects.get()

    settled = settle(dispute, signers, "overruled")

    lead = the_lead()
    assert (settled.state, settled.lead_returned) == ("overruled", True)
    assert (lead.stage, lead.owner, lead.hand_off, lead.cycle) == ("mql", rep, first, 1)
    assert (lead.hand_off.outcome, lead.hand_off.ended_at, lead.wake_at) == ("", None, None)
    assert (lead.due_clock, lead.due_at) == ("accept", LATER + 2 * DAY)
    change = lead.stage_changes.last()
    assert (change.move, change.old, change.new, change.by) == ("overrule", "nurture", "mql", signers[1])


def test_an_overruled_lead_can_be_accepted_after_all(dispute, signers, rep):
    settle(dispute, signers, "overruled")

    said = Statement(outcome="accept")
    record_disposition(lead_id=the_lead().pk, statement=said, by=rep.principal, at=LATER + 2 * DAY)

    assert the_lead().stage == "sal"


def test_a_disqualified_lead_comes_back_too(rep, signers):
    AgreementFactory(clauses=[SCORE], signatures=list(signers))
    lead = LeadFactory(handed_off=True, owner=rep, score=90)
    said = Statement(outcome="refuse", reason="student")
    record_disposition(lead_id=lead.pk, statement=said, by=rep.principal, at=LATER)

    settle(Dispute.objects.get(), signers, "overruled")

    assert the_lead().stage == "mql"


def test_a_lead_that_was_handed_over_again_stays_where_it_is(dispute, signers, marketing):
    move_lead(lead_id=the_lead().pk, to=Stage.MQL, by=marketing.principal, at=LATER)

    settled = settle(dispute, signers, "overruled")

    assert (settled.state, settled.lead_returned) == ("overruled", False)
    assert the_lead().hand_off.number == 2


def test_a_changed_definition_opens_the_next_version_with_the_clause_marked(dispute, signers):
    settled = settle(dispute, signers, "redefined")

    assert (settled.state, settled.draft.state, settled.draft.version) == ("redefined", "draft", 2)
    remarks = dict(settled.draft.clauses.values_list("number", "remark"))
    assert remarks == {
        1: "",
        2: "To be changed: both signers of version 1 say so after the refusal of 5 Mar 2026.",
    }
    assert the_lead().stage == "nurture"


def test_a_draft_that_is_open_is_marked_and_has_to_be_signed_again(dispute, signers):
    draft = AgreementFactory(name="MQL to SAL", version=2, state="draft", clauses=["One.", "Two."])
    Signature.objects.create(agreement=draft, side="sales", user=signers[1], at=LATER)

    settled = settle(dispute, signers, "redefined")

    assert settled.draft == draft
    assert (draft.signatures.count(), Agreement.objects.count()) == (0, 2)


# --- whose it is to settle ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role.values)
def test_nobody_else_votes(dispute, role):
    sentence = r"^The two who signed the agreement settle it; from 11 Mar on an admin may\.$"
    with pytest.raises(NotAllowed, match=sentence):
        vote(dispute_id=dispute.pk, by=UserFactory(role=role, can_sign=True), verdict=Verdict.UPHELD, at=LATER)

    assert not dispute.votes.exists()


def test_who_left_is_replaced_by_who_may_sign_for_his_side(dispute, signers):
    signers[1].is_active = False
    signers[1].save()
    successor = UserFactory(role=Role.MANAGER, can_sign=True)

    assert settle(dispute, (signers[0], successor), "upheld").state == "upheld"


def test_a_signer_may_change_his_mind_until_it_is_settled(dispute, signers):
    marketer, seller = signers
    vote(dispute_id=dispute.pk, by=marketer, verdict=Verdict.OVERRULED, at=LATER)
    vote(dispute_id=dispute.pk, by=seller, verdict=Verdict.UPHELD, at=LATER)
    assert Dispute.objects.get().state == "open"

    vote(dispute_id=dispute.pk, by=marketer, verdict=Verdict.UPHELD, at=LATER)

    assert Dispute.objects.get().state == "upheld"
    with pytest.raises(NotAllowed, match="This dispute is settled"):
        vote(dispute_id=dispute.pk, by=marketer, verdict=Verdict.OVERRULED, at=LATER)


def test_an_admin_decides_where_they_are_split_for_five_working_days(dispute, signers, admin):
    vote(dispute_id=dispute.pk, by=signers[0], verdict=Verdict.OVERRULED, at=LATER)
    vote(dispute_id=dispute.pk, by=signers[1], verdict=Verdict.UPHELD, at=LATER)
    assert dispute.decide_at == LATER + 7 * DAY

    with pytest.raises(NotAllowed):
        vote(dispute_id=dispute.pk, by=admin, verdict=Verdict.OVERRULED, at=dispute.decide_at - DAY)
    settled = vote(dispute_id=dispute.pk, by=admin, verdict=Verdict.OVERRULED, at=dispute.decide_at)

    assert (settled.state, settled.settled_by, the_lead().stage) == ("overruled", admin, "mql")


def test_the_rep_is_told_how_it_ended(dispute, signers, rep):
    settle(dispute, signers, "overruled")

    assert "Overruled" in Notification.objects.get(user=rep, kind="dispute").text


@pytest.mark.parametrize("role", ["marketing", "manager", "admin"])
def test_no_refusal_is_overruled_without_its_dispute(dispute, request, role):
    somebody = request.getfixturevalue(role)
    with pytest.raises((NotAllowed, MissingNeeds, InvalidTransition)):
        move_lead(lead_id=the_lead().pk, to=Stage.MQL, by=somebody.principal, at=LATER, move=Move.OVERRULE)

    assert the_lead().stage == "nurture"

"""A refusal cites the clauses that fail: those the rep marks, else those the record or the reason points at."""

from datetime import timedelta

import pytest

from dispositions.models import Disposition, Dispute
from dispositions.services.record import Statement, record_disposition
from dispositions.services.undo import undo_disposition
from funnel.errors import MissingNeeds, NotAllowed
from funnel.lifecycle import Stage
from funnel.models import HandOff, Lead, LeadText
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from tests.factories import NOW, AgreementFactory, LeadFactory

LATER = NOW + timedelta(hours=1)
SCORE = ("The score is high enough.", "score_at_least", {"at_least": 60})
BUDGET = ("The budget is known.", "attribute_known", {"attribute": "budget"})
ASKED = "Asked to be called."
PAIN = ("Has a problem we solve.", "", {"about": "pain"})


@pytest.fixture
def agreement(db):
    return AgreementFactory(clauses=[SCORE, BUDGET, ASKED, PAIN])


@pytest.fixture
def met(agreement, rep, marketing):
    return handed_off(rep, marketing, score=90)


@pytest.fixture
def overridden(agreement, rep, marketing):
    return handed_off(rep, marketing, score=42)


def handed_off(rep, marketing, **given):
    lead = LeadFactory(owner=rep, attributes={"budget": "80k"}, **given)
    details = MoveDetails(override_reason="Their CEO called.")
    move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=NOW, details=details)
    return Lead.objects.get(pk=lead.pk)


def refuse(lead, rep, outcome="refuse", at=LATER, **said):
    return record_disposition(lead_id=lead.pk, statement=Statement(outcome=outcome, **said), by=rep.principal, at=at)


# --- which clauses --------------------------------------------------------------------------------------------


def test_what_the_rep_marks_is_cited_with_his_evidence_for_marketing(met, rep):
    row = refuse(met, rep, reason="no_budget", failed_clauses=[3, 1], clause_evidence={3: "Never heard of us."})

    assert Disposition.objects.get(pk=row.pk).failed_clauses == [1, 3]
    text = LeadText.objects.get(lead=met, seq=row.seq, kind="evidence").text
    assert text.splitlines() == ["1: No budget", "3: Never heard of us."]
    assert met.events.get(seq=row.seq).data["failed_clauses"] == [1, 3]


def test_where_the_record_points_at_a_clause_it_is_cited_with_what_was_found(overridden, rep):
    row = refuse(overridden, rep, reason="no_need")

    assert row.failed_clauses == [1]
    assert LeadText.objects.get(lead=overridden, kind="evidence").text == "1: Score 42, needs 60"


@pytest.mark.parametrize(("reason", "cited"), [("no_budget", [2]), ("no_need", [4])])
def test_else_the_reason_says_which_clause_it_means(met, rep, reason, cited):
    assert refuse(met, rep, reason=reason).failed_clauses == cited


def test_a_reason_that_no_clause_is_about_asks_for_one_and_nothing_is_written(met, rep):
    with pytest.raises(MissingNeeds) as refused:
        refuse(met, rep, reason="no_authority")

    assert refused.value.fields.keys() == {"failed_clauses"}
    assert refused.value.fields["failed_clauses"].startswith("No clause of the agreement is about “No authority”")
    assert (Lead.objects.get().stage, Disposition.objects.count()) == ("mql", 0)


def test_a_clause_that_does_not_exist_is_named(met, rep):
    with pytest.raises(MissingNeeds, match=r"^The agreement has no clause 7, 9\.$"):
        refuse(met, rep, reason="no_budget", failed_clauses=[7, 2, 9])


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("refuse", {"reason": "student"}),
        ("disqualify", {"reason": "competitor"}),
        ("refuse", {"reason": "other", "note": "Left the company."}),
    ],
)
def test_who_never_was_a_buyer_or_is_explained_by_a_note_needs_no_clause(met, rep, outcome, said):
    row = refuse(met, rep, outcome=outcome, **said)

    assert row.failed_clauses == []
    assert not LeadText.objects.filter(kind="evidence").exists()


def test_a_lead_under_an_agreement_without_clauses_is_refused_by_its_reason_alone(rep):
    lead = LeadFactory(handed_off=True, owner=rep)

    assert refuse(lead, rep, reason="no_authority").failed_clauses == []
    assert not Dispute.objects.exists()


def test_only_a_refusal_cites_clauses(met, rep):
    with pytest.raises(MissingNeeds, match="Only the refusal of a hand-off cites clauses"):
        refuse(met, rep, outcome="voicemail", failed_clauses=[1])


def test_a_private_note_is_not_evidence(met, rep):
    refuse(met, rep, reason="no_budget", note="Rude on the phone.")

    assert "Rude" not in LeadText.objects.get(kind="evidence").text


# --- against the record ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "disputed"),
    [
        ({"reason": "no_budget"}, True),
        ({"reason": "student"}, True),
        ({"reason": "no_need", "failed_clauses": [1]}, True),
        ({"reason": "no_need", "failed_clauses": [3]}, False),
        ({"reason": "no_need"}, False),
    ],
    ids=["a met clause", "no clause", "marked, met", "marked, judged by people", "the reason's, judged by people"],
)
def test_a_refusal_against_the_record_opens_a_dispute(met, rep, said, disputed):
    row = refuse(met, rep, **said)

    assert list(Dispute.objects.values_list("disposition", "state")) == ([(row.pk, "open")] if disputed else [])
    assert HandOff.objects.get().outcome == "refused"


def test_a_clause_that_failed_at_the_hand_off_leaves_nothing_to_dispute(overridden, rep):
    refuse(overridden, rep, reason="no_budget", failed_clauses=[2])

    assert not Dispute.objects.exists()


def test_where_people_judge_every_clause_the_record_says_nothing(rep):
    AgreementFactory(clauses=[ASKED, PAIN])
    lead = LeadFactory(handed_off=True, owner=rep)

    refuse(lead, rep, reason="student")

    assert not Dispute.objects.exists()


def test_accepting_opens_no_dispute(met, rep):
    refuse(met, rep, outcome="accept")

    assert not Dispute.objects.exists()


def test_a_refusal_taken_back_leaves_nothing_to_settle(met, rep):
    row = refuse(met, rep, reason="no_budget")

    undo_disposition(disposition_id=row.pk, by=rep.principal, at=LATER + timedelta(minutes=5))

    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.settled_by) == ("taken_back", rep)
    assert Lead.objects.get().stage == "mql"


def test_a_refusal_that_was_settled_is_not_taken_back(met, rep):
    row = refuse(met, rep, reason="no_budget")
    Dispute.objects.update(state="upheld", settled_at=LATER)

    with pytest.raises(NotAllowed, match="The signers have settled the dispute"):
        undo_disposition(disposition_id=row.pk, by=rep.principal, at=LATER)

    assert Lead.objects.get().stage == "nurture"

"""/disputes/ by role, and the clauses in a rep's brief and in the panel of a refusal."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from dispositions.models import Disposition, Dispute
from dispositions.outcomes import Outcome
from funnel.inputs import CompanyInput
from funnel.lifecycle import Stage
from funnel.models import Lead
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from tests.conftest import signed_in
from tests.dispositions.test_pages_queue import say as press
from tests.dispositions.test_record import say
from tests.factories import AgreementFactory, LeadFactory, UserFactory

SCORE = ("The score is high enough.", "score_at_least", {"at_least": 60})
BUDGET = ("The budget is known.", "attribute_known", {"attribute": "budget"})
GERMAN = CompanyInput(name="Nordmark", domain="nordmark.example", country="DE")
LABELS = ("Upheld: sales was right", "Overruled: marketing was right", "Change the definition")


@pytest.fixture
def signers(db):
    return [
        UserFactory(name="Mara Marketer", role=Role.MARKETING, team=None, can_sign=True),
        UserFactory(name="Saul Seller", role=Role.MANAGER, team=None, can_sign=True),
    ]


@pytest.fixture
def agreement(signers):
    return AgreementFactory(name="MQL to SAL", clauses=[SCORE, BUDGET, "Asked to be called."], signatures=signers)


@pytest.fixture
def lead(rep, agreement):
    return met_lead(rep)


def met_lead(rep):
    at = timezone.now() - timedelta(minutes=5)
    return LeadFactory(handed_off=True, owner=rep, score=90, attributes={"budget": "80k"}, at=at)


@pytest.fixture
def dispute(lead, rep):
    say(lead, rep, "refuse", at=timezone.now(), reason="no_budget", clause_evidence={2: "No money"})
    return Dispute.objects.get()


def vote(client, dispute, verdict):
    return client.post(f"/disputes/{dispute.pk}/vote/", {"verdict": verdict}, follow=True)


# --- /disputes/ -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["rep", "manager", "marketing", "admin"])
def test_whoever_sees_the_lead_reads_its_dispute_but_does_not_vote(role, dispute, lead, request):
    client = request.getfixturevalue(f"{role}_client")

    page = client.get("/disputes/").content.decode()

    assert lead.name in page
    assert "Rita Rep" in page
    assert "Score 90" in page
    assert LABELS[0] not in page
    assert client.post(f"/disputes/{dispute.pk}/vote/", {"verdict": "upheld"}).status_code == 403
    assert not dispute.votes.exists()


def test_a_dispute_out_of_scope_does_not_exist(dispute, lead, eastern_rep):
    client = signed_in(eastern_rep)

    assert lead.name not in client.get("/disputes/").content.decode()
    assert client.post(f"/disputes/{dispute.pk}/vote/", {"verdict": "upheld"}).status_code == 404


def test_a_signer_outside_the_leads_team_judges_it_without_being_told_who_it_is(dispute, lead, signers):
    page = signed_in(signers[1]).get("/disputes/").content.decode()

    assert lead.name not in page
    assert f"Lead {lead.pk}" in page
    assert "Clause 2: No money." in page
    assert all(label in page for label in LABELS)


def test_both_signers_settle_it_and_the_lead_goes_back(dispute, signers, rep, rep_client):
    marketer, seller = (signed_in(signer) for signer in signers)
    assert "settled once the other side says the same" in vote(marketer, dispute, "overruled").content.decode()

    page = vote(seller, dispute, "overruled").content.decode()

    assert "The lead is back with its rep." in page
    assert Lead.objects.get().stage == "mql"
    assert "Overruled" in rep_client.get("/disputes/?settled=1").content.decode()
    assert "Nothing to settle" in rep_client.get("/disputes/").content.decode()


def test_a_changed_definition_leads_to_its_draft(dispute, signers, marketing_client):
    for signer in signers:
        vote(signed_in(signer), dispute, "redefined")

    dispute.refresh_from_db()
    assert f"/agreement/{dispute.draft_id}/" in marketing_client.get("/disputes/?settled=1").content.decode()
    assert "To be changed:" in marketing_client.get(f"/agreement/{dispute.draft_id}/").content.decode()


def test_an_admin_is_offered_the_decision_once_it_is_his(dispute, admin_client):
    assert LABELS[0] not in admin_client.get("/disputes/").content.decode()
    Dispute.objects.update(decide_at=timezone.now() - timedelta(minutes=1))

    assert LABELS[0] in admin_client.get("/disputes/").content.decode()
    assert vote(admin_client, dispute, "upheld").status_code == 200
    assert Dispute.objects.get().state == "upheld"


def test_a_verdict_that_does_not_exist_is_not_found(dispute, signers):
    assert vote(signed_in(signers[0]), dispute, "perhaps").status_code == 404


def test_the_page_costs_no_more_for_ten_disputes_than_for_one(dispute, rep, signers, queries_for):
    client = signed_in(signers[0])
    one = queries_for(lambda: client.get("/disputes/"))
    for _ in range(9):
        say(met_lead(rep), rep, "refuse", at=timezone.now(), reason="no_budget")

    assert Dispute.objects.count() == 10
    assert queries_for(lambda: client.get("/disputes/")) == one


# --- the rep's desk -------------------------------------------------------------------------------------------


def ask_of(client, lead, outcome=Outcome.REFUSE):
    asks = client.get(f"/queue/?lead={lead.pk}").context["brief"].asks
    return next(ask for ask in asks if ask.rule.outcome == outcome)


def test_the_brief_shows_each_clause_with_what_was_found(lead, rep_client):
    clauses = rep_client.get(f"/queue/?lead={lead.pk}").context["brief"].promise.clauses

    assert [(found.clause.number, found.state, found.evidence.split(" (")[0]) for found in clauses] == [
        (1, "met", "Score 90"),
        (2, "met", "Budget allocated or budgeting process: 80k"),
        (3, "open", "To be judged by people"),
    ]


def test_the_panel_proposes_the_clause_that_each_reason_means(lead, rep_client):
    ask = ask_of(rep_client, lead)

    assert not any(choice.is_marked for choice in ask.clauses)
    proposed = {choice.reason.slug: choice.clause for choice in ask.reasons if choice.clause}
    assert proposed == {"no_budget": 2}


def test_a_clause_that_was_found_unmet_is_marked_already(rep, rep_client, marketing, agreement):
    lead = LeadFactory(owner=rep, score=42, attributes={"budget": "80k"})
    details = MoveDetails(override_reason="Their CEO called.")
    move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=timezone.now(), details=details)

    ask = ask_of(rep_client, lead)

    assert [choice.is_marked for choice in ask.clauses] == [True, False, False]
    assert not any(choice.clause for choice in ask.reasons)
    assert "Their CEO called." in rep_client.get(f"/queue/?lead={lead.pk}").content.decode()


def test_refusing_stays_two_key_presses(lead, rep_client):
    press(rep_client, lead, "refuse", reason="no_budget")

    assert Disposition.objects.get().failed_clauses == [2]


def test_marked_clauses_and_typed_evidence_are_kept_where_something_is_missing(lead, rep_client):
    typed = {"failed_clauses": ["3"], "clause-evidence-3": "Never asked."}

    response = press(rep_client, lead, "refuse", **typed)

    assert response.status_code == 422
    page = response.content.decode()
    assert 'id="refuse-clause-3" checked' in page
    assert 'value="Never asked."' in page


def test_the_evidence_of_a_refusal_reaches_marketing_and_the_note_does_not(lead, rep_client, marketing_client):
    press(
        rep_client,
        lead,
        "refuse",
        **{"reason": "no_need", "failed_clauses": ["3"], "clause-evidence-3": "Never asked", "note": "Rude."},
    )

    page = marketing_client.get(f"/leads/{lead.pk}/").content.decode()
    assert "Clause 3: Never asked." in page
    assert "Rude." not in page


@pytest.mark.parametrize("marked", ["abc", "-1", "99999999999999999999"])
def test_a_clause_that_is_no_number_is_refused(lead, rep_client, marked):
    response = press(rep_client, lead, "refuse", reason="no_budget", failed_clauses=[marked])

    assert response.status_code == 422
    assert "Clauses are marked by their numbers." in response.content.decode()


def test_the_brief_costs_no_more_for_many_clauses(rep, rep_client, lead, queries_for):
    few = queries_for(lambda: rep_client.get(f"/queue/?lead={lead.pk}"))
    AgreementFactory(name="German", country="DE", clauses=[SCORE] * 20)
    other = LeadFactory(
        handed_off=True, owner=rep, score=90, attributes={"budget": "80k"}, company=GERMAN, at=timezone.now()
    )

    assert queries_for(lambda: rep_client.get(f"/queue/?lead={other.pk}")) == few

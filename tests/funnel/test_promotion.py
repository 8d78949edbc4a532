"""Handing a lead to sales: which agreement governs it, and what its clauses say of the lead at that moment."""

import pytest

from funnel.errors import MissingNeeds
from funnel.inputs import CompanyInput
from funnel.lifecycle import Stage
from funnel.models import Agreement, Channel, HandOff, Lead, LeadText
from funnel.services.agreement_for import agreement_for
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from tests.factories import NOW, AgreementFactory, LeadFactory, TeamFactory

SCORE = ("The score is high enough.", "score_at_least", {"at_least": 60})
BUDGET = ("The budget is known.", "attribute_known", {"attribute": "budget"})
ASKED = "Asked to be called."


def promote(lead, by, override_reason=""):
    details = MoveDetails(override_reason=override_reason)
    move_lead(lead_id=lead.pk, to=Stage.MQL, by=by.principal, at=NOW, details=details)
    return HandOff.objects.get(lead=lead)


@pytest.fixture
def agreement(db):
    return AgreementFactory(name="MQL to SAL", clauses=[SCORE, BUDGET, ASKED])


# --- clauses --------------------------------------------------------------------------------------------------


def test_every_clause_is_judged_and_kept_with_what_was_found(agreement, rep, marketing):
    lead = LeadFactory(owner=rep, score=72, attributes={"budget": "80k approved"})

    hand_off = promote(lead, marketing)

    assert hand_off.clause_results == [
        {"number": 1, "met": True},
        {"number": 2, "met": True},
        {"number": 3, "met": None},
    ]
    assert (hand_off.agreement, hand_off.override_reason) == (agreement, "")
    text = LeadText.objects.get(lead=lead, kind="clauses")
    assert text.text.splitlines() == [
        "1: Score 72",
        "2: Budget allocated or budgeting process: 80k approved (website, 4 Mar)",
        "3: To be judged by people",
    ]
    assert text.seq == lead.stage_changes.get(new="mql").seq


def test_no_personal_word_is_in_the_row_that_never_changes(agreement, rep, marketing):
    lead = LeadFactory(owner=rep, score=72, attributes={"budget": "80k, says Bea"})

    assert "Bea" not in str(promote(lead, marketing).clause_results)


def test_a_lead_that_fails_clauses_is_not_promoted_without_a_reason(agreement, rep, marketing):
    lead = LeadFactory(owner=rep, score=42)

    with pytest.raises(MissingNeeds) as refused:
        promote(lead, marketing, override_reason="  ")

    assert refused.value.failed_clauses == (1, 2)
    assert refused.value.fields == {
        "override_reason": "Clauses 1 and 2 are not met (MQL to SAL, version 1). "
        "Say why it shall go to sales all the same."
    }
    assert (Lead.objects.get().stage, HandOff.objects.count()) == ("inquiry", 0)


def test_an_override_is_marked_on_the_hand_off(agreement, rep, marketing):
    lead = LeadFactory(owner=rep, score=42, attributes={"budget": "80k"})

    hand_off = promote(lead, marketing, override_reason=" Their CEO called. ")

    assert hand_off.override_reason == "Their CEO called."
    assert hand_off.clause_results[0] == {"number": 1, "met": False}


def test_a_reason_to_override_nothing_is_not_kept(agreement, rep, marketing):
    lead = LeadFactory(owner=rep, score=90, attributes={"budget": "80k"})

    assert promote(lead, marketing, override_reason="Just in case.").override_reason == ""


def test_the_company_record_meets_what_it_shows(rep, marketing):
    AgreementFactory(clauses=[("The industry is known.", "attribute_known", {"attribute": "industry_code"})])
    lead = LeadFactory(owner=rep, company=CompanyInput(name="Nordmark", domain="nordmark.example", naics="493110"))

    promote(lead, marketing)

    assert LeadText.objects.get(kind="clauses").text == "1: Industry code: NAICS 493110"


def test_judging_costs_the_same_for_one_clause_and_for_twenty(rep, marketing, queries_for):
    one = AgreementFactory(clauses=[BUDGET])
    first, second = LeadFactory.create_batch(2, owner=rep, attributes={"budget": "80k"})
    few = queries_for(lambda: promote(first, marketing))
    Agreement.objects.filter(pk=one.pk).update(state="superseded", superseded_at=NOW)
    AgreementFactory(clauses=[BUDGET] * 20)

    assert queries_for(lambda: promote(second, marketing)) == few


# --- which agreement ------------------------------------------------------------------------------------------


@pytest.fixture
def lead(rep):
    company = CompanyInput(name="Nordmark", domain="nordmark.example", country="DE")
    return LeadFactory(owner=rep, team=rep.team, channel="webinar", company=company)


def scopes(sales, west):
    webinar, _ = Channel.objects.get_or_create(slug="webinar")
    return {
        "default": {},
        "country": {"country": "DE"},
        "channel": {"channel": webinar},
        "channel and country": {"channel": webinar, "country": "DE"},
        "team above": {"team": sales},
        "team": {"team": west},
        "team and country": {"team": west, "country": "DE"},
    }


ORDER = ["default", "country", "channel", "channel and country", "team above", "team", "team and country"]


@pytest.mark.parametrize("present", range(1, len(ORDER) + 1))
def test_the_most_specific_agreement_governs(lead, sales, west, present):
    wanted = scopes(sales, west)
    for name in ORDER[:present]:
        AgreementFactory(name=name, **wanted[name])

    assert agreement_for(lead).name == ORDER[present - 1]


def test_agreements_of_others_do_not_govern_it(lead, east):
    AgreementFactory(name="default")
    AgreementFactory(name="of East", team=east)
    AgreementFactory(name="French", country="FR")
    AgreementFactory(name="other channel", channel=Channel.objects.create(slug="fair", name="Fair"))
    AgreementFactory(name="half", team=lead.team, country="FR")

    assert agreement_for(lead).name == "default"


def test_a_lead_that_no_agreement_governs_is_not_promoted(lead, marketing):
    AgreementFactory(team=TeamFactory())

    with pytest.raises(MissingNeeds) as refused:
        promote(lead, marketing)

    assert refused.value.fields.keys() == {"agreement"}


@pytest.mark.parametrize("state", ["draft", "superseded"])
def test_only_an_agreement_in_force_governs(lead, state):
    AgreementFactory(state=state, clauses=["One."])

    with pytest.raises(MissingNeeds, match="No agreement is in force"):
        agreement_for(lead)


def test_the_version_at_the_hand_off_governs_to_its_end(rep, marketing):
    first = AgreementFactory(clauses=[ASKED])
    lead = LeadFactory(owner=rep)
    hand_off = promote(lead, marketing)
    Agreement.objects.filter(pk=first.pk).update(state="superseded", superseded_at=NOW)
    AgreementFactory(name=first.name, version=2, clauses=[ASKED])

    assert HandOff.objects.get(pk=hand_off.pk).agreement == first

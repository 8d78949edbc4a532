"""What a rep finds on one page before he calls."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispositions.desk.brief import brief_of
from dispositions.models import Proof
from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from dispositions.views.desk import readable
from funnel.attributes import Attribute
from funnel.inputs import CompanyInput, TouchInput
from funnel.lifecycle import Stage
from funnel.models import Lead, LeadText
from funnel.services.moves import move_lead
from tests.factories import NOW, AgreementFactory, LeadFactory, UserFactory

WEBINAR = TouchInput(
    at=NOW - timedelta(days=9), kind="webinar", channel="webinar", subject="Attended: From paper to scanner"
)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def lead(rep):
    return LeadFactory(
        handed_off=True,
        owner=rep,
        company=CompanyInput(name="Kalina Cold Chain", naics="493120", employees=80),
        self_reported_source="A podcast",
        attributes={"pain": "About 3 % picking errors", "budget": "80k"},
        touches=[WEBINAR],
    )


@pytest.fixture
def brief(rep, now):
    def read(lead, principal=rep.principal):
        found = readable(principal).get(pk=lead.pk)
        return brief_of(found, principal, flag=None, now=now)

    return read


def came_back(lead, rep):
    """Refused for bad timing, then handed over once more."""
    statement = Statement(outcome=Outcome.REFUSE, reason="bad_timing")
    record_disposition(lead_id=lead.pk, statement=statement, by=rep.principal, at=NOW + timedelta(hours=1))
    marketer = UserFactory(role="marketing", team=None).principal
    move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketer, at=NOW + timedelta(days=30))
    return Lead.objects.get(pk=lead.pk)


def test_what_is_missing_is_named_and_bant_comes_first(lead, brief):
    missing = [(one.bant, one.attribute) for one in brief(lead).missing]

    assert missing[:2] == [
        ("Authority", Attribute.DECISION_MAKER_ENGAGED),
        ("Timeframe", Attribute.DECISION_PROCESS),
    ]
    assert all(not bant for bant, _ in missing[2:])
    assert Attribute.BUDGET not in dict(missing).values()


def test_known_and_missing_are_the_ten_together(lead, brief):
    found = brief(lead)

    assert sorted([*(one.attribute for one in found.known), *(one.attribute for one in found.missing)]) == sorted(
        Attribute
    )


def test_pain_is_shown_on_its_own_with_who_learned_it(lead, brief):
    (driver,) = brief(lead).drivers

    assert (driver.name, driver.text, driver.by) == ("Pain", "About 3 % picking errors", "website")


def test_what_they_came_back_to_is_their_hot_button(rep, brief):
    subjects = ["Read: Counts", "Clicked: Prices", "Read: Counts"]
    touches = [
        TouchInput(at=NOW - timedelta(days=days), kind="visit", channel="search", subject=subject)
        for days, subject in enumerate(subjects)
    ]
    lead = LeadFactory(handed_off=True, owner=rep, touches=touches)

    (driver,) = brief(lead).drivers

    assert (driver.name, driver.text, driver.by, driver.at) == ("Hot button", "Read: Counts", "2 times", NOW)


def test_the_openers_rest_on_what_they_said_and_did(lead, brief):
    assert [one.rests_on for one in brief(lead).openers] == [
        "their pain, noted by website",
        "the webinar",
        "their own word on how they found us",
    ]


def test_a_lead_that_came_back_is_reminded_of_its_last_cycle(lead, rep, brief):
    found = brief(came_back(lead, rep))

    assert [(one.outcome, one.reason) for one in found.cycles] == [("Refused", "Bad timing")]
    assert found.openers[0].text.startswith("In March it was not the right time for you.")


def test_proof_of_the_same_industry_and_pain_is_at_hand(lead, brief):
    for title, fields in {
        "Fits": {"naics_prefix": "4931", "pains": "picking errors"},
        "Other": {"country": "ES"},
    }.items():
        Proof.objects.create(kind="case_study", title=title, updated_at=NOW, **fields)
    Proof.objects.create(kind="community", title="Put away", is_active=False, updated_at=NOW)

    assert [(one.proof.title, one.why) for one in brief(lead).proofs] == [
        ("Fits", "same industry (4931…), same pain (picking errors)")
    ]


def test_the_promise_names_the_clauses_the_evidence_and_who_signed(rep, brief):
    signers = [UserFactory(name=name, role=role, team=None) for name, role in (("Mo", "marketing"), ("Sa", "manager"))]
    clauses = [("Has a title.", "field_present", {"field": "title"}), "Decides or influences."]
    AgreementFactory(clauses=clauses, signatures=signers)
    promise = brief(LeadFactory(handed_off=True, owner=rep, title="COO")).promise

    assert [(one.state, one.evidence) for one in promise.clauses] == [
        ("met", "Title: COO"),
        ("open", "To be judged by people"),
    ]
    assert [(one.side, one.name) for one in promise.signed] == [("Marketing", "Mo"), ("Sales", "Sa")]
    assert (promise.met, promise.unmet, promise.open) == (1, 0, 1)
    assert promise.signed_at == NOW - timedelta(days=30)


def test_the_page_says_all_of_it(lead, rep_client):
    page = rep_client.get(f"/leads/{lead.pk}/").content.decode()

    for said in (
        "Kalina Cold Chain",
        "NAICS 493120",
        "Attended: From paper to scanner",
        "They say: “A podcast”",
        "About 3 % picking errors",
        "Still missing",
        "Timeframe",
        "Begin with",
        "From the webinar",
        "signed by Leader of marketing for marketing and Leader of sales for sales on",
    ):
        assert said in page, said


def test_where_nothing_is_known_it_says_what_to_do(rep, rep_client):
    lead = LeadFactory(handed_off=True, owner=rep)
    page = rep_client.get(f"/queue/?lead={lead.pk}").content.decode()

    assert "No company is known. Ask where they work" in page
    assert "Ask what hurts, and what has to happen by when." in page
    assert "Ask what made them get in touch" in page
    assert "Proof that fits" not in page
    assert "Earlier cycles" not in page


def test_a_private_note_is_not_in_marketings_brief(lead, rep, marketing, brief):
    statement = Statement(outcome=Outcome.CONVERSATION, note="Sounded tired.", learned="Wants a trial.")
    record_disposition(lead_id=lead.pk, statement=statement, by=rep.principal, at=NOW)

    read = {who: " ".join(one.text for one in brief(lead, who.principal).history) for who in (rep, marketing)}

    assert "Sounded tired." in read[rep]
    assert "Sounded tired." not in read[marketing]
    assert "Wants a trial." in read[marketing]


def test_what_a_prospect_wrote_is_shown_as_text(rep, rep_client):
    bad = "<script>alert(1)</script>"
    lead = LeadFactory(
        handed_off=True,
        owner=rep,
        self_reported_source=bad,
        attributes={"pain": bad},
        touches=[TouchInput(at=NOW, kind="chat", channel="chat", subject=bad)],
    )

    assert bad not in rep_client.get(f"/queue/?lead={lead.pk}").content.decode()


def test_erased_findings_of_the_clauses_leave_the_clauses_themselves(rep, brief):
    AgreementFactory(clauses=["Asked to be called."])
    lead = LeadFactory(handed_off=True, owner=rep)
    LeadText.objects.filter(lead=lead).delete()

    assert [(one.clause.sentence, one.evidence) for one in brief(lead).promise.clauses] == [("Asked to be called.", "")]


@pytest.mark.parametrize(("cycles", "queries"), [(1, 1), (2, 2)])
def test_it_takes_one_query_and_one_more_in_a_later_cycle(lead, rep, now, brief, cycles, queries):
    if cycles == 2:
        lead = came_back(lead, rep)
    brief(lead)  # the lists that are kept are read
    found = readable(rep.principal).get(pk=lead.pk)

    with CaptureQueriesContext(connection) as asked:
        brief_of(found, rep.principal, flag=None, now=now)

    assert len(asked) == queries

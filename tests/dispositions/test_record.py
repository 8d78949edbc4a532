"""Recording what sales says: from every stage, with what it needs and all that follows."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.principals import Kind, Principal
from accounts.roles import Role
from dispositions.models import Disposition
from dispositions.outcomes import Outcome, OutcomeNotPossible
from dispositions.services.record import Statement, record_disposition
from funnel.errors import MissingNeeds, NotAllowed, StaleVersion
from funnel.lifecycle import Stage
from funnel.models import Evidence, HandOff, Lead, LeadEvent, LeadText, StageChange
from funnel.services.flags import raise_flags
from tests.dispositions.test_outcomes import LEADS_TO
from tests.factories import BANT_EVIDENCE, NOW, LeadFactory

LATER = NOW + timedelta(hours=1)
DAY = timedelta(days=1)
TRAITS = {"mql": "handed_off", "sal": "accepted", "sql": "qualified"}
NEEDED = {
    "refuse": {"reason": "no_budget"},
    "qualify": {
        "evidence": BANT_EVIDENCE,
        "amount": Decimal(5000),
        "currency": "EUR",
        "expected_close_on": date(2026, 5, 1),
    },
    "recycle": {"reason": "bad_timing"},
    "won": {"closed_on": date(2026, 3, 4)},
    "lost": {"reason": "lost_price", "competitor": "Rival"},
    "no_decision": {"reason": "blocked_change"},
    "disqualify": {"reason": "student"},
    "step_back": {"reason": "reassessed"},
}
POSSIBLE = [(stage, outcome) for stage, outcomes in LEADS_TO.items() for outcome in outcomes]


def say(lead, by, outcome, *, at=LATER, version=None, **fields):
    return record_disposition(
        lead_id=lead.pk,
        statement=Statement(outcome=Outcome(outcome), **fields),
        by=by.principal,
        at=at,
        version=version,
    )


def lead_in(stage, rep):
    return LeadFactory(owner=rep, **{TRAITS[stage]: True})


def rows_about(lead):
    models = (Lead, HandOff, LeadEvent, StageChange, Disposition, Evidence, LeadText)
    return [list(model.objects.filter(**{"pk" if model is Lead else "lead": lead.pk}).values()) for model in models]


@pytest.mark.parametrize(("stage", "outcome"), POSSIBLE)
def test_an_outcome_takes_the_lead_where_it_leads(rep, stage, outcome):
    lead = lead_in(stage, rep)

    row = say(lead, rep, outcome, **NEEDED.get(outcome, {}))

    told = Lead.objects.get(pk=lead.pk)
    assert (told.stage, told.version) == (LEADS_TO[stage][outcome], lead.version + 1)
    assert (told.last_disposition_at, told.stage == stage or told.stage_entered_at == LATER) == (LATER, True)
    saved = Disposition.objects.get(pk=row.pk)
    assert (saved.outcome, saved.by, saved.at, saved.hand_off) == (outcome, rep, LATER, lead.hand_off)
    event = LeadEvent.objects.get(lead=lead, seq=saved.seq)
    assert (event.kind, event.data["outcome"], event.actor) == ("lead.dispositioned", outcome, rep)
    assert saved.last_seq == told.ledger_seq == LeadEvent.objects.filter(lead=lead).last().seq


@pytest.mark.parametrize("stage", LEADS_TO)
@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome != Outcome.UNDO])
def test_an_outcome_that_does_not_fit_changes_nothing(rep, stage, outcome):
    lead = lead_in(stage, rep)
    before = rows_about(lead)
    if outcome in LEADS_TO[stage]:
        say(lead, rep, outcome, **NEEDED.get(outcome, {}))
    else:
        with pytest.raises(OutcomeNotPossible):
            say(lead, rep, outcome, **NEEDED.get(outcome, {}))
        assert rows_about(lead) == before


@pytest.mark.parametrize(
    ("stage", "outcome", "missing"),
    [
        ("mql", "refuse", {"reason"}),
        ("mql", "disqualify", {"reason"}),
        (
            "sal",
            "qualify",
            {"amount", "currency", "expected_close_on", "budget", "decision_maker_engaged", "pain", "decision_process"},
        ),
        ("sal", "recycle", {"reason", "wake_at"}),
        ("sal", "lost", {"reason"}),
        ("sal", "no_decision", {"reason"}),
        ("sql", "won", {"closed_on"}),
        ("sql", "no_decision", {"reason"}),
        ("sql", "step_back", {"reason"}),
    ],
)
def test_all_that_is_missing_is_asked_for_at_once_and_nothing_is_written(rep, stage, outcome, missing):
    lead = lead_in(stage, rep)
    before = rows_about(lead)

    with pytest.raises(MissingNeeds) as refused:
        say(lead, rep, outcome)

    assert refused.value.fields.keys() == missing
    assert rows_about(lead) == before


# --- an MQL that is worked on ---------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["no_answer", "voicemail", "email_sent", "conversation", "meeting_set"])
def test_working_on_an_mql_accepts_it_first(rep, outcome):
    lead = lead_in("mql", rep)

    say(lead, rep, outcome)

    kinds = list(lead.events.filter(seq__gt=lead.ledger_seq).values_list("kind", flat=True))
    assert kinds == ["lead.stage_changed", "lead.dispositioned"]
    hand_off = HandOff.objects.get(lead=lead)
    assert (hand_off.accepted_at, hand_off.first_attempt_at) == (LATER, LATER)
    assert Lead.objects.get().due_clock == "disposition"


def test_accepting_alone_leaves_the_first_attempt_to_be_made(rep):
    lead = lead_in("mql", rep)

    say(lead, rep, "accept")

    accepted = Lead.objects.get()
    assert (accepted.due_clock, accepted.due_at) == ("first_attempt", LATER + DAY)
    assert accepted.hand_off.first_attempt_at is None


def test_a_lead_of_the_pool_is_taken_by_who_works_on_it(rep, west):
    lead = LeadFactory(handed_off=True, owner=None, team=west)

    say(lead, rep, "voicemail")

    assert Lead.objects.get().owner == rep
    assert lead.events.get(kind="lead.assigned").data["owner"] == rep.pk


def test_a_lead_of_the_pool_that_is_accepted_already_is_taken_too(rep, west):
    lead = lead_in("sal", rep)
    Lead.objects.update(owner=None)

    say(lead, rep, "voicemail")

    assert Lead.objects.get().owner == rep


def test_a_refused_lead_of_the_pool_belongs_to_nobody(rep, west):
    lead = LeadFactory(handed_off=True, owner=None, team=west)

    say(lead, rep, "refuse", reason="no_budget")

    assert Lead.objects.get().owner is None


# --- reasons --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "reason"), [("refuse", "lost_price"), ("refuse", "nonsense"), ("disqualify", "no_budget")]
)
def test_a_reason_fits_its_outcome(rep, outcome, reason):
    lead = lead_in("mql", rep)

    with pytest.raises(MissingNeeds, match=f"^“{reason}” is not a reason for “{Outcome(outcome).label}”.$"):
        say(lead, rep, outcome, reason=reason)


def test_a_reason_that_says_nothing_needs_a_note(rep):
    lead = lead_in("mql", rep)

    with pytest.raises(MissingNeeds) as refused:
        say(lead, rep, "refuse", reason="other", note="  ")

    assert refused.value.fields == {"note": "“Other” needs a note that says what happened."}


def test_a_refusal_of_somebody_who_never_was_a_buyer_disqualifies(rep):
    lead = lead_in("mql", rep)

    say(lead, rep, "refuse", reason="student")

    assert Lead.objects.get().stage == Stage.DISQUALIFIED
    assert HandOff.objects.get().outcome == "refused"


def test_a_recycled_lead_wakes_up_when_its_reason_proposes(rep):
    lead = lead_in("sal", rep)

    say(lead, rep, "recycle", reason="no_need")

    recycled = Lead.objects.get()
    assert (recycled.wake_at, recycled.due_at, recycled.due_clock) == (LATER + 180 * DAY, LATER + 180 * DAY, "wake")


def test_a_recycled_lead_wakes_up_when_the_rep_says(rep):
    lead = lead_in("sal", rep)

    say(lead, rep, "recycle", reason="no_need", wake_at=LATER + 9 * DAY)

    assert Lead.objects.get().wake_at == LATER + 9 * DAY


# --- what was said --------------------------------------------------------------------------------------------


def test_evidence_makes_bant_known_once_and_for_all(rep):
    lead = lead_in("sal", rep)
    say(lead, rep, "conversation", evidence=BANT_EVIDENCE | {"competition": ""})

    say(lead, rep, "qualify", amount=Decimal(1), currency="EUR", expected_close_on=date(2026, 5, 1))

    known = Evidence.objects.values_list("attribute", "text", "learned_by", "learned_at")
    assert set(known) == {(slug, text, rep.pk, LATER) for slug, text in BANT_EVIDENCE.items()}


def test_evidence_of_an_attribute_that_does_not_exist_is_refused(rep):
    lead = lead_in("sal", rep)

    with pytest.raises(MissingNeeds):
        say(lead, rep, "conversation", evidence={"shoe_size": "44"})


def test_a_note_and_what_was_learned_are_texts_apart_and_not_in_the_ledger(rep):
    lead = lead_in("sal", rep)

    row = say(lead, rep, "conversation", note="Met her husband.", learned="They buy in May.")

    assert set(LeadText.objects.values_list("seq", "kind", "text", "by")) == {
        (row.seq, "note", "Met her husband.", rep.pk),
        (row.seq, "learned", "They buy in May.", rep.pk),
    }
    assert all("husband" not in str(event.data) for event in lead.events.all())


def test_the_next_action_is_kept_until_the_next_disposition(rep):
    lead = lead_in("sal", rep)

    say(lead, rep, "conversation", next_action_at=LATER + DAY)
    assert Lead.objects.get().next_action_at == LATER + DAY

    say(lead, rep, "conversation", at=LATER + DAY)
    assert Lead.objects.get().next_action_at is None


def test_a_won_deal_keeps_its_amount_and_date(rep):
    lead = lead_in("sql", rep)

    say(lead, rep, "won", amount=Decimal("7000.50"), currency="USD", closed_on=date(2026, 3, 3))

    won = Lead.objects.get()
    assert (won.amount, won.currency, won.closed_on) == (Decimal("7000.50"), "USD", date(2026, 3, 3))


def test_a_lead_that_is_qualified_at_once_was_reached(rep):
    lead = lead_in("sal", rep)

    say(lead, rep, "qualify", **NEEDED["qualify"])

    assert HandOff.objects.get().first_attempt_at == LATER


def test_a_black_hole_ends_with_the_first_disposition(rep):
    lead = lead_in("mql", rep)
    raise_flags(now=NOW + 9 * DAY)

    say(lead, rep, "voicemail", at=NOW + 10 * DAY)

    assert lead.flags.values_list("kind", "cleared_at").get() == ("black_hole", NOW + 10 * DAY)


# --- whose it is to say ---------------------------------------------------------------------------------------


def test_marketing_dispositions_nothing(rep, marketing):
    lead = lead_in("mql", rep)
    before = rows_about(lead)

    with pytest.raises(NotAllowed, match="Only sales dispositions a lead"):
        say(lead, marketing, "accept")

    assert rows_about(lead) == before


def test_an_api_key_dispositions_only_for_a_rep(rep):
    lead = LeadFactory(owner=rep, handed_off=True, source="crm", external_id="003X")
    bridge = Principal(kind=Kind.API_KEY, name="CRM bridge", source="crm")
    for_rep = Principal(kind=Kind.API_KEY, name="CRM bridge", source="crm", role=Role.REP, user_id=rep.pk)
    said = Statement(outcome=Outcome.ACCEPT)

    with pytest.raises(NotAllowed):
        record_disposition(lead_id=lead.pk, statement=said, by=bridge, at=LATER)
    row = record_disposition(lead_id=lead.pk, statement=said, by=for_rep, at=LATER)

    event = LeadEvent.objects.get(lead=lead, seq=row.seq)
    assert (row.by, event.actor, event.actor_name) == (rep, rep, "CRM bridge")


def test_a_manager_says_it_in_his_team_and_nowhere_else(manager, rep, eastern_rep):
    say(lead_in("mql", rep), manager, "accept")

    with pytest.raises(Lead.DoesNotExist):
        say(lead_in("mql", eastern_rep), manager, "accept")


def test_an_admin_says_why(rep, admin):
    lead = lead_in("mql", rep)

    with pytest.raises(MissingNeeds, match=r"An admin's move needs a reason."):
        say(lead, admin, "accept")


def test_what_somebody_else_said_meanwhile_is_not_overwritten(rep, manager):
    lead = lead_in("mql", rep)
    say(lead, manager, "accept")
    before = rows_about(lead)

    with pytest.raises(StaleVersion, match=r"^Mia Manager changed this lead at 11:00 UTC; it is now SAL."):
        say(lead, rep, "refuse", version=lead.version, reason="no_budget")

    assert rows_about(lead) == before

"""Every row of the table through `move_lead`: what it needs, whose it is, and what it leaves behind."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.principals import SYSTEM
from funnel.errors import InvalidTransition, MissingNeeds, NotAllowed
from funnel.lifecycle import CLOSED_STAGES, MARKETING_STAGES, Move, Stage
from funnel.models import Evidence, HandOff, Lead, LeadEvent, Reason, StageChange
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from tests.factories import BANT_EVIDENCE, NOW, LeadFactory

LATER = NOW + timedelta(hours=1)
WAKE_AT = NOW + timedelta(days=60)
CLOSE = date(2026, 4, 30)

# move: from, to, whose, what it is given, how the hand-off ends, which clock runs then
MOVES = [
    (Move.PROMOTE, "inquiry", "mql", "marketing", {}, "", "accept"),
    (Move.PROMOTE, "nurture", "mql", "marketing", {}, "", "accept"),
    (Move.PARK, "inquiry", "nurture", "marketing", {"reason"}, None, "touch"),
    (Move.DISCARD, "inquiry", "disqualified", "marketing", {"reason"}, None, ""),
    (Move.DISCARD, "nurture", "disqualified", "marketing", {"reason"}, None, ""),
    (Move.SELF_SOURCE, "inquiry", "sal", "rep", {}, None, "disposition"),
    (Move.ACCEPT, "mql", "sal", "rep", {}, "", "first_attempt"),
    (Move.REFUSE, "mql", "nurture", "rep", {"reason"}, "refused", "touch"),
    (Move.REFUSE, "mql", "disqualified", "rep", {"reason"}, "refused", ""),
    (Move.QUALIFY, "sal", "sql", "rep", {"amount", "currency", "expected_close_on"}, "", "disposition"),
    (Move.RECYCLE, "sal", "nurture", "rep", {"reason", "wake_at"}, "recycled", "wake"),
    (Move.RECYCLE, "sql", "nurture", "rep", {"reason", "wake_at"}, "recycled", "wake"),
    (Move.DISQUALIFY, "sal", "disqualified", "rep", {"reason"}, "disqualified", ""),
    (Move.LOSE, "sal", "lost", "rep", {"reason"}, "lost", ""),
    (Move.LOSE, "sql", "lost", "rep", {"reason"}, "lost", ""),
    (Move.NO_DECISION, "sal", "no_decision", "rep", {"reason"}, "no_decision", ""),
    (Move.NO_DECISION, "sql", "no_decision", "rep", {"reason"}, "no_decision", ""),
    (Move.WITHDRAW, "mql", "inquiry", "marketing", {"reason"}, "withdrawn", "touch"),
    (Move.STEP_BACK, "sql", "sal", "rep", {"reason"}, "", "disposition"),
    (Move.WIN, "sql", "won", "rep", {"closed_on"}, "won", ""),
    (Move.REOPEN, "lost", "nurture", "marketing", {"wake_at"}, "lost", "wake"),
    (Move.REOPEN, "no_decision", "nurture", "manager", {"wake_at"}, "no_decision", "wake"),
    (Move.CORRECT, "disqualified", "inquiry", "manager", {"reason"}, "disqualified", "touch"),
    (Move.CORRECT, "won", "sql", "manager", {"reason"}, "", "disposition"),
    (Move.CORRECT, "lost", "sql", "manager", {"reason"}, "", "disposition"),
    (Move.CORRECT, "no_decision", "sql", "manager", {"reason"}, "", "disposition"),
]


def moves(rows):
    ids = [f"{move}: {old} to {new}" for move, old, new, *_ in rows]
    return pytest.mark.parametrize(("move", "old", "new", "role", "given", "ended", "clock"), rows, ids=ids)


every_move = moves(MOVES)
every_move_with_needs = moves([row for row in MOVES if row[4]])


@pytest.fixture
def people(rep, manager, marketing, admin, signed_agreement):
    return {"rep": rep, "manager": manager, "marketing": marketing, "admin": admin}


def everything():
    return MoveDetails(
        reason=Reason.objects.get(slug="other"),
        wake_at=WAKE_AT,
        amount=Decimal("5000.00"),
        currency="EUR",
        expected_close_on=CLOSE,
        closed_on=CLOSE,
    )


def details_with(fields):
    full = everything()
    return MoveDetails(**{name: getattr(full, name) for name in fields})


def lead_in(stage, people):
    """A lead of West's rep in this stage, come there by moves of the product. `currency` and evidence are known."""
    traits = {"mql": "handed_off", "sal": "accepted", "sql": "qualified", "won": "won"}
    trait = traits.get(stage, "qualified" if stage in {"lost", "no_decision"} else "accepted")
    if stage in {"inquiry", "nurture"}:
        lead = LeadFactory(owner=people["rep"])
        way = [("nurture", "marketing")] if stage == "nurture" else []
    else:
        lead = LeadFactory(owner=people["rep"], **{trait: True})
        way = [(stage, "rep")] if stage in {"lost", "no_decision", "disqualified"} else []
    for to, role in way:
        move_lead(lead_id=lead.pk, to=Stage(to), by=people[role].principal, at=NOW, details=everything())
    for slug, text in BANT_EVIDENCE.items():
        Evidence.objects.create(lead=lead, attribute=slug, text=text, learned_at=NOW)
    return Lead.objects.get(pk=lead.pk)


def rows_about(lead):
    """All that a refused move must leave as it was."""
    models = (Lead, HandOff, LeadEvent, StageChange)
    return [list(model.objects.filter(**{"pk" if model is Lead else "lead": lead.pk}).values()) for model in models]


@every_move
def test_a_move_leaves_stage_version_clock_and_history(people, move, old, new, role, given, ended, clock):
    lead = lead_in(old, people)

    row = move_lead(lead_id=lead.pk, to=Stage(new), by=people[role].principal, at=LATER, details=details_with(given))

    moved = Lead.objects.get(pk=lead.pk)
    assert (moved.stage, moved.stage_entered_at, moved.version) == (new, LATER, lead.version + 1)
    first_step = LATER + timedelta(hours=4) if clock in Lead.AGREED_CLOCKS else moved.due_at
    assert (moved.due_clock, moved.sweep_at) == (clock, first_step)
    saved = StageChange.objects.get(pk=row.pk)
    assert (saved.move, saved.old, saved.new, saved.at, saved.by) == (move, old, new, LATER, people[role])
    event = LeadEvent.objects.get(lead=lead, seq=saved.seq)
    assert (event.kind, event.data["move"], event.actor) == ("lead.stage_changed", move, people[role])
    assert moved.ledger_seq == LeadEvent.objects.filter(lead=lead).count()


@every_move
def test_a_hand_off_ends_with_the_cycle_and_only_then(people, move, old, new, role, given, ended, clock):
    lead = lead_in(old, people)

    move_lead(lead_id=lead.pk, to=Stage(new), by=people[role].principal, at=LATER, details=details_with(given))

    hand_off = HandOff.objects.filter(lead=lead).last()
    assert (hand_off.outcome if hand_off else None) == ended
    if hand_off:
        assert (hand_off.ended_at is None) == (ended == "")
    held = Lead.objects.get(pk=lead.pk).hand_off
    assert held == (None if new in MARKETING_STAGES or move is Move.SELF_SOURCE else hand_off)


@every_move_with_needs
def test_a_move_without_what_it_needs_names_every_field_and_changes_nothing(
    people, move, old, new, role, given, ended, clock
):
    lead = lead_in(old, people)
    before = rows_about(lead)

    with pytest.raises(MissingNeeds) as refused:
        move_lead(lead_id=lead.pk, to=Stage(new), by=people[role].principal, at=LATER)

    assert refused.value.fields.keys() == given
    assert rows_about(lead) == before


@every_move
@pytest.mark.parametrize("wrong", ["rep", "manager", "marketing"])
def test_a_move_by_the_wrong_party_changes_nothing(people, move, old, new, role, given, ended, clock, wrong):
    sales = {"rep": {"rep", "manager"}, "marketing": {"marketing"}, "manager": {"manager"}}
    may = {"marketing", "manager"} if move is Move.REOPEN else sales[role]
    lead = lead_in(old, people)
    before = rows_about(lead)
    by = people[wrong].principal

    if wrong in may:
        move_lead(lead_id=lead.pk, to=Stage(new), by=by, at=LATER, details=details_with(given))
    else:
        with pytest.raises(NotAllowed):
            move_lead(lead_id=lead.pk, to=Stage(new), by=by, at=LATER, details=everything())
        assert rows_about(lead) == before


@every_move
def test_an_admin_may_make_any_move_with_a_reason(people, move, old, new, role, given, ended, clock):
    lead = lead_in(old, people)

    move_lead(lead_id=lead.pk, to=Stage(new), by=people["admin"].principal, at=LATER, details=everything())

    assert Lead.objects.get(pk=lead.pk).stage == new


def test_an_admin_without_a_reason_is_asked_for_one(people):
    lead = lead_in("mql", people)

    with pytest.raises(MissingNeeds) as refused:
        move_lead(lead_id=lead.pk, to=Stage.SAL, by=people["admin"].principal, at=LATER)

    assert refused.value.fields == {"reason": "An admin's move needs a reason."}


def test_leadflow_itself_moves_no_lead(people):
    lead = lead_in("mql", people)

    with pytest.raises(NotAllowed):
        move_lead(lead_id=lead.pk, to=Stage.SAL, by=SYSTEM, at=LATER)


def test_a_lead_out_of_scope_does_not_exist(people, eastern_rep):
    lead = lead_in("mql", people)

    with pytest.raises(Lead.DoesNotExist):
        move_lead(lead_id=lead.pk, to=Stage.SAL, by=eastern_rep.principal, at=LATER)


def test_a_move_that_is_not_in_the_table_changes_nothing(people):
    lead = lead_in("mql", people)
    before = rows_about(lead)

    with pytest.raises(InvalidTransition):
        move_lead(lead_id=lead.pk, to=Stage.WON, by=people["rep"].principal, at=LATER, details=everything())

    assert rows_about(lead) == before


def test_nothing_is_promoted_without_an_agreement_in_force(marketing):
    lead = LeadFactory()

    with pytest.raises(MissingNeeds) as refused:
        move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=LATER)

    assert refused.value.fields.keys() == {"agreement"}
    assert not HandOff.objects.exists()


def test_bant_is_asked_for_by_name(people, rep):
    lead = LeadFactory(accepted=True, owner=rep, attributes={"budget": "50k approved"})

    with pytest.raises(MissingNeeds) as refused:
        move_lead(lead_id=lead.pk, to=Stage.SQL, by=rep.principal, at=LATER, details=everything())

    assert refused.value.fields.keys() == {"decision_maker_engaged", "pain", "decision_process"}
    assert refused.value.fields["pain"] == "Need is not known yet: business pain validated."


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-5)])
def test_an_amount_is_more_than_nothing(people, rep, amount):
    lead = lead_in("sal", people)

    with pytest.raises(MissingNeeds) as refused:
        move_lead(
            lead_id=lead.pk, to=Stage.SQL, by=rep.principal, at=LATER, details=replace(everything(), amount=amount)
        )

    assert refused.value.fields.keys() == {"amount"}


def test_a_wake_up_date_lies_in_the_future(people, rep):
    lead = lead_in("sal", people)
    details = replace(everything(), wake_at=LATER)

    with pytest.raises(MissingNeeds, match=r"The wake-up date must lie in the future."):
        move_lead(lead_id=lead.pk, to=Stage.NURTURE, by=rep.principal, at=LATER, details=details)


def test_a_recycled_lead_is_handed_off_again_as_the_next_cycle(people, rep, marketing):
    lead = lead_in("sal", people)
    move_lead(lead_id=lead.pk, to=Stage.NURTURE, by=rep.principal, at=LATER, details=everything())

    move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=WAKE_AT)

    again = Lead.objects.get(pk=lead.pk)
    assert (again.cycle, again.hand_off.number, again.hand_off.attempts, again.wake_at) == (2, 2, 0, None)
    assert list(again.hand_offs.values_list("number", "outcome")) == [(1, "recycled"), (2, "")]


def test_a_disqualified_lead_that_was_corrected_can_be_handed_off_again(people, manager, marketing):
    lead = lead_in("disqualified", people)
    move_lead(lead_id=lead.pk, to=Stage.INQUIRY, by=manager.principal, at=LATER, details=everything())

    move_lead(lead_id=lead.pk, to=Stage.MQL, by=marketing.principal, at=LATER)

    assert list(lead.hand_offs.values_list("number", "outcome")) == [(1, "disqualified"), (2, "")]


def test_the_hand_off_of_a_corrected_deal_goes_on(people, manager):
    lead = lead_in("won", people)

    move_lead(lead_id=lead.pk, to=Stage.SQL, by=manager.principal, at=LATER, details=everything())

    corrected = Lead.objects.get(pk=lead.pk)
    assert (corrected.hand_off.number, corrected.hand_off.ended_at, corrected.closed_on) == (1, None, None)


def test_whoever_works_on_a_lead_of_the_pool_owns_it(rep, west, signed_agreement):
    lead = LeadFactory(handed_off=True, owner=None, team=west)

    move_lead(lead_id=lead.pk, to=Stage.SAL, by=rep.principal, at=LATER)

    assert Lead.objects.get(pk=lead.pk).owner == rep
    assert lead.events.filter(kind="lead.assigned").values_list("data", flat=True).get()["owner"] == rep.pk


@pytest.mark.parametrize("stage", ["won", "lost", "no_decision", "disqualified"])
def test_a_closed_lead_waits_for_nothing(people, stage):
    lead = lead_in(stage, people)

    assert Stage(lead.stage) in CLOSED_STAGES
    assert (lead.due_at, lead.due_clock, lead.sweep_at) == (None, "", None)


def test_a_won_lead_says_so_with_its_amount(people, rep):
    lead = lead_in("sql", people)

    move_lead(lead_id=lead.pk, to=Stage.WON, by=rep.principal, at=LATER, details=details_with({"closed_on"}))

    events = lead.events.filter(seq__gt=lead.ledger_seq).order_by("seq").values_list("kind", "data")
    assert [kind for kind, _ in events] == ["lead.stage_changed", "lead.won", "lead.closed"]
    assert events[1][1] == {"amount": "12000.00", "currency": "EUR"}

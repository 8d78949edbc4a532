"""Moving a lead: the one function for every channel. Imported pasts have the only other door, `record_history`."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.principals import Kind, Principal
from accounts.roles import Role
from funnel.clauses import numbered_lines
from funnel.errors import MissingNeeds
from funnel.lifecycle import (
    CLOSED_STAGES,
    MARKETING_STAGES,
    Move,
    Party,
    Stage,
    Transition,
    check_party,
    find_transition,
)
from funnel.models import Agreement, HandOff, Lead, LeadEvent, LeadText, StageChange
from funnel.services.agreement_for import agreement_for, check_clauses, results_of
from funnel.services.assign import assign_owner, take_for
from funnel.services.changes import LeadChange, open_change
from funnel.services.episodes import end_episode
from funnel.services.needs import MoveDetails, check_needs

_PARTIES: dict[Role | None, frozenset[Party]] = {
    Role.REP: frozenset({Party.SALES}),
    Role.MANAGER: frozenset({Party.SALES, Party.MANAGER}),
    Role.MARKETING: frozenset({Party.MARKETING}),
    Role.ADMIN: frozenset({Party.MARKETING, Party.SALES, Party.MANAGER}),
}

HAND_OFF_OUTCOMES: dict[Move, HandOff.Outcome] = {
    Move.REFUSE: HandOff.Outcome.REFUSED,
    Move.WITHDRAW: HandOff.Outcome.WITHDRAWN,
    Move.RECYCLE: HandOff.Outcome.RECYCLED,
    Move.DISQUALIFY: HandOff.Outcome.DISQUALIFIED,
    Move.WIN: HandOff.Outcome.WON,
    Move.LOSE: HandOff.Outcome.LOST,
    Move.NO_DECISION: HandOff.Outcome.NO_DECISION,
}


def parties(by: Principal) -> frozenset[Party]:
    """On whose behalf this principal may move leads. An API key is marketing's, unless it acts for a rep."""
    if by.kind is Kind.API_KEY and by.role is None:
        return frozenset({Party.MARKETING})
    return _PARTIES.get(by.role, frozenset())


def parties_to(lead: Lead, by: Principal) -> frozenset[Party]:
    """The same for this one lead: a rep is the owner of his own leads, his manager speaks for whoever owns it."""
    theirs = parties(by)
    speaks = lead.owner_id == by.user_id or Party.MANAGER in theirs
    is_owner = lead.owner_id is not None and Party.SALES in theirs and speaks
    return theirs | {Party.OWNER} if is_owner else theirs


@transaction.atomic
def move_lead(
    *,
    lead_id: int,
    to: Stage,
    by: Principal,
    at: datetime,
    details: MoveDetails | None = None,
    move: Move | None = None,
    version: int | None = None,
) -> StageChange:
    """Move a lead to another stage, with its hand-off, deadline, flags and ledger.

    `version`: the one the person looked at. Of two who move a lead at once, one gets StaleVersion or InvalidTransition.

    Raises Lead.DoesNotExist outside the scope of `by`, InvalidTransition, NotAllowed, MissingNeeds; then nothing is
    written.
    """
    change = open_change(lead_id, by=by, at=at, version=version)
    stage_change = move_within(change, to=to, details=details or MoveDetails(), move=move)
    change.write()
    return stage_change


def move_within(change: LeadChange, *, to: Stage, details: MoveDetails, move: Move | None = None) -> StageChange:
    """Move a lead as part of a larger change, which the caller writes."""
    lead, by = change.lead, change.by
    old = Stage(lead.stage)
    transition = find_transition(old, to, move)
    signers = frozenset({Party.SIGNERS}) if details.overruled else frozenset()
    check_party(transition, parties_to(lead, by) | signers)
    if by.role == Role.ADMIN and details.reason is None and transition.move is not Move.PROMOTE:
        raise MissingNeeds({"reason": "An admin's move needs a reason."})
    check_needs(transition, lead, details, change.at)
    end_episode(change)
    return enter_stage(change, transition, details)


def enter_stage(
    change: LeadChange, transition: Transition, details: MoveDetails, *, imported: bool = False, inferred: bool = False
) -> StageChange:
    """Make a move that the rules have allowed: stage, hand-off, clock, ledger."""
    lead = change.lead
    change.set(stage=transition.new, stage_entered_at=change.at)
    _keep_details(change, details)
    if transition.move in _EFFECTS:
        _EFFECTS[transition.move](change, details)
    if transition.move in HAND_OFF_OUTCOMES:
        change.set_hand_off(ended_at=change.at, outcome=HAND_OFF_OUTCOMES[transition.move])
    hand_off = lead.hand_off
    if transition.new in MARKETING_STAGES:
        change.set(hand_off=None, next_action_at=None)
    change.restart_clock()
    row = StageChange(
        lead=lead,
        seq=_tell(change, transition, hand_off, details, inferred=inferred),
        hand_off=hand_off,
        move=transition.move,
        old=transition.old,
        new=transition.new,
        at=change.at,
        recorded_at=change.recorded_at,
        by_id=change.by.user_id,
        reason=details.reason,
        imported=imported,
        inferred=inferred,
    )
    change.stage_changes.append(row)
    change.write_text(LeadText.Kind.LEARNED, details.learned, row.seq)
    change.write_text(LeadText.Kind.CLAUSES, change.clause_evidence, row.seq)
    return row


def _tell(
    change: LeadChange, transition: Transition, hand_off: HandOff | None, details: MoveDetails, *, inferred: bool
) -> int:
    seq = change.record(
        LeadEvent.Kind.STAGE_CHANGED,
        move=transition.move,
        old=transition.old,
        new=transition.new,
        hand_off=hand_off.number if hand_off else None,
        reason=details.reason.slug if details.reason else None,
        **({"inferred": True} if inferred else {}),
    )
    if transition.move is Move.RECYCLE:
        change.record(LeadEvent.Kind.RECYCLED, reason=details.reason.slug if details.reason else None)
    if transition.new is Stage.WON:
        amount = change.lead.amount
        change.record(LeadEvent.Kind.WON, amount=None if amount is None else str(amount), currency=change.lead.currency)
    if transition.new in CLOSED_STAGES:
        change.record(LeadEvent.Kind.CLOSED, outcome=transition.new)
    return seq


def _keep_details(change: LeadChange, details: MoveDetails) -> None:
    given = {
        "amount": details.amount,
        "currency": details.currency,
        "expected_close_on": details.expected_close_on,
        "closed_on": details.closed_on,
        "competitor": details.competitor,
        "wake_at": details.wake_at,
    }
    change.set(**{name: value for name, value in given.items() if value})


def _open_hand_off(change: LeadChange, details: MoveDetails) -> None:
    if not details.assigned:
        assign_owner(change)
    agreement = details.agreement or agreement_for(change.lead)
    imported = agreement.state == Agreement.State.IMPORTED
    results = [] if imported else results_of(change.lead, agreement)
    check_clauses(results, agreement, override_reason=details.override_reason)
    change.clause_evidence = numbered_lines({result.number: result.evidence for result in results})
    is_overridden = any(result.met is False for result in results)
    change.open_hand_off(
        HandOff(
            lead=change.lead,
            number=change.lead.cycle + 1,
            agreement=agreement,
            opened_at=change.at,
            imported=imported,
            clause_results=[{"number": result.number, "met": result.met} for result in results],
            override_reason=details.override_reason.strip() if is_overridden else "",
        )
    )


def _overrule(change: LeadChange, details: MoveDetails) -> None:
    """The same hand-off goes on, with a new clock: the lead is back with its rep, to accept or refuse."""
    change.set(hand_off=details.overruled, wake_at=None, woken_at=None)
    change.set_hand_off(ended_at=None, outcome="")


def _accept(change: LeadChange, details: MoveDetails) -> None:
    change.set_hand_off(accepted_at=change.at)
    take_from_pool(change)


def take_from_pool(change: LeadChange) -> None:
    """Whoever works on a lead of the pool first owns it."""
    if change.lead.owner_id is None and change.by.user_id is not None:
        take_for(change, User.objects.select_related("team__calendar").get(pk=change.by.user_id))


def _reopen_hand_off(change: LeadChange, details: MoveDetails) -> None:
    """Back with sales, the hand-off goes on; back with marketing it stays ended, and the next one is a new cycle."""
    if change.lead.stage not in MARKETING_STAGES:
        change.set_hand_off(ended_at=None, outcome="")
    change.set(closed_on=None)


_EFFECTS: dict[Move, Callable[[LeadChange, MoveDetails], None]] = {
    Move.PROMOTE: _open_hand_off,
    Move.ACCEPT: _accept,
    Move.CORRECT: _reopen_hand_off,
    Move.OVERRULE: _overrule,
}

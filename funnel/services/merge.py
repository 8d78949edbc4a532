"""Two leads that are one person become one: the survivor keeps what both knew, and both histories stay as they are."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from django.db import transaction

from accounts.principals import Principal
from accounts.roles import Role
from funnel.assignment import Rule
from funnel.authority import FIELDS as AUTHORITY
from funnel.authority import taken_over
from funnel.consent import joined
from funnel.errors import NotAllowed
from funnel.lifecycle import MARKETING_STAGES, SALES_STAGES, Stage
from funnel.models import Evidence, Flag, HandOff, Lead, LeadEvent, LeadIdentity, Touch
from funnel.services.assign import give_lead
from funnel.services.changes import LeadChange, open_change
from funnel.services.episodes import end_episode

# What the survivor gets from the other lead where it has nothing itself, or where somebody chose so.
FIELDS = (
    *("email", "first_name", "last_name", "title", "phone", "time_zone", "company", "campaign"),
    *("self_reported_source", "score", "expected_value"),
)
# What reports count of a lead for good: it cannot go into another one.
_RESULTS = (Stage.WON, Stage.LOST, Stage.NO_DECISION)
_WORKED = SALES_STAGES | {Stage.INQUIRY}
_BLANK = ("", None)

Mover = Callable[[Lead, Lead], None]
_movers: list[Mover] = []


class MergeRefused(Exception):
    """These two cannot be made one, or not this way round. The sentence says why and what to do."""


def register(move: Mover) -> None:
    """Apps add what moves their own rows from the lead that ends (first) to the one that stays (second)."""
    if move not in _movers:
        _movers.append(move)


@transaction.atomic
def merge_leads(
    *,
    winner_id: int,
    loser_id: int,
    by: Principal,
    at: datetime,
    versions: Mapping[int, int] | None = None,
    take: Collection[str] = (),
) -> Lead:
    """Make the loser part of the winner, whose stage, owner and clock stay; answers the winner.

    `take`: which of FIELDS come from the loser though the winner has its own. `versions`: by lead, those the person
    looked at. Identities, touches and evidence move over; ledgers, moves and dispositions stay with their lead, which
    from now on is found through `merged_into` alone.

    Raises Lead.DoesNotExist outside the scope of `by`, StaleVersion, NotAllowed, MergeRefused; nothing is written then.
    """
    if winner_id == loser_id:
        raise MergeRefused("These are the same lead: choose another one.")
    looked_at = versions or {}
    # Locked in the order of ids: of two who merge the same leads one waits for the other.
    pair = sorted((winner_id, loser_id))
    changes = {pk: open_change(pk, by=by, at=at, version=looked_at.get(pk)) for pk in pair}
    winner, loser = changes[winner_id], changes[loser_id]
    check_merge(winner.lead, loser.lead, by)
    taken = _take_over(winner, loser, take)
    _keep_owner(winner, loser.lead)
    _end(loser, winner.lead)
    winner.record(LeadEvent.Kind.MERGED, merged=loser_id, fields=taken)
    loser.record(LeadEvent.Kind.MERGED, into=winner_id)
    _move_rows(loser.lead, winner.lead)
    winner.write()
    loser.write()
    return winner.lead


# --- who may merge what ---------------------------------------------------------------------------------------


def check_merge(winner: Lead, loser: Lead, by: Principal) -> None:
    """Raises NotAllowed or MergeRefused."""
    _check_party(winner, loser, by)
    if has_result(loser):
        way_out = "leave them apart." if has_result(winner) else f"keep it, and merge {winner} into it."
        raise MergeRefused(f"{loser} has a result that reports count: {way_out}")
    if loser.stage in SALES_STAGES and winner.stage not in SALES_STAGES:
        way_out = f"Keep {loser}" if not has_result(winner) else f"Say first what became of {loser}"
        raise MergeRefused(f"{loser} is with sales and {winner} is not. {way_out}: what is with sales is never lost.")
    if by.role == Role.REP and _is_in_black_hole(loser):
        raise MergeRefused(f"{loser} is in the Black Hole. Keep it, or say first what happened with it.")


def _check_party(winner: Lead, loser: Lead, by: Principal) -> None:
    if by.role in {Role.MANAGER, Role.ADMIN}:
        return
    if by.role == Role.REP:
        if {winner.owner_id, loser.owner_id} != {by.user_id}:
            raise NotAllowed("You can merge leads that are both yours. Take it first, or ask your manager.")
    elif by.role == Role.MARKETING:
        if loser.stage not in MARKETING_STAGES | {Stage.DISQUALIFIED}:
            raise NotAllowed(f"{loser} is with sales: keep it, or ask a sales manager to merge the two.")
        if _is_worked(winner) and _is_worked(loser) and winner.owner_id != loser.owner_id:
            raise NotAllowed(f"{winner} and {loser} belong to two reps: ask a sales manager to merge them.")
    else:
        raise NotAllowed("Only people merge leads.")


def _is_worked(lead: Lead) -> bool:
    return lead.owner_id is not None and lead.stage in _WORKED


def has_result(lead: Lead) -> bool:
    """Whether it was won, lost or ended without a decision, now or in an earlier cycle."""
    return lead.stage in _RESULTS or HandOff.objects.filter(lead=lead, outcome__in=_RESULTS).exists()


def _is_in_black_hole(lead: Lead) -> bool:
    return Flag.objects.filter(lead=lead, kind=Flag.Kind.BLACK_HOLE, cleared_at=None).exists()


# --- what the survivor gets -----------------------------------------------------------------------------------


def comes_over(winner: Lead, loser: Lead, name: str, *, chosen: bool = False) -> bool:
    """Whether the survivor gets this field of the other: where it has nothing itself, or where somebody chose so."""
    ours, theirs = getattr(winner, name), getattr(loser, name)
    if theirs in _BLANK or theirs == ours or not (chosen or ours in _BLANK):
        return False
    # An amount that sales named keeps its currency.
    return name != "expected_value" or winner.amount is None or winner.currency == loser.currency


def _take_over(winner: LeadChange, loser: LeadChange, take: Collection[str]) -> list[str]:
    """Answers the names of what was taken over."""
    ours, theirs = winner.lead, loser.lead
    taken = [name for name in FIELDS if comes_over(ours, theirs, name, chosen=name in take)]
    for name in taken:
        if name == "email":
            _swap_email(winner, loser)
        elif name == "expected_value":
            winner.set(expected_value=theirs.expected_value, currency=theirs.currency)
        else:
            winner.set(**{name: getattr(theirs, name)})
    if taken:
        claims = [name for name in taken if name in AUTHORITY]
        winner.set(authority=taken_over(ours.authority, theirs.authority, claims))
    consent = joined(ours.consent, theirs.consent)
    if consent != ours.consent:
        winner.set(consent=consent)
    _take_touch(winner, theirs)
    return taken


def _swap_email(winner: LeadChange, loser: LeadChange) -> None:
    """Whichever address the survivor does not have still leads to it: through the lead that ends."""
    ours, theirs = winner.lead, loser.lead
    Lead.objects.filter(pk=theirs.pk).update(email_key=None)  # free before the survivor takes it
    before = {"email": ours.email, "email_key": ours.email_key}
    winner.set(email=theirs.email, email_key=theirs.email_key)
    loser.set(**before)


def _take_touch(winner: LeadChange, loser: Lead) -> None:
    """A later touch of the other ends the silence of a lead in marketing."""
    lead = winner.lead
    if loser.last_touch_at is None or (lead.last_touch_at and lead.last_touch_at >= loser.last_touch_at):
        return
    winner.set(last_touch_at=loser.last_touch_at)
    if lead.due_clock == Lead.Clock.TOUCH:
        end_episode(winner)
        winner.restart_clock()


def _keep_owner(winner: LeadChange, loser: Lead) -> None:
    """Whoever worked on the person keeps him."""
    lead, owner = winner.lead, loser.owner
    if lead.owner_id is not None or owner is None or lead.stage not in _WORKED:
        return
    hours_before = winner.rules.hours(None, lead.team)
    why = f"{owner.name} has the lead that was merged into it."
    give_lead(winner, rep=owner, team=lead.team or loser.team or owner.team, rule=Rule.KEPT, why=why)
    winner.move_clock(from_hours=hours_before, to_hours=winner.rules.hours(owner, lead.team))


# --- what ends, and what moves --------------------------------------------------------------------------------


def _end(loser: LeadChange, winner: Lead) -> None:
    """Nothing is done for a merged lead any more: no sweep, no open episode, no open hand-off. Its stage stays."""
    end_episode(loser)
    lead = loser.lead
    if lead.hand_off and lead.hand_off.ended_at is None:
        loser.set_hand_off(ended_at=loser.at, outcome=HandOff.Outcome.WITHDRAWN)
    loser.set(merged_into=winner, sweep_at=None, next_action_at=None)


def _move_rows(loser: Lead, winner: Lead) -> None:
    LeadIdentity.objects.filter(lead=loser).update(lead=winner)
    Touch.objects.filter(lead=loser).update(lead=winner)
    Evidence.objects.filter(lead=loser).update(lead=winner)
    # What was merged into it before: one step leads from every lead to the one that it is today.
    Lead.objects.filter(merged_into=loser).update(merged_into=winner)
    for move in _movers:
        move(loser, winner)

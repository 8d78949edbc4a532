"""A refusal against the record goes to the two who signed the agreement: they settle who was right."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from accounts.notifications import notify
from accounts.principals import Kind, Principal
from accounts.roles import Role
from accounts.working_time import add_working_days
from dispositions.models import Disposition, Dispute, DisputeVote, Verdict
from funnel.errors import NotAllowed
from funnel.lifecycle import Move, Stage
from funnel.limits import ClockRules
from funnel.models import Agreement, HandOff, Lead, Signature
from funnel.services.agreements import mark_clauses, side_of
from funnel.services.changes import open_change
from funnel.services.moves import move_within
from funnel.services.needs import MoveDetails

DECIDE_WITHIN_DAYS = 5  # working days, by the hours of the lead's team


def open_dispute(disposition: Disposition, hand_off: HandOff, *, rules: ClockRules) -> Dispute:
    """The refusal stands until it is settled; both signers are told."""
    lead, at = disposition.lead, disposition.at
    dispute = Dispute.objects.create(
        disposition=disposition,
        hand_off=hand_off,
        opened_at=at,
        decide_at=add_working_days(at, DECIDE_WITHIN_DAYS, rules.hours(lead.owner, lead.team)),
    )
    tell_signers(
        dispute,
        key="opened",
        text=f"A refusal of a lead that met every clause of {dispute.hand_off.agreement} is yours to settle.",
        at=at,
    )
    return dispute


def tell_signers(dispute: Dispute, *, key: str, text: str, at: datetime) -> None:
    """In the transaction of what happened. Told once per key, however often this runs."""
    signatures = dispute.hand_off.agreement.signatures.select_related("user")
    _tell((one.user for one in signatures), dispute, key=key, text=text, at=at)


def _tell(users: Iterable[User], dispute: Dispute, *, key: str, text: str, at: datetime) -> None:
    url = f"{reverse('disputes')}#dispute-{dispute.pk}"
    notify(users, kind="dispute", key=f"dispute:{dispute.pk}:{key}", text=text, url=url, at=at)


def take_back(disposition: Disposition, *, at: datetime) -> None:
    """The refusal was undone: there is nothing to settle. Raises NotAllowed where the signers have settled it."""
    dispute = Dispute.objects.select_for_update().filter(disposition=disposition).first()
    if dispute is None:
        return
    if dispute.state != Dispute.State.OPEN:
        raise NotAllowed("The signers have settled the dispute over this refusal.")
    _close(dispute, Dispute.State.TAKEN_BACK, disposition.by, at)


def seat_of(user: User, dispute: Dispute) -> Signature.Side | None:
    """The side for which this user votes: he who signed; where he left or lost the right, whoever has it now.

    Needs the signatures of the hand-off's agreement with their users.
    """
    for one in dispute.hand_off.agreement.signatures.all():
        if one.user_id == user.pk:
            return Signature.Side(one.side) if user.is_active else None
        if one.side == side_of(user) and side_of(one.user) != one.side:
            return Signature.Side(one.side)
    return None


def may_decide(user: User, dispute: Dispute, *, at: datetime) -> bool:
    """An admin, once the signers have had their time and are not of one mind."""
    return user.role == Role.ADMIN and dispute.state == Dispute.State.OPEN and at >= dispute.decide_at


@transaction.atomic
def vote(*, dispute_id: int, by: User, verdict: Verdict, at: datetime) -> Dispute:
    """Say who was right. Two signers of one mind settle it; so does an admin, where they are split for too long.

    Raises Dispute.DoesNotExist, NotAllowed.
    """
    dispute = _locked(dispute_id)
    if dispute.state != Dispute.State.OPEN:
        raise NotAllowed("This dispute is settled.")
    seat = seat_of(by, dispute)
    if seat is None and may_decide(by, dispute, at=at):
        _settle(dispute, verdict, by, at)
        return dispute
    if seat is None:
        from_then = date_format(timezone.localdate(dispute.decide_at), "MONTH_DAY_FORMAT")
        raise NotAllowed(f"The two who signed the agreement settle it; from {from_then} on an admin may.")
    said = {"user": by, "verdict": verdict, "at": at}
    DisputeVote.objects.update_or_create(dispute=dispute, side=seat, defaults=said)
    verdicts = list(dispute.votes.values_list("verdict", flat=True))
    if len(verdicts) == len(Signature.Side) and len(set(verdicts)) == 1:
        _settle(dispute, verdict, by, at)
    return dispute


def _locked(dispute_id: int) -> Dispute:
    """Its lead is locked first, as by everything else that changes a lead."""
    Lead.objects.select_for_update().get(hand_offs__disputes=dispute_id)
    needed = ("hand_off__agreement", "disposition__by", "disposition__reason")
    return Dispute.objects.select_related(*needed).select_for_update(of=("self",)).get(pk=dispute_id)


def _settle(dispute: Dispute, verdict: Verdict, by: User, at: datetime) -> None:
    if verdict is Verdict.OVERRULED:
        dispute.lead_returned = _return_lead(dispute, by, at)
    if verdict is Verdict.REDEFINED:
        dispute.draft = _draft_next_version(dispute, at)
    _close(dispute, Dispute.State(verdict.value), by, at)
    concerned = {one.user for one in dispute.hand_off.agreement.signatures.select_related("user")}
    text = f"The dispute over a refusal is settled. {dispute.get_state_display()}."
    _tell(concerned | {dispute.disposition.by}, dispute, key="settled", text=text, at=at)


def _close(dispute: Dispute, state: Dispute.State, by: User, at: datetime) -> None:
    dispute.state, dispute.settled_at, dispute.settled_by = state, at, by
    dispute.save()


def _return_lead(dispute: Dispute, by: User, at: datetime) -> bool:
    """Back to the rep, as the same hand-off with a new clock. False where the lead has gone on since."""
    # Signers judge leads outside their own teams too: for this one move they act for the company.
    signers = Principal(kind=Kind.SYSTEM, name="Both signers", user_id=by.pk)
    if by.role == Role.ADMIN:
        signers = Principal(kind=Kind.SYSTEM, name="Admin, for split signers", user_id=by.pk)
    try:
        change = open_change(dispute.hand_off.lead_id, by=signers, at=at)
    except Lead.DoesNotExist:  # merged into another lead since
        return False
    lead = change.lead
    if lead.stage not in {Stage.NURTURE, Stage.DISQUALIFIED} or lead.cycle != dispute.hand_off.number:
        return False
    details = MoveDetails(overruled=dispute.hand_off)
    move_within(change, to=Stage.MQL, details=details, move=Move.OVERRULE)
    change.write()
    return True


def _draft_next_version(dispute: Dispute, at: datetime) -> Agreement:
    cited = dispute.disposition.failed_clauses
    agreement = dispute.hand_off.agreement
    numbers = cited or list(agreement.clauses.values_list("number", flat=True))
    remark = f"To be changed: both signers of version {agreement.version} say so after the refusal of {at:%-d %b %Y}."
    return mark_clauses(agreement, numbers, remark=remark, at=at)

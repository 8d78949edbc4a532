"""Imported pasts: the only second door to a lead's stage. Same table of moves, relaxed needs.

What a live move requires (an amount, a reason, who did it) history may lack: it is stored as unknown. Stages between
two known dates are filled in and marked as inferred.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.principals import Principal
from funnel.inputs import Past, Received, Status
from funnel.lifecycle import Stage, find_transition
from funnel.limits import ClockRules
from funnel.models import Agreement, Flag, Lead, LeadEvent
from funnel.services.changes import LeadChange, write_changes
from funnel.services.locking import CLOCK_NEEDS
from funnel.services.moves import enter_stage
from funnel.services.needs import MoveDetails
from funnel.services.steps import Dates, Step, StepRefused, steps_of


@transaction.atomic
def record_history(
    pasts: Sequence[Past], *, by: Principal, recorded_at: datetime, created: Collection[int] = frozenset()
) -> list[Received]:
    """Write the known past of leads; the answers are in the order of `pasts`. One past a lead in each call.

    `created`: the ids of leads that the caller has created in the same transaction. They are taken as he gives them.

    A lead that has reached the outcome before is left as it is, but for an amount or owner not known until now. A
    date that contradicts the order of the stages rejects that past, and nothing of it is written.
    """
    leads = {past.lead.pk: past.lead for past in pasts if past.lead.pk in created}
    leads |= _locked([past.lead.pk for past in pasts if past.lead.pk not in leads])
    rules, agreement = ClockRules(), _imported_agreement(recorded_at)
    changes: list[LeadChange] = []
    answers = []
    for past in pasts:
        lead = leads[past.lead.pk]
        change = LeadChange(lead, by=by, at=recorded_at, recorded_at=recorded_at, rules=rules)
        try:
            steps = _steps(lead, past)
        except StepRefused as refused:
            answers.append(Received(Status.REJECTED, lead, refused.field, str(refused)))
            continue
        _apply(change, past, steps, agreement)
        if change.values:
            changes.append(change)
        answers.append(Received(Status.UPDATED if change.values else Status.UNCHANGED, lead))
    _end_inferred_episodes([change.lead for change in changes if change.stage_changes], recorded_at)
    write_changes(changes)
    return answers


def _locked(lead_ids: list[int]) -> dict[int, Lead]:
    """Locked in the order of ids, and read only then: what a waiting statement joins is from before the wait."""
    if not lead_ids:
        return {}
    rows = Lead.objects.filter(pk__in=lead_ids).order_by("pk")
    list(rows.select_for_update().values_list("pk"))
    return {lead.pk: lead for lead in rows.select_related(*CLOCK_NEEDS)}


def _imported_agreement(at: datetime) -> Agreement:
    """The version that governs imported hand-offs: the usual limits, no clauses."""
    agreement, _ = Agreement.objects.get_or_create(
        name="Imported past", version=1, defaults={"state": Agreement.State.IMPORTED, "created_at": at}
    )
    return agreement


def _steps(lead: Lead, past: Past) -> list[Step]:
    if past.amount and not (past.currency or lead.currency):
        raise StepRefused("currency", "An amount needs its currency.")
    return steps_of(
        current=Stage(lead.stage),
        since=lead.stage_entered_at,
        created_at=lead.created_at,
        outcome=past.outcome,
        dates=Dates(
            mql_at=past.mql_at,
            accepted_at=past.accepted_at,
            qualified_at=past.qualified_at,
            closed_at=past.closed_at,
        ),
    )


def _apply(change: LeadChange, past: Past, steps: list[Step], agreement: Agreement) -> None:
    lead = change.lead
    # A file read again must not take back what a manager has assigned since.
    if past.owner and past.owner != lead.owner and (steps or lead.owner is None):
        change.set(owner=past.owner, team=past.owner.team or lead.team)
        change.record(LeadEvent.Kind.ASSIGNED, owner=past.owner.pk, rule="import")
    for step in steps:
        change.at = step.at
        transition = find_transition(Stage(lead.stage), step.new)
        details = _details(past, agreement, last=step is steps[-1])
        enter_stage(change, transition, details, imported=True, inferred=step.inferred)
    if not steps:
        _complete(change, past)


def _details(past: Past, agreement: Agreement, *, last: bool) -> MoveDetails:
    if not last:
        return MoveDetails(agreement=agreement, assigned=True)
    return MoveDetails(
        agreement=agreement,
        assigned=True,
        reason=past.reason,
        amount=past.amount,
        currency=past.currency,
        closed_on=timezone.localdate(past.closed_at) if past.closed_at else None,
        competitor=past.competitor,
    )


def _complete(change: LeadChange, past: Past) -> None:
    """The outcome was known already; keep what the file adds to it, and let stand what is known."""
    lead = change.lead
    new: dict[str, Any] = {}
    if past.amount and lead.amount is None:
        new |= {"amount": past.amount, "currency": past.currency or lead.currency}
    if past.competitor and not lead.competitor:
        new["competitor"] = past.competitor
    if new:
        change.set(**new)
        change.record(LeadEvent.Kind.EDITED, fields=sorted(new))


def _end_inferred_episodes(leads: list[Lead], at: datetime) -> None:
    """These leads were answered after all: of an imported hand-off the episode never was, of a live one it ends now."""
    episodes = Flag.objects.filter(lead__in=leads, voided=False)
    episodes.filter(cleared_at=None).update(cleared_at=at)
    episodes.filter(hand_off__imported=True).update(voided=True)

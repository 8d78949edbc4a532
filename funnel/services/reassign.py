"""A lead changes hands: by a manager, or by the ladder where the agreement says so."""

from collections import Counter
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.notifications import notify
from accounts.principals import SYSTEM, Principal
from accounts.roles import SALES_ROLES, Role
from accounts.superiors import Superiors
from funnel.assignment import Rule
from funnel.errors import NotAllowed
from funnel.lifecycle import SALES_STAGES
from funnel.models import Escalation, Lead
from funnel.services.assign import give_lead, next_rep
from funnel.services.changes import LeadChange, open_change
from funnel.services.ladder import Rules, climb
from funnel.services.ladder_texts import local_time, named
from funnel.services.locking import NEEDED


@transaction.atomic
def reassign_lead(*, lead_id: int, to: User, by: Principal, at: datetime, version: int | None = None) -> Lead:
    """Give a lead that is with sales to another rep. Given to whom it belongs already, nothing changes.

    What is left of its working time passes in the new owner's hours, and the ladder begins again for him; what was
    missed stays missed. `version`: the one the person looked at.

    Raises Lead.DoesNotExist outside the scope of `by`, StaleVersion, NotAllowed; nothing is written then.
    """
    change = open_change(lead_id, by=by, at=at, version=version)
    _check_may_reassign(change.lead, to, by)
    if change.lead.owner_id != to.pk:
        change = _caught_up(change)
        hand_to(change, to, why=f"{by.name} gave it to {to.name}.")
        change.write()
    return change.lead


def hand_to(change: LeadChange, to: User | None, *, why: str) -> None:
    """Make `to` the owner of a locked lead; nobody: it goes back to the pool of its team. The caller writes it."""
    lead, rules = change.lead, change.rules
    before, old_team = lead.owner, lead.team or (lead.owner.team if lead.owner else None)
    from_hours = rules.hours(before, lead.team)
    rule = Rule.REASSIGNED if to else Rule.RETURNED
    give_lead(change, rep=to, team=(to.team if to else None) or old_team, rule=rule, why=why)
    change.move_clock(from_hours=from_hours, to_hours=rules.hours(lead.owner, lead.team))
    if to:
        _tell_both(change, before, to)


def _caught_up(change: LeadChange) -> LeadChange:
    catch_up([change.lead], now=change.at)
    return LeadChange(change.lead, by=change.by, at=change.at, rules=change.rules)  # its ledger may have grown


def catch_up(leads: list[Lead], *, now: datetime) -> None:
    """What the sweep has not yet seen of these locked leads belongs to the owner they had until now."""
    climb([lead for lead in leads if lead.sweep_at and lead.sweep_at <= now], now=now, rules=Rules())


def _check_may_reassign(lead: Lead, to: User, by: Principal) -> None:
    """Raises NotAllowed with the sentence the user sees."""
    if by is not SYSTEM and by.role not in {Role.MANAGER, Role.ADMIN}:
        raise NotAllowed("Only a manager gives leads to others.")
    if by.role == Role.MANAGER and to.team_id not in by.team_ids:
        raise NotAllowed(f"{to.name} is in none of your teams.")
    if to.role not in SALES_ROLES or not to.is_active:
        raise NotAllowed(f"{to.name} does not work in sales.")
    if lead.stage not in SALES_STAGES:
        raise NotAllowed("Only a lead that is with sales can be given to another rep.")


def _tell_both(change: LeadChange, before: User | None, to: User) -> None:
    lead, at = change.lead, change.at
    key, url = f"assigned:{lead.pk}:{change.events[-1].seq}", f"/leads/{lead.pk}/"
    due = f" Deadline: {local_time(lead.due_at, to)}." if lead.due_at else ""
    if change.by.user_id != to.pk:
        notify([to], kind="assigned", key=key, text=f"{named(lead)} is yours now.{due}", url=url, lead=lead.pk, at=at)
    if before and change.by.user_id != before.pk:
        notify([before], kind="reassigned", key=key, text=f"{named(lead)} is with {to.name} now.", lead=lead.pk, at=at)


# --- the last step of the ladder ------------------------------------------------------------------------------


def hand_over_late_leads(*, now: datetime) -> Counter[str]:
    """Give each lead whose agreement reassigns at the last step to the next rep: one transaction each."""
    waiting = Escalation.objects.filter(hands_over=True, handed_over_at=None).order_by("id")
    return sum((_hand_over(one, lead, now) for one, lead in waiting.values_list("pk", "lead")), Counter[str]())


@transaction.atomic
def _hand_over(escalation_id: int, lead_id: int, now: datetime) -> Counter[str]:
    leads = Lead.objects.filter(pk=lead_id).lock_free(*NEEDED)
    # Looked up once the lead is locked: another sweeper may have done it.
    escalation = Escalation.objects.filter(pk=escalation_id, handed_over_at=None).first()
    if not leads or escalation is None:
        return Counter()
    Escalation.objects.filter(pk=escalation_id).update(handed_over_at=now)
    if not _still_waits(leads[0], escalation):
        return Counter()
    return _give_to_next(leads[0], now)


def _give_to_next(lead: Lead, now: datetime) -> Counter[str]:
    found = next_rep(lead, at=now)
    if found is None:
        _tell_that_nobody_takes_it(lead, now)
        return Counter({"not handed over": 1})
    rep, why = found
    catch_up([lead], now=now)
    change = LeadChange(lead, by=SYSTEM, at=now)
    hand_to(change, rep, why=f"Not answered in time. {why}")
    change.write()
    return Counter({"handed over": 1})


def _still_waits(lead: Lead, escalation: Escalation) -> bool:
    """Nobody has answered since, nor has it changed hands or become part of another lead."""
    if lead.merged_into_id is not None or lead.erased_at is not None:
        return False
    place = (lead.hand_off_id, lead.due_clock, lead.due_at, lead.owner_id)
    return place == (escalation.hand_off_id, escalation.clock, escalation.due_at, escalation.owner_id)


def _tell_that_nobody_takes_it(lead: Lead, now: datetime) -> None:
    assert lead.due_at
    text = f"{named(lead)} should go to the next rep, but nobody else of the team is available."
    key = f"nobody-takes:{lead.pk}:{lead.hand_off_id}:{lead.due_at.isoformat()}:{lead.owner_id}"
    managers = Superiors().told(1, owner=lead.owner, team_id=lead.team_id)
    notify(managers, kind="nobody_takes", key=key, text=text, url=f"/leads/{lead.pk}/", lead=lead.pk, at=now)

"""Taking a lead from the pool of one's team: whoever is first gets it, and the others are told who that was."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.principals import Principal
from funnel.assignment import Rule
from funnel.errors import NotAllowed, TakenAlready
from funnel.lifecycle import SALES_STAGES, Party, Stage
from funnel.models import Assignment, Lead
from funnel.services.assign import take_for
from funnel.services.changes import LeadChange
from funnel.services.locking import lock_lead
from funnel.services.moves import parties

# So long somebody who saw a lead in his pool is told who was faster; later it is a colleague's lead like any other.
TOLD_FOR = timedelta(minutes=15)


@transaction.atomic
def take_lead(*, lead_id: int, by: Principal, at: datetime) -> Lead:
    """Make a pool lead the rep's own. Its clock runs on, in his hours; taken again by its owner it stays his.

    Raises Lead.DoesNotExist for one that is in no pool of his teams, TakenAlready where somebody was faster,
    NotAllowed for marketing and for a lead that marketing still has. Nothing is written then.
    """
    if Party.SALES not in parties(by) or by.user_id is None:
        _check_visible(lead_id, by)
        raise NotAllowed("Only sales takes leads from a pool.")
    lead = _locked(lead_id, by)
    if lead.owner_id == by.user_id:
        return lead
    if lead.owner_id is not None:
        raise _too_late(lead, by, at)
    if lead.stage not in SALES_STAGES:
        raise NotAllowed(f"It is {Stage(lead.stage).label}: only what was handed to sales can be taken.")
    change = LeadChange(lead, by=by, at=at)
    hours_before = change.rules.hours(lead.owner, lead.team)
    rep = User.objects.select_related("team__calendar").get(pk=by.user_id)
    take_for(change, rep)
    change.move_clock(from_hours=hours_before, to_hours=change.rules.hours(rep, lead.team))
    change.write()
    return lead


def _check_visible(lead_id: int, by: Principal) -> None:
    Lead.objects.visible_to(by).get(pk=lead_id)


def _locked(lead_id: int, by: Principal) -> Lead:
    """The lead, whoever owns it by now: a colleague who was faster has put it out of the scope of a rep."""
    reachable = Q(pk__in=Lead.objects.visible_to(by).filter(pk=lead_id)) | Q(
        team__in=by.team_ids, merged_into=None, erased_at=None
    )
    return lock_lead(Lead.objects.filter(reachable), lead_id)


def _too_late(lead: Lead, by: Principal, at: datetime) -> Exception:
    """A lead that has just been taken from the pool; any other of a colleague's does not exist for a rep."""
    last = Assignment.objects.filter(lead=lead).order_by("-pk").first()
    just_taken = last is not None and last.rule == Rule.TAKEN and at - last.at <= TOLD_FOR
    if just_taken or Lead.objects.visible_to(by).filter(pk=lead.pk).exists():
        return TakenAlready(str(lead.owner))
    return Lead.DoesNotExist(f"lead {lead.pk} is in no pool of {by.name}")

"""The leads whose agreed answer is due next, and the one that has waited longest for it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from dispositions.desk.countdown import Countdown, countdown
from dispositions.team.outlook import Outlook
from dispositions.team.standing import Standings
from funnel.lifecycle import Stage
from funnel.models import Lead

SHOWN = 20


@dataclass(frozen=True)
class Risk:
    """`waits_for`: what the agreement wants next."""

    lead: Lead
    countdown: Countdown | None
    waits_for: str


def at_risk(
    outlook: Outlook, *, owners: Collection[int | None], now: datetime, shown: int | None = SHOWN
) -> Sequence[Risk]:
    """The nearest deadline first. `owners`: whose leads to look at, nobody's among them. One query, none for none."""
    if not owners:
        return []
    # Named one by one, each is found by its index.
    theirs = Q(owner__in=[owner for owner in owners if owner], due_at__isnull=False)
    if None in owners:
        theirs |= Q(owner=None, team__in=outlook.team_ids, due_at__isnull=False)
    leads = outlook.with_sales.filter(theirs, outlook.at_risk(now)).select_related("company", "owner", "team")
    return [
        Risk(lead, countdown(lead.due_at, now), Lead.Clock(lead.due_clock).label)
        for lead in leads.order_by("due_at", "pk")[:shown]
    ]


def owners_at_risk(found: Standings) -> set[int | None]:
    return {owner for (_, owner), standing in found.items() if standing.at_risk}


def oldest_unanswered(outlook: Outlook, found: Standings) -> Lead | None:
    """The MQL handed over first of those that wait. One query, none where nothing waits."""
    waiting = {place: one.unanswered_since for place, one in found.items() if one.unanswered_since}
    if not waiting:
        return None
    (team, owner), since = min(waiting.items(), key=lambda item: item[1])
    leads = outlook.with_sales.filter(team=team, owner=owner, stage=Stage.MQL, stage_entered_at=since)
    return leads.select_related("company", "owner").order_by("pk").first()

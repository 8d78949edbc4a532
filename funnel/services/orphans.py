"""Leads of somebody who left or is on leave go back to the pool of their team."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Q

from accounts.availability import is_away
from accounts.models import User
from accounts.notifications import Message, tell
from accounts.principals import SYSTEM
from accounts.superiors import Superiors
from funnel.lifecycle import SALES_STAGES
from funnel.limits import ClockRules
from funnel.models import Lead
from funnel.services.changes import LeadChange, write_changes
from funnel.services.locking import NEEDED
from funnel.services.reassign import catch_up, hand_to

BATCH = 500
DAY = timedelta(days=1)


def release_orphans(*, now: datetime) -> Counter[str]:
    """Put every lead that is with sales, but whose owner is not there, back to the pool; answers how many."""
    released: Counter[str] = Counter()
    absent = _absent_owners(now)
    while absent and (batch := _release_batch(absent, now)):
        released += batch
    return released


def _absent_owners(now: datetime) -> dict[int, str]:
    """Who is not there, with the sentence that says why. Reads people alone: most days everybody is."""
    today = now.date()
    # Which day it is depends on the team: a day more on each side, and then each by his team's own date.
    on_leave = Q(away_from__lte=today + DAY) & (Q(away_until=None) | Q(away_until__gte=today - DAY))
    on_leave |= Q(away_from=None, away_until__gte=today - DAY)
    candidates = User.objects.filter(Q(is_active=False) | on_leave).select_related("team__calendar")
    rules = ClockRules()
    return {user.pk: why for user in candidates if (why := _why_absent(user, now, rules))}


def _why_absent(user: User, now: datetime, rules: ClockRules) -> str:
    if not user.is_active:
        return f"{user.name} has left."
    today = now.astimezone(rules.hours(None, user.team).time_zone).date()
    return f"{user.name} is on leave." if is_away(today, user.away_from, user.away_until) else ""


@transaction.atomic
def _release_batch(absent: dict[int, str], now: datetime) -> Counter[str]:
    orphans = Lead.objects.filter(owner__in=absent, stage__in=SALES_STAGES, merged_into=None, erased_at=None)
    leads = orphans.order_by("owner_id", "id")[:BATCH].lock_free(*NEEDED)
    catch_up(leads, now=now)
    owners = [lead.owner for lead in leads]
    rules = ClockRules()
    changes = [LeadChange(lead, by=SYSTEM, at=now, rules=rules) for lead in leads]
    for change in changes:
        hand_to(change, None, why=absent[change.lead.owner_id or 0])
    write_changes(changes)
    tell(_messages(owners, leads, absent, now), at=now)
    return Counter({"back to the pool": len(leads)} if leads else {})


def _messages(
    owners: Sequence[User | None], leads: Sequence[Lead], absent: dict[int, str], now: datetime
) -> list[Message]:
    """One for each owner, to whoever manages the pool that his leads are in now."""
    superiors = Superiors()
    messages = []
    for owner, of_owner in groupby(zip(owners, leads, strict=True), key=lambda pair: pair[0]):
        released = [lead for _, lead in of_owner]
        assert owner
        text = f"{absent[owner.pk]} {_counted(len(released))} went back to the pool."
        key = f"orphans:{owner.pk}:{released[0].pk}:{now.isoformat()}"
        told = superiors.told(1, owner=owner, team_id=released[0].team_id)
        messages += [Message(user=user, kind="orphans", key=key, text=text, url="/queue/") for user in told]
    return messages


def _counted(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"

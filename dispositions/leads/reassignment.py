"""Who a lead can be given to: the reps of the subtree, how much each has, and whether he is there."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.formats import date_format

from accounts.models import User
from accounts.presence import Presence, State, presence
from accounts.principals import Principal
from accounts.roles import SALES_ROLES, Role
from funnel.lifecycle import SALES_STAGES
from funnel.limits import ClockRules
from funnel.models import Lead


@dataclass(frozen=True)
class Choice:
    """`load`: his leads in MQL, SAL and SQL."""

    user: User
    load: int
    presence: Presence

    @property
    def is_full(self) -> bool:
        return self.user.lead_cap is not None and self.load >= self.user.lead_cap

    @property
    def label(self) -> str:
        """His name, what he has, and what stands against giving him more."""
        cap = f"{self.load} of {self.user.lead_cap} leads" if self.user.lead_cap is not None else f"{self.load} leads"
        parts = [self.user.name, str(self.user.team or ""), f"{cap}, full" if self.is_full else cap, _absence(self)]
        return " · ".join(filter(None, parts))


def may_reassign(principal: Principal) -> bool:
    return principal.role in {Role.MANAGER, Role.ADMIN}


def choices_for(principal: Principal, *, now: datetime, rules: ClockRules | None = None) -> list[Choice]:
    """Everybody a manager may give a lead to, those who are there first. Three queries at most.

    `rules`: those that the caller has read already.
    """
    if not may_reassign(principal):
        return []
    users = User.objects.filter(role__in=SALES_ROLES, is_active=True)
    if principal.role == Role.MANAGER:
        users = users.filter(team__in=principal.team_ids)
    with_sales = Lead.objects.filter(stage__in=SALES_STAGES, due_at__isnull=False, merged_into=None, erased_at=None)
    load = with_sales.filter(owner=OuterRef("pk")).order_by().values("owner").annotate(n=Count("pk")).values("n")
    rules = rules or ClockRules()
    found = [
        Choice(user, user.load, _presence(user, rules, now))
        for user in users.select_related("team__calendar").annotate(load=Coalesce(Subquery(load), 0)).order_by("name")
    ]
    return sorted(found, key=lambda one: (not one.presence.is_here, one.is_full))


def _presence(user: User, rules: ClockRules, now: datetime) -> Presence:
    return presence(
        now.astimezone(rules.hours(None, user.team).time_zone).date(),
        is_active=user.is_active,
        is_on_duty=user.is_on_duty,
        away_from=user.away_from,
        away_until=user.away_until,
    )


def _absence(choice: Choice) -> str:
    found = choice.presence
    if found.state is State.ON_LEAVE:
        return f"on leave until {date_format(found.until, 'SHORT_DATE_FORMAT')}" if found.until else "on leave"
    if found.state is State.OFF_DUTY:
        return "gets no new leads"
    return f"on leave from {date_format(found.leaves_on, 'SHORT_DATE_FORMAT')}" if found.leaves_on else ""

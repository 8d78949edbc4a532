"""What of the teams somebody looks at: all he may see, or one team and those below it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from operator import or_

from django.db.models import Q, QuerySet

from accounts.models import Team, User
from accounts.principals import Principal
from accounts.roles import Role
from accounts.team_tree import TeamTree
from accounts.working_time import WorkingHours
from dispositions.team.moments import at_risk_until
from funnel.lifecycle import SALES_STAGES
from funnel.limits import ClockRules
from funnel.models import Lead
from funnel.querysets import LeadQuerySet


@dataclass(frozen=True)
class Outlook:
    """`team`: the one looked at; none for all that the principal may see. Everything is read within his scope."""

    principal: Principal
    tree: TeamTree
    team: Team | None = None

    @classmethod
    def of(cls, principal: Principal, team_id: int | None = None) -> "Outlook":
        """Raises Team.DoesNotExist for a team out of scope. One query."""
        tree = TeamTree.of(principal)
        if team_id is None:
            return cls(principal, tree)
        if team_id not in tree.teams:
            raise Team.DoesNotExist(f"team {team_id} is not below {principal.name}")
        return cls(principal, tree, tree.teams[team_id])

    @cached_property
    def team_ids(self) -> frozenset[int]:
        return self.tree.below(self.team) if self.team else frozenset(self.tree.teams)

    @cached_property
    def top(self) -> Team | None:
        """The team whose parts are listed: the one chosen, else the only one that everything is below."""
        return self.team or (self.tree.roots[0] if len(self.tree.roots) == 1 else None)

    @cached_property
    def rules(self) -> ClockRules:
        return ClockRules()

    @cached_property
    def hours(self) -> WorkingHours:
        return self.rules.hours(None, self.top)

    @property
    def leads(self) -> LeadQuerySet:
        """All leads, closed ones too."""
        leads = Lead.objects.visible_to(self.principal)
        return leads.filter(team__in=self.team_ids) if self.team else leads

    @property
    def with_sales(self) -> LeadQuerySet:
        """The leads that count as a rep's load."""
        return self.leads.filter(stage__in=SALES_STAGES, due_at__isnull=False)

    def at_risk(self, now: datetime) -> Q:
        """An agreed clock runs out within the next two working hours of the lead's team."""
        teams_until: dict[datetime, list[int]] = {}
        for team in self.tree.teams.values():
            teams_until.setdefault(at_risk_until(now, self.rules.hours(None, team)), []).append(team.pk)
        soon = Q(due_at__lte=at_risk_until(now, self.rules.company_hours), team=None)
        if len(teams_until) == 1:
            soon = Q(due_at__lte=next(iter(teams_until)))
        else:
            soon = reduce(or_, (Q(due_at__lte=until, team__in=ids) for until, ids in teams_until.items()), soon)
        return Q(due_clock__in=list(Lead.AGREED_CLOCKS), due_at__gt=now) & soon

    def reps(self, *, also: Collection[int] = ()) -> "QuerySet[User]":
        """The active reps of these teams, and whoever is named in `also`: managers with leads, those who left."""
        here = Q(team__in=self.team_ids, is_active=True, role=Role.REP) | Q(pk__in=list(also))
        return User.objects.filter(here).select_related("team__calendar").order_by("name", "pk")

    def has_rep(self, user: User) -> bool:
        return user.is_active and user.role == Role.REP and user.team_id in self.team_ids

"""The words we ask with. `visible_to` and `counted_for` are the doors to leads for pages, API, exports and reports."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q

from accounts.principals import Kind, Principal
from accounts.roles import Role
from funnel.lifecycle import MARKETING_STAGES, OPEN_STAGES

if TYPE_CHECKING:
    from funnel.models import Lead


def _own_and_teams(principal: Principal) -> list[Q]:
    in_teams = Q(team__in=principal.team_ids)
    if principal.role != Role.MANAGER:
        in_teams &= Q(owner=None)
    return [Q(owner=principal.user_id), in_teams]


class LeadQuerySet(models.QuerySet["Lead"]):
    def visible_to(self, principal: Principal) -> "LeadQuerySet":
        """The leads this principal may know of. Outside it a lead does not exist: pages and API answer 404.

        A rep: his own and his team's pool. A manager: his subtree. Marketing, admin: all. An API key: the leads
        known to its source. Nobody: those that were erased.
        """
        return self.counted_for(principal).filter(erased_at=None)

    def counted_for(self, principal: Principal) -> "LeadQuerySet":
        """The same with those that were erased: reports count them, and their page says what became of them."""
        leads = self.filter(merged_into=None)
        if principal.kind is Kind.API_KEY:
            return leads.known_to(principal.source)
        if principal.sees_everything:
            return leads
        if principal.user_id is None:
            return leads.none()  # `owner=None` would mean the pool of every team
        return leads.filter(reduce(or_, _own_and_teams(principal)))

    def in_scope_apart(self, principal: Principal) -> "list[LeadQuerySet]":
        """Those of these leads that he owns, and those that he sees by his teams: each found by an index of its own.

        For the scope of a rep or a manager. Of a manager's own leads some may be in both.
        """
        return [self.filter(merged_into=None).filter(part) for part in _own_and_teams(principal)]

    def known_to(self, source: str) -> "LeadQuerySet":
        """Leads that have an identity in this system."""
        identities = apps.get_model("funnel", "LeadIdentity").objects  # models import this module
        return self.filter(Exists(identities.filter(lead=OuterRef("pk"), source=source)))

    def open(self) -> "LeadQuerySet":
        return self.filter(stage__in=OPEN_STAGES)

    def to_sweep(self, now: datetime) -> "LeadQuerySet":
        """Leads for which the sweep has something to do at `now`, the longest waiting first."""
        return self.filter(sweep_at__lte=now).order_by("sweep_at", "id")

    def lock_free(self, *needed: str) -> "list[Lead]":
        """Lock those that nobody else holds, and only then read them with what is `needed`, in the same order.

        What a locking statement joins may be older than its lock.
        """
        # On SQLite there is one writer at a time anyway.
        locked = self.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        ids = list(locked.values_list("pk", flat=True))
        found = self.model.objects.select_related(*needed).in_bulk(ids)
        return [found[one] for one in ids]

    def in_black_hole(self) -> "LeadQuerySet":
        return self.filter(flags__kind="black_hole", flags__cleared_at=None)

    def in_marketing(self) -> "LeadQuerySet":
        return self.filter(stage__in=MARKETING_STAGES)

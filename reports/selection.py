"""Which facts a report counts: those of the leads its reader may see that its filters leave, as of an instant."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Model, Q, QuerySet, Value

from accounts.models import subtree_ids
from accounts.principals import Kind, Principal
from accounts.roles import Role
from funnel.models import Lead
from reports.days import company_day, company_zone, end_of
from reports.models import Cycle, LeadFact, Stay
from reports.models.facts import FactQuerySet
from reports.parameters import InvalidParameter, Parameters
from reports.period import Period

# Answers a query that counts and sums with its rows.
Tally = Callable[["QuerySet[Any]"], Iterable[dict[str, Any]]]


@dataclass(frozen=True)
class Selection:
    """`as_of` is None where all that is known counts. `by_cohort`: the period is that of the leads' creation, else
    that of the facts themselves: of a hand-off its day, of a move its day. `tally` counts: from what is kept of earlier
    answers, where there is something.
    """

    principal: Principal
    parameters: Parameters
    now: datetime
    period: Period
    as_of: datetime | None
    by_cohort: bool
    tally: Tally = list

    @property
    def at(self) -> datetime:
        """The instant that the figures are of."""
        return self.as_of or self.now

    @property
    def may_be_kept(self) -> bool:
        """Whether what it counts changes with the facts alone, and others will ask for the same."""
        principal = self.principal
        is_shared = principal.sees_everything or principal.role == Role.MANAGER
        return (
            self.as_of is None
            and is_shared
            and principal.kind is not Kind.API_KEY
            and not self.parameters.get("segment")
        )

    def number(self, facts: "QuerySet[Any]") -> int:
        """How many there are."""
        counted = facts.order_by().annotate(each=Value(1)).values("each").annotate(number=Count("pk"))
        return sum(row["number"] for row in self.tally(counted))

    def visible(self) -> int:
        """How many leads the reader may see, whatever he filters by."""
        return self.number(replace(self, parameters=Parameters({}, {}), period=Period(), as_of=None).leads())

    def leads(self) -> FactQuerySet:
        """One row a lead, by its day of creation."""
        return self._of(LeadFact.objects.as_of(self.as_of), by_cohort=True)

    def stays(self) -> FactQuerySet:
        """One row for each stage a lead was in."""
        return self._of(Stay.objects.as_of(self.as_of), by_cohort=self.by_cohort)

    def stays_now(self) -> FactQuerySet:
        """The stage in which each lead is: one row a lead, by its day of creation."""
        return self._of(Stay.objects.as_of(self.as_of).filter(self.lasting("left_at")), by_cohort=True)

    def cycles(self) -> FactQuerySet:
        """One row a hand-off."""
        return self._of(Cycle.objects.as_of(self.as_of), by_cohort=self.by_cohort)

    def lasting(self, end: str) -> Q:
        """Of what has an end: it had not come yet."""
        return Q(**{end: None}) | Q(**{f"{end}__gt": self.as_of}) if self.as_of else Q(**{end: None})

    def happened(self, at: str) -> Q:
        """Of what may happen once: it had."""
        return Q(**{f"{at}__lte": self.as_of}) if self.as_of else Q(**{f"{at}__isnull": False})

    def of_leads(self, rows: "QuerySet[Model]", path: str = "lead", *, at: str = "") -> "QuerySet[Model]":
        """The same filters for rows of other tables that belong to leads by `path`.

        `at`: their own instant, for reports that go by event; without it the leads' day of creation counts.
        """
        by_cohort = self.by_cohort or not at
        chosen = self._of(LeadFact.objects.all(), by_cohort=True, period=self.period if by_cohort else Period())
        if not by_cohort:
            rows = rows.filter(self.period.holds(at, company_zone()))
        if at and self.as_of:
            rows = rows.filter(**{f"{at}__lte": self.as_of})
        return rows.filter(**{f"{path}__in": chosen.values("lead")})

    def _of(self, facts: FactQuerySet, *, by_cohort: bool, period: Period | None = None) -> FactQuerySet:
        facts = facts.filter((self.period if period is None else period).days("cohort_day" if by_cohort else "day"))
        if not self.principal.sees_everything:
            facts = facts.filter(lead__in=Lead.objects.counted_for(self.principal).values("pk"))
        return facts.filter(self._chosen(facts.model))

    def _chosen(self, model: type[Model]) -> Q:
        """What the reader has filtered by. A report has only the parameters that it declares."""
        condition = Q()
        for name in ("channel", "campaign", "owner"):
            if chosen := self.parameters.get(name):
                condition &= Q(**{name: chosen})
        if team := self.parameters.get("team"):
            condition &= Q(team__in=subtree_ids({team.pk}))
        if segment := self.parameters.get("segment"):
            condition &= segment.condition
        if agreement := self.parameters.get("agreement"):
            under_it = Cycle.objects.filter(agreement=agreement)
            condition &= Q(agreement=agreement) if model is Cycle else Q(lead__in=under_it.values("lead"))
        return condition


def select(principal: Principal, parameters: Parameters, now: datetime) -> Selection:
    """Raises InvalidParameter where the period ends before it begins."""
    first, last, day = parameters.get("from"), parameters.get("to"), parameters.get("as_of")
    if first and last and first > last:
        raise InvalidParameter(f"from: {first} is later than the end of the period, {last}.")
    is_past = day is not None and day < company_day(now)
    return Selection(
        principal=principal,
        parameters=parameters,
        now=now,
        period=Period(first, last),
        as_of=end_of(day) if is_past else None,
        by_cohort=parameters.get("dates") != "event",
    )

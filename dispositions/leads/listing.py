"""The list of leads: a page of those that the filters leave, in the order asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.expressions import OrderBy

from accounts.principals import Principal
from accounts.roles import Role
from dispositions.desk.countdown import Countdown, countdown
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from funnel.find import SHOWN, find_leads
from funnel.lifecycle import Stage
from funnel.models import Flag, Lead
from funnel.querysets import LeadQuerySet

PAGE = 50
COUNTED = 1_000
LAST_PAGE = 1_000
CHOSEN = 500

Order = tuple[OrderBy, ...]


def _order(column: str, *, down: bool) -> Order:
    """The newest or largest first where `down`; what is unknown comes last in either."""
    nulls_last = True if Lead._meta.get_field(column).null else None  # else the index of the column would not serve
    if down:
        return F(column).desc(nulls_last=nulls_last), F("pk").desc()
    return F(column).asc(nulls_last=nulls_last), F("pk").asc()


_COLUMNS = {
    "due": "due_at",
    "created": "created_at",
    "amount": "amount",
    "name": "last_name",
    "said": "last_disposition_at",
}
SORTS: Mapping[str, Order] = {name: _order(column, down=False) for name, column in _COLUMNS.items()} | {
    f"-{name}": _order(column, down=True) for name, column in _COLUMNS.items()
}
BEST = ""  # of a search: the best match first


@dataclass(frozen=True)
class Row:
    """A lead as the list shows it. `said`: what sales said last."""

    lead: Lead
    countdown: Countdown | None
    flag: Flag.Kind | None
    said: Disposition | None

    @property
    def stage(self) -> Stage:
        return Stage(self.lead.stage)

    @property
    def who(self) -> str:
        return " · ".join(filter(None, (self.lead.title, str(self.lead.company or ""))))


@dataclass(frozen=True)
class Listing:
    """`count` stops at 1,000, of a search at 200; `counts_on`: there are more. `first`: the place of the first row."""

    rows: Sequence[Row]
    first: int
    count: int
    counts_on: bool
    page: int
    has_next: bool
    searched: bool

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def default_sort(principal: Principal, *, searched: bool) -> str:
    """A rep works by deadline; everybody else looks at what is new."""
    if searched:
        return BEST
    return "due" if principal.role == Role.REP else "-created"


def listing(
    leads: LeadQuerySet, principal: Principal, *, asked: str, sort: str, page: int, now: datetime, whole: bool
) -> Listing:
    """One page. `leads`: what the filters leave of the principal's scope; `whole`: they leave all of it.

    Four queries, two more for a search; none of them depends on how many rows there are.
    """
    start = (page - 1) * PAGE
    if asked:
        ids, counts_on = _found(leads, principal, asked, sort, whole=whole)
        shown, count = ids[start : start + PAGE + 1], len(ids)
    else:
        shown = list(leads.order_by(*SORTS[sort]).values_list("pk", flat=True)[start : start + PAGE + 1])
        count = leads.order_by()[: COUNTED + 1].count()
        counts_on = count > COUNTED
    return Listing(
        rows=rows_of(shown[:PAGE], now=now),
        first=start + 1,
        count=min(count, COUNTED),
        counts_on=counts_on,
        page=page,
        has_next=len(shown) > PAGE,
        searched=bool(asked),
    )


def chosen_ids(leads: LeadQuerySet, principal: Principal, *, asked: str, sort: str, whole: bool) -> list[int]:
    """Up to 500 leads of the list, for what is done to all that match."""
    if asked:
        return _found(leads, principal, asked, sort, whole=whole)[0]
    return list(leads.order_by(*SORTS[sort]).values_list("pk", flat=True)[:CHOSEN])


def _found(leads: LeadQuerySet, principal: Principal, asked: str, sort: str, *, whole: bool) -> tuple[list[int], bool]:
    found = find_leads(asked, principal, among=None if whole else leads)
    ids = list(found.ids)
    if sort != BEST:
        ids = list(Lead.objects.filter(pk__in=ids).order_by(*SORTS[sort]).values_list("pk", flat=True)[:SHOWN])
    return ids, found.more


def rows_of(ids: Sequence[int], *, now: datetime) -> list[Row]:
    """In the order of `ids`. Two queries."""
    flag = Flag.objects.filter(lead=OuterRef("pk"), cleared_at=None).values("kind")
    related = Lead.objects.select_related("company", "channel", "campaign", "owner", "team")
    leads: dict[int, Any] = related.annotate(open_flag=Subquery(flag[:1])).in_bulk(ids)
    said = last_said(ids)
    return [
        Row(
            lead=leads[pk],
            countdown=countdown(leads[pk].due_at, now),
            flag=Flag.Kind(leads[pk].open_flag) if leads[pk].open_flag else None,
            said=said.get(pk),
        )
        for pk in ids
        if pk in leads
    ]


def last_said(ids: Sequence[int]) -> dict[int, Disposition]:
    """What was taken back does not count."""
    stands = Disposition.objects.filter(corrected_by=None).exclude(outcome=Outcome.UNDO)
    newest = stands.filter(lead=OuterRef("pk")).order_by("-seq").values("pk")[:1]
    wanted = Lead.objects.filter(pk__in=ids).annotate(said=Subquery(newest)).values("said")
    return {one.lead_id: one for one in Disposition.objects.filter(pk__in=wanted).select_related("reason")}

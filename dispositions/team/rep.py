"""One rep as he sees himself: his lanes, what he did, and what is at risk; within the manager's own scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery

from accounts.models import User
from accounts.presence import Presence
from dispositions.desk.queue import LANE_TITLES, Lane, Row, row_of
from dispositions.desk.tally import Tally, tally_of
from dispositions.team.at_risk import Risk, at_risk
from dispositions.team.outlook import Outlook
from dispositions.team.workload import presence_of
from funnel.models import Flag

SHOWN = 200


@dataclass(frozen=True)
class LaneOf:
    lane: Lane
    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class RepPage:
    """`lanes`: his leads and the pool of his team, as his own queue has them. `more`: there are some not shown."""

    rep: User
    presence: Presence
    tally: Tally
    open: int
    overdue: int
    risks: Sequence[Risk]
    lanes: Sequence[LaneOf]
    more: bool

    @property
    def is_busy(self) -> bool:
        return any(lane.rows for lane in self.lanes)


def rep_page(rep: User, outlook: Outlook, *, now: datetime) -> RepPage:
    """Four queries. Needs `team.calendar` of the rep."""
    leads = _leads(rep, outlook)
    rows = [row for lead in leads[:SHOWN] if (row := row_of(lead, rep.principal, now, flag=_flag(lead)))]
    missed = Count("pk", filter=Q(due_at__lte=now))
    counts = outlook.with_sales.filter(owner=rep).aggregate(open=Count("pk"), overdue=missed)
    return RepPage(
        rep=rep,
        presence=presence_of(rep, outlook, now),
        tally=tally_of(rep.pk, now),
        open=counts["open"],
        overdue=counts["overdue"],
        risks=at_risk(outlook, owners=[rep.pk], now=now),
        lanes=[LaneOf(lane, LANE_TITLES[lane], [row for row in rows if row.lane is lane]) for lane in Lane],
        more=len(leads) > SHOWN,
    )


def _leads(rep: User, outlook: Outlook) -> Sequence[Any]:
    """One more than are shown, to know whether there are more; each with its open `flag_kind`."""
    flag = Flag.objects.filter(lead=OuterRef("pk"), cleared_at=None).values("kind")
    his = Q(owner=rep, due_at__isnull=False) | Q(owner=None, team=rep.team_id, due_at__isnull=False)
    leads = outlook.leads.filter(his).select_related("company", "channel").annotate(flag_kind=Subquery(flag[:1]))
    return list(leads.order_by("due_at", "pk")[: SHOWN + 1])


def _flag(lead: Any) -> Flag.Kind | None:
    return Flag.Kind(lead.flag_kind) if lead.flag_kind else None

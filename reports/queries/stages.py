"""Where the leads of a cohort are now, and which stages they ever reached."""

from django.db.models import Case, Count, Q, Sum, When

from funnel.lifecycle import OPEN_STAGES, Move, Stage
from funnel.models import HandOff, StageChange
from funnel.querysets import LeadQuerySet
from reports.queries.grouping import Grouping, Key

Counts = dict[Key, dict[str, int]]


def leads_by_stage(leads: LeadQuerySet, by: Grouping) -> Counts:
    """Every lead once: won + lost + no_decision + disqualified + open = leads."""
    rows = (
        leads.order_by()
        .values(*by.fields)
        .annotate(
            leads=Count("pk"),
            won=Count("pk", filter=Q(stage=Stage.WON)),
            lost=Count("pk", filter=Q(stage=Stage.LOST)),
            no_decision=Count("pk", filter=Q(stage=Stage.NO_DECISION)),
            disqualified=Count("pk", filter=Q(stage=Stage.DISQUALIFIED)),
            open=Count("pk", filter=Q(stage__in=OPEN_STAGES)),
        )
    )
    names = ("leads", "won", "lost", "no_decision", "disqualified", "open")
    return {by.key(row): {name: row[name] for name in names} for row in rows}


def cycles(leads: LeadQuerySet, by: Grouping) -> Counts:
    """Leads ever handed off, and their hand-offs: a recycled lead has several."""
    rows = (
        leads.filter(hand_offs__isnull=False)
        .order_by()
        .values(*by.fields)
        .annotate(
            mqls=Count("pk", distinct=True),
            passages=Count("hand_offs"),
            accepted=Count("hand_offs__accepted_at"),
            refused=Count("hand_offs", filter=Q(hand_offs__outcome=HandOff.Outcome.REFUSED)),
        )
    )
    return {
        by.key(row): {
            "mqls": row["mqls"],
            "hand_offs": row["passages"],
            "accepted": row["accepted"],
            "refused": row["refused"],
        }
        for row in rows
    }


def ever_qualified(leads: LeadQuerySet, by: Grouping) -> Counts:
    """Leads that ever reached SQL. A qualification that its author took back within minutes never was one."""
    taken_back = Q(old=Stage.SQL, move=Move.UNDO)
    entries = StageChange.objects.filter(Q(new=Stage.SQL) & ~Q(move=Move.UNDO) | taken_back)
    reached = (
        entries.order_by()
        .values("lead")
        .annotate(net=Sum(Case(When(taken_back, then=-1), default=1)))
        .filter(net__gt=0)
    )
    rows = leads.filter(pk__in=reached.values("lead")).order_by().values(*by.fields).annotate(sqls=Count("pk"))
    return {by.key(row): {"sqls": row["sqls"]} for row in rows}

"""What sales said in a week, read off its dispositions, and what it plans for the week after.

What somebody says is his, whoever has the lead by now: a rep gets his own, a manager what the people of his subtree
said, marketing and admins all, an API key what was said of the leads that its system knows.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, DateField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncDate, TruncMonth, TruncWeek

from accounts.models import User, subtree_ids
from accounts.principals import Kind
from accounts.roles import Role
from dispositions.models import Disposition
from dispositions.outcomes import RULES, Outcome
from funnel.lifecycle import SALES_STAGES, Stage
from funnel.models import Lead, StageChange
from reports.days import company_day, company_zone
from reports.facts.stays import VOIDING
from reports.models import LeadFact
from reports.parameters import InvalidParameter
from reports.period import Period
from reports.queries.amounts import Amounts, Rates
from reports.rows import RowsBy
from reports.selection import Selection
from reports.weeks import DAY, Week, usual_week

ATTEMPTS = tuple(rule.outcome for rule in RULES.values() if rule.is_attempt)
CONTACTS = tuple(rule.outcome for rule in RULES.values() if rule.is_contact)
WORK = (*ATTEMPTS, *CONTACTS)
# What can be counted of dispositions. Work on a lead that waited to be accepted accepts it too.
SAID: Mapping[str, Q] = {
    "dispositions": Q(),
    "attempts": Q(outcome__in=ATTEMPTS),
    "conversations": Q(outcome__in=CONTACTS),
    "meetings": Q(outcome=Outcome.MEETING_SET),
    "accepted": Q(outcome__in=(Outcome.ACCEPT, *WORK), before__lead__stage=Stage.MQL),
    "refused": Q(outcome=Outcome.REFUSE),
    "qualified": Q(outcome=Outcome.QUALIFY),
    "won": Q(outcome=Outcome.WON),
    "lost": Q(outcome=Outcome.LOST),
    "no_decision": Q(outcome=Outcome.NO_DECISION),
    "disqualified": Q(outcome=Outcome.DISQUALIFY),
    "recycled": Q(outcome=Outcome.RECYCLE),
}
WEEKS_OF_TREND = 8


@dataclass(frozen=True)
class WeekFacts:
    """`said`, `before`: by the names of SAID, in the week and in the one before it. `steps`: None where not known."""

    said: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    won: Amounts = field(default_factory=Amounts)
    steps: int | None = None

    def __add__(self, more: "WeekFacts") -> "WeekFacts":
        steps = None if self.steps is None and more.steps is None else (self.steps or 0) + (more.steps or 0)
        return WeekFacts(self.said + more.said, self.before + more.before, self.won + more.won, steps)

    def __getitem__(self, name: str) -> int:
        return self.said[name]

    def change(self, name: str) -> int:
        return self.said[name] - self.before[name]


def week_of(selection: Selection) -> Week:
    """The one that was asked for, else the usual one. Raises InvalidParameter where it has not begun."""
    asked: Week | None = selection.parameters["week"]
    if asked is None:
        return usual_week(selection.principal, Week.last_full(selection.at).following)
    if asked.monday > company_day(selection.at):
        raise InvalidParameter(f"week: {asked} begins on {asked.monday}, which has not come yet.")
    return asked


def said(selection: Selection, period: Period, until: datetime) -> "QuerySet[Any]":
    """The dispositions that stand, up to an instant. `rep`, `rep_team`: of who said it; `on_day`: on the company's day.

    What was taken back, corrected or overruled does not stand; as of a past day it does until then.
    """
    stands = Q(corrected_by=None)
    later = StageChange.objects.filter(lead=OuterRef("lead"), seq__gt=OuterRef("last_seq"))
    if selection.as_of:
        stands |= Q(corrected_by__at__gt=selection.as_of)
        later = later.filter(at__lte=selection.as_of)
    followed_by = Coalesce(Subquery(later.order_by("seq").values("move")[:1]), Value(""))
    rows = (
        Disposition.objects.filter(stands, _of_people(selection, "by", "by__team"), period.holds("at", company_zone()))
        .filter(at__lte=until)
        .exclude(outcome=Outcome.UNDO)
        .alias(followed_by=followed_by)
        .filter(Q(outcome__in=WORK) | ~Q(followed_by__in=VOIDING))
    )
    if selection.principal.kind is Kind.API_KEY:
        rows = rows.filter(lead__in=Lead.objects.counted_for(selection.principal).values("pk"))
    return rows.annotate(rep=F("by"), rep_team=F("by__team"), on_day=TruncDate("at", tzinfo=company_zone()))


def counted(selection: Selection, name: str) -> "QuerySet[Any]":
    return said(selection, week_of(selection).period, selection.at).filter(SAID[name])


def planned(selection: Selection) -> "QuerySet[Any]":
    """Leads in sales with a next step in the week after, as planned now; `rep` is who has the lead."""
    period = week_of(selection).following.period
    leads = Lead.objects.counted_for(selection.principal).filter(
        period.holds("next_action_at", company_zone()), stage__in=SALES_STAGES
    )
    rows = LeadFact.objects.filter(_of_people(selection, "owner", "owner__team"), lead__in=leads.values("pk"))
    day = TruncDate("lead__next_action_at", tzinfo=company_zone())
    return rows.annotate(rep=F("owner"), rep_team=F("owner__team"), on_day=day)


def _of_people(selection: Selection, person: str, team: str) -> Q:
    """Those of whom the reader gets figures, that his filters leave. `person`, `team`: from the rows to theirs."""
    principal, parameters = selection.principal, selection.parameters
    condition = Q()
    if not principal.sees_everything and principal.kind is not Kind.API_KEY:
        condition = Q(**{person: principal.user_id})
        if principal.role == Role.MANAGER:
            condition |= Q(**{f"{team}__in": principal.team_ids})
    if chosen := parameters["owner"]:
        condition &= Q(**{person: chosen.pk})
    if chosen := parameters["team"]:
        condition &= Q(**{f"{team}__in": subtree_ids({chosen.pk})})
    return condition


def week_facts(selection: Selection, week: Week, kind: RowsBy, rates: Rates) -> dict[Any, WeekFacts]:
    """By what a row stands for. Whoever could have said something has a row, also where he said nothing."""
    now = _counts(selection, week.period, selection.at, kind)
    before = _counts(selection, week.ago(1).period, _a_week_before(selection.at), kind)
    if kind.name == "day":  # a day stands beside the same day of the week before
        before = {day + 7 * DAY: counts for day, counts in before.items()}
    won = _won(selection, week, kind, rates)
    steps = _steps(selection, week, kind)
    keys = {*now, *before, *(steps or ()), *_expected(selection, week, kind)}
    return {
        key: WeekFacts(
            now.get(key, Counter()),
            before.get(key, Counter()),
            won.get(key, Amounts()),
            None if steps is None else steps.get(key, 0),
        )
        for key in keys
    }


def _a_week_before(at: datetime) -> datetime:
    """At the same time of day, whatever the clocks did meanwhile."""
    return at.astimezone(company_zone()) - timedelta(days=7)


def _counts(selection: Selection, period: Period, until: datetime, kind: RowsBy) -> dict[Any, Counter[str]]:
    rows = kind.of(said(selection, period, until)).order_by().values("row")
    counts = {name: Count("pk", filter=one) if one else Count("pk") for name, one in SAID.items()}
    return {row.pop("row"): Counter(row) for row in rows.annotate(**counts)}


def _won(selection: Selection, week: Week, kind: RowsBy, rates: Rates) -> dict[Any, Amounts]:
    """At the rate of the month in which it was won."""
    month = TruncMonth("at", tzinfo=company_zone(), output_field=DateField())
    won = kind.of(said(selection, week.period, selection.at).filter(SAID["won"])).order_by()
    rows = won.values("row", currency=F("lead__currency"), month=month).annotate(
        count=Count("pk"), known=Count("lead__amount"), total=Sum("lead__amount")
    )
    found: dict[Any, Amounts] = {}
    for row in rows:
        amounts = Amounts.of(
            currency=row["currency"],
            count=row["count"],
            known=row["known"],
            total=row["total"],
            rate=rates.of_month(row["currency"], row["month"]),
        )
        found[row["row"]] = found.get(row["row"], Amounts()) + amounts
    return found


def _steps(selection: Selection, week: Week, kind: RowsBy) -> dict[Any, int] | None:
    """A day has none of the week after."""
    if kind.name == "day" or not _plans_are_known(selection, week):
        return None
    return dict(kind.of(planned(selection)).order_by().values_list("row").annotate(Count("pk")))


def steps_in_all(selection: Selection, week: Week) -> int | None:
    return planned(selection).count() if _plans_are_known(selection, week) else None


def _plans_are_known(selection: Selection, week: Week) -> bool:
    """They are kept as they are now: of a week that is over nobody knows what was planned for it."""
    return selection.as_of is None and week.following.sunday >= company_day(selection.now)


def _expected(selection: Selection, week: Week, kind: RowsBy) -> set[Any]:
    """The reps, their teams or the days of which there is a row in any case."""
    if kind.name == "day":
        days = [week.monday + number * DAY for number in range(7)]
        return {day for day in days if day <= company_day(selection.at)}
    if selection.principal.kind is Kind.API_KEY:
        return set()
    reps = User.objects.filter(_of_people(selection, "pk", "team"), role=Role.REP, is_active=True)
    return set(reps.order_by().values_list("pk" if kind.name == "owner" else "team", flat=True))


def trend_facts(selection: Selection, week: Week) -> dict[date, Counter[str]]:
    """By the Monday of each week, up to this one; weeks in which nobody said anything are left out."""
    period = Period(week.ago(WEEKS_OF_TREND - 1).monday, week.sunday)
    rows = said(selection, period, selection.at).order_by()
    monday = TruncWeek("at", tzinfo=company_zone(), output_field=DateField())
    names = ("attempts", "conversations", "qualified", "won")
    counts = {name: Count("pk", filter=SAID[name]) for name in names}
    return {row.pop("monday"): Counter(row) for row in rows.values(monday=monday).annotate(**counts)}

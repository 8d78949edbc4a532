"""The funnel: how many leads got how far, how long it took them, and where they fell out or went back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import accumulate, chain

from django.db.models import F
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format

from accounts.formats import rounded, whole
from funnel.lifecycle import CLOSED_STAGES, Stage
from reports.charts import Cohort, Flow, Node, lay_out_heatmap, lay_out_sankey
from reports.days import company_day
from reports.engine import Behind, CatalogueEntry, Drilling
from reports.filters import BY_COHORT, COMMON_PARAMETERS
from reports.measures.measure import Measure, columns_of, count, days, figures_of, rate, share
from reports.parameters import Option, choice
from reports.queries import funnel as queries
from reports.queries.funnel import CohortFacts, StageFacts
from reports.report import Chart, Contents, Definition, Figure, definitions_of
from reports.rows import RowsBy, by_value, fixed_names, in_month, month_names
from reports.selection import Selection

BY = choice(
    "by",
    "Rows",
    [Option("stage", "Stages"), Option("cohort", "Months")],
    text="What a row stands for: stage, or cohort (the leads created in a month).",
)
MONTHS_AT_MOST = 12

STAGE_MEASURES: tuple[Measure[StageFacts], ...] = (
    count("entered", "Leads", lambda facts: facts.leads, "Leads that ever were in the stage, each once."),
    count(
        "entries",
        "Entries",
        lambda facts: facts.entries,
        "How often a lead entered it: a recycled lead does several times. What was undone or corrected does not count.",
    ),
    count("here", "There now", lambda facts: facts.here, "Leads that are in it now."),
    count("forward", "Forward", lambda facts: facts.forward, "Entries that went on towards the customer."),
    count("backward", "Back", lambda facts: facts.backward, "Entries that went back: to marketing, or a stage down."),
    count("out", "Fell out", lambda facts: facts.out, "Entries that ended in lost, no decision or disqualified."),
    rate(
        "conversion",
        "Conversion",
        lambda facts: share(facts.forward, facts.entries - facts.here),
        "Entries that went forward, of those that have left the stage.",
    ),
    days("median_days", "Median", lambda facts: facts.stayed.median, "Half of those that left stayed no longer."),
    days("p90_days", "90th percentile", lambda facts: facts.stayed.p90, "Nine in ten stayed no longer."),
)
REACHED = (
    ("mqls", "MQL", Stage.MQL),
    ("sals", "SAL", Stage.SAL),
    ("sqls", "SQL", Stage.SQL),
    ("won", "Won", Stage.WON),
)


def _reaching(key: str, label: str, stage: Stage) -> tuple[Measure[CohortFacts], Measure[CohortFacts]]:
    return (
        count(key, label, lambda facts: facts.reached.get(stage, 0), f"Those of them that ever reached {label}."),
        rate(
            f"{key}_rate",
            f"{label} of leads",
            lambda facts: share(facts.reached.get(stage, 0), facts.leads),
            "Their share.",
        ),
    )


COHORT_MEASURES: tuple[Measure[CohortFacts], ...] = (
    count("leads", "Leads", lambda facts: facts.leads, "Leads created in the month."),
    *chain.from_iterable(_reaching(*one) for one in REACHED),
)
BY_STAGE = RowsBy(
    *("stage", "Stage", "Stages", F("stage"), fixed_names({stage.value: stage.label for stage in Stage})),
    narrow=by_value("stage"),
)
BY_COHORT_MONTH = RowsBy(
    *("month", "Created in", "Months", TruncMonth("cohort_day"), month_names),
    narrow=lambda facts, month: in_month(facts, month, "cohort_day"),
)
KINDS = {"stage": BY_STAGE, "cohort": BY_COHORT_MONTH}
STAGE, STAGE_SLUG = BY_STAGE.columns
MONTH, MONTH_SLUG = BY_COHORT_MONTH.columns


def compute(selection: Selection) -> Contents:
    return _by_cohort(selection) if selection.parameters["by"] == "cohort" else _by_stage(selection)


def _by_stage(selection: Selection) -> Contents:
    facts = queries.stage_facts(selection)
    columns = (STAGE, STAGE_SLUG, *columns_of(STAGE_MEASURES))
    rows = tuple(
        {STAGE.key: one.stage.label, STAGE_SLUG.key: one.stage.value, **figures_of(STAGE_MEASURES, one)}
        for one in facts
    )
    return Contents(
        headline=_headline(facts, selection),
        columns=columns,
        rows=rows,
        charts=(_flow(selection),) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _headline(facts: Sequence[StageFacts], selection: Selection) -> tuple[Figure, ...]:
    by_stage = {one.stage: one for one in facts}

    def reached(stage: Stage) -> int:
        return by_stage[stage].leads if stage in by_stage else 0

    way = (Stage.MQL, Stage.SAL, Stage.SQL, Stage.WON)
    leads = selection.number(selection.leads()) if selection.by_cohort else None
    begun = (Figure("leads", "Leads", leads),) if leads is not None else ()
    before = dict(zip(way, (None, *way), strict=False))
    return begun + tuple(
        Figure(
            stage.value,
            stage.label,
            reached(stage),
            note=_of_before(reached(stage), leads if previous is None else reached(previous), previous),
        )
        for stage, previous in before.items()
    )


def _of_before(number: int, before: int | None, stage: Stage | None) -> str:
    rate = share(number, before or 0)
    return "" if rate is None else f"{rounded(rate * 100, 1)}% of {f'{stage.label}s' if stage else 'leads'}"


# Towards the customer from left to right; what goes back or falls out ends beside the stage that it left.
_PLACE = {Stage.INQUIRY: 0, Stage.NURTURE: 0, Stage.MQL: 1, Stage.SAL: 2, Stage.SQL: 3, Stage.WON: 4}


def _flow(selection: Selection) -> Chart:
    nodes: dict[str, Node] = {}
    running: list[Flow] = []
    for (old, new), number in queries.flows_between(selection).items():
        if old in CLOSED_STAGES:
            continue
        source, target = Node(old.value, old.label, _PLACE[old]), _target(old, new)
        nodes |= {source.key: source, target.key: target}
        running.append(Flow(source.key, target.key, number, whole(number)))
    placed = sorted(nodes.values(), key=lambda one: (one.column, list(Stage).index(Stage(one.key.partition(":")[0]))))
    told = [f"{nodes[one.source].label} to {nodes[one.target].label.lower()}: {one.text}" for one in running]
    return Chart(
        title="Where leads went",
        summary=f"{'; '.join(told)}." if told else "No lead has moved yet.",
        data=tuple(running),
        drawing=lay_out_sankey([replace(one, text=_volume(one, running)) for one in placed], running),
    )


def _target(old: Stage, new: Stage) -> Node:
    if _PLACE.get(new, -1) > _PLACE[old]:
        return Node(new.value, new.label, _PLACE[new])
    label = f"Back to {new.label}" if new in _PLACE else new.label
    return Node(f"{new.value}:{old.value}", label, _PLACE[old] + 1)


def _volume(node: Node, flows: Sequence[Flow]) -> str:
    into = sum(flow.value for flow in flows if flow.target == node.key)
    out_of = sum(flow.value for flow in flows if flow.source == node.key)
    return whole(int(max(into, out_of)))


def _by_cohort(selection: Selection) -> Contents:
    cohorts = queries.cohort_facts(selection)
    columns = (MONTH, MONTH_SLUG, *columns_of(COHORT_MEASURES))
    rows = tuple(
        {
            MONTH.key: date_format(one.month, "YEAR_MONTH_FORMAT"),
            MONTH_SLUG.key: f"{one.month:%Y-%m}",
            **figures_of(COHORT_MEASURES, one),
        }
        for one in cohorts
    )
    return Contents(
        headline=_headline(queries.stage_facts(selection), selection),
        columns=columns,
        rows=rows,
        charts=(_ripening(cohorts, company_day(selection.at)),) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _ripening(cohorts: Sequence[CohortFacts], today: date) -> Chart:
    """The share of each month's leads that had been qualified by so many months later."""
    shown = list(reversed(cohorts[:MONTHS_AT_MOST]))
    drawn = tuple(_cohort(one, today) for one in shown)
    return Chart(
        title="Share of each month's leads that were SQL, by months since",
        summary=" ".join(f"{one.label}: {one.size}, {_last_known(one)}." for one in drawn),
        data=drawn,
        drawing=lay_out_heatmap(drawn),
    )


def _cohort(one: CohortFacts, today: date) -> Cohort:
    age = min(queries.months_between(one.month, today), MONTHS_AT_MOST - 1)
    reached = accumulate(one.qualified.get(number, 0) for number in range(age + 1))
    shares = tuple(share(number, one.leads) for number in reached)
    label = date_format(one.month, "YEAR_MONTH_FORMAT")
    return Cohort(label, f"{whole(one.leads)} leads", shares + (None,) * (MONTHS_AT_MOST - len(shares)))


def _last_known(cohort: Cohort) -> str:
    known = [one for one in cohort.shares if one is not None]
    return f"{rounded(known[-1] * 100, 1)}% qualified so far" if known else "nothing known yet"


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Stages",
            "Entries = there now + forward + back + fell out. Days are calendar days in the stage; those of imported "
            "dates that were filled in are left out. With “what happened then” the entries of the period count, else "
            "those of the leads created in it.",
        ),
    )


def _reached(stage: Stage) -> Behind:
    return lambda selection: queries.first_entries(selection).filter(stage=stage)


ENTRY = CatalogueEntry(
    name="funnel",
    title="Funnel",
    question="How many leads entered each stage, how many went on, went back or fell out, and how long did it take?",
    parameters=(*COMMON_PARAMETERS, BY_COHORT, BY),
    compute=compute,
    drilling=Drilling(
        figures={
            "leads": lambda selection: selection.leads(),
            "entered": queries.first_entries,
            "entries": queries.entries,
            "here": queries.here,
            "forward": queries.forward,
            "backward": queries.backward,
            "out": queries.out,
            **{key: _reached(stage) for key, _, stage in REACHED},
            **{stage.value: _reached(stage) for _, _, stage in REACHED},
        },
        kinds=KINDS,
    ),
    position=20,
)

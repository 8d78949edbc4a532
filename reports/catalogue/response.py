"""Speed to first disposition: how soon sales answers, whether it keeps the agreement, and what speed brings."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When

from accounts.formats import rounded, whole
from reports.bar_chart import bar_chart
from reports.charts import Bin, Mark, Segment, lay_out_distribution
from reports.charts import Row as Bar
from reports.engine import CatalogueEntry, Drilling, behind_each
from reports.filters import BY_EVENT, COMMON_PARAMETERS
from reports.measures.measure import share
from reports.measures.response import MEASURES, NAMES, compliance
from reports.measures.spread import Spread
from reports.queries.cycles import CycleFacts, counted, cycle_facts, together
from reports.report import Chart, Contents, Definition, Figure, Kind, definitions_of
from reports.rows import (
    BY_AGREEMENT,
    BY_CHANNEL,
    BY_MONTH,
    BY_OWNER,
    BY_TEAM,
    FILTERS,
    RowsBy,
    fixed_names,
    rows_by,
    table,
    total_row,
)
from reports.selection import Selection

# Working hours: from, up to, and what people call it.
SPEEDS = (
    (0, 1, "Within an hour"),
    (1, 2, "1–2 hours"),
    (2, 4, "2–4 hours"),
    (4, 8, "4–8 hours"),
    (8, 16, "8–16 hours"),
    (16, 40, "16–40 hours"),
    (40, None, "Later"),
)
_SPEED = Case(
    *(When(answered_in__lt=upper * 60, then=Value(lower)) for lower, upper, _ in SPEEDS if upper),
    When(answered_in__isnull=False, then=Value(SPEEDS[-1][0])),
    output_field=IntegerField(null=True),
)


def _at_speed(facts: "QuerySet[Any]", lower: str) -> "QuerySet[Any]":
    return facts.annotate(speed=_SPEED).filter(speed=int(lower)) if lower.isdecimal() else facts.none()


BY_SPEED = RowsBy(
    *("speed", "Answered", "Speed", _SPEED, fixed_names({lower: name for lower, _, name in SPEEDS}), "Not answered"),
    ordered=True,
    narrow=_at_speed,
)
KINDS = {one.name: one for one in (BY_OWNER, BY_TEAM, BY_MONTH, BY_CHANNEL, BY_AGREEMENT, BY_SPEED)}
HOURS_DRAWN = 24


def compute(selection: Selection) -> Contents:
    kind = KINDS[selection.parameters["by"]]
    facts = cycle_facts(selection, kind, NAMES)
    all_of_them = together(facts)
    columns, rows = table(kind, facts, MEASURES, largest=lambda one: one["hand_offs"])
    speeds = facts if kind is BY_SPEED else cycle_facts(selection, BY_SPEED, NAMES)
    return Contents(
        headline=_headline(all_of_them),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, all_of_them, MEASURES),) if rows else (),
        charts=(_speed(all_of_them.answers), _outcomes(speeds)) if all_of_them["answered"] else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _headline(facts: CycleFacts) -> tuple[Figure, ...]:
    kept = compliance(facts)
    return (
        Figure("hand_offs", "Hand-offs", facts["hand_offs"], note=f"{whole(facts['answered'])} answered"),
        Figure("median_hours", "Median answer", facts.answers.median, Kind.HOURS, note="working time"),
        Figure("p90_hours", "90th percentile", facts.answers.p90, Kind.HOURS, note="working time"),
        Figure("compliance", "SLA kept", kept, Kind.SHARE, state=_state(kept)),
        Figure("overdue", "Overdue now", facts["overdue"], state="bad" if facts["overdue"] else ""),
    )


def _state(kept: float | None) -> str:
    if kept is None:
        return ""
    return "good" if kept >= 0.9 else "warn" if kept >= 0.75 else "bad"


def _speed(answers: Spread) -> Chart:
    bins = tuple(
        Bin(hour, hour + 1, answers.between(hour, hour + 1 if hour < HOURS_DRAWN else None), _span(hour))
        for hour in range(HOURS_DRAWN + 1)
    )
    marks = [
        Mark(key, f"{label} {rounded(value, 1)} h", min(value, HOURS_DRAWN + 1))
        for key, label, value in (("median", "Median", answers.median), ("p90", "90th percentile", answers.p90))
        if value is not None
    ]
    told = "; ".join(f"{one.label}: {whole(one.count)}" for one in bins if one.count)
    return Chart(
        title="Working hours to the first answer",
        summary=f"{told}.",
        data=bins,
        drawing=lay_out_distribution(bins, marks=marks, unit=" h"),
        note=f"The last column has all of {HOURS_DRAWN} hours and more.",
    )


def _span(hour: int) -> str:
    return f"{hour} to {hour + 1} h" if hour < HOURS_DRAWN else f"{hour} h and more"


def _outcomes(facts: Mapping[Any, CycleFacts]) -> Chart:
    """Of a hundred answered so fast, how many were qualified or won."""
    names = {lower: name for lower, _, name in SPEEDS}
    bars = tuple(_bar(names[lower], facts[lower]) for lower, _, _ in SPEEDS if lower in facts)
    note = "Percent of the hand-offs answered at that speed."
    return bar_chart("What became of them, by speed of the answer", bars, note=note)


def _bar(name: str, facts: CycleFacts) -> Bar:
    won, qualified, accepted = (facts[key] for key in ("won", "qualified", "accepted"))
    parts = (
        ("won", "Won", won),
        ("sql", "Qualified, not won", max(qualified - won, 0)),
        ("sal", "Accepted, not qualified", max(accepted - max(qualified, won), 0)),
        ("lost", "Refused or withdrawn", max(facts["answered"] - max(accepted, qualified, won), 0)),
    )
    segments = tuple(
        Segment(key, label, round(part * 100, 1), f"{rounded(part * 100, 0)}%")
        for key, label, number in parts
        if (part := share(number, facts["answered"]))
    )
    return Bar(name, segments, text=whole(facts["answered"]))


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Answer",
            "The first thing sales says of a hand-off: accept, refuse, or an attempt, which accepts. Hours are working "
            "hours of whoever has the lead, in tenths; the median is a value that occurred.",
        ),
    )


ENTRY = CatalogueEntry(
    name="response",
    title="Response",
    question="How soon does sales answer what marketing hands over, and does speed win?",
    parameters=(*COMMON_PARAMETERS, BY_EVENT, rows_by(*KINDS.values())),
    compute=compute,
    drilling=Drilling(
        figures=behind_each(counted, "hand_offs", "answered", "kept", "late", "overdue"),
        filters=FILTERS,
        kinds=KINDS,
    ),
    group="Sales",
    position=40,
)

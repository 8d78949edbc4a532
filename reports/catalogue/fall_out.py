"""Fall-out: where and why leads leave, what they were worth, and which of them came back and bought."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import F

from accounts.formats import rounded, whole
from funnel.lifecycle import Stage
from reports.bar_chart import bar_chart
from reports.charts import Row as Bar
from reports.charts import Segment
from reports.engine import CatalogueEntry, Drilling, behind_each
from reports.filters import BY_EVENT, COMMON_PARAMETERS
from reports.measures.measure import Measure, count, grouped, money, rate, share
from reports.queries.amounts import Rates
from reports.queries.exits import ExitFacts, counted, exit_facts
from reports.report import Chart, Contents, Definition, Figure, Kind, Row, definitions_of
from reports.rows import (
    BY_CHANNEL,
    BY_MONTH,
    BY_OWNER,
    BY_REASON,
    FILTERS,
    RowsBy,
    by_value,
    fixed_names,
    rows_by,
    table,
    total_row,
)
from reports.selection import Selection

BARS_AT_MOST = 14


STAGE_NAMES = {stage.value: stage.label for stage in Stage}
BY_STAGE = RowsBy(
    *("left", "Left from", "Stages", F("before"), fixed_names(STAGE_NAMES)),
    narrow=by_value("before"),
)
BY_END = RowsBy(
    *("end", "Left to", "Ends", F("stage"), fixed_names({**STAGE_NAMES, "nurture": "Back to nurture"})),
    narrow=by_value("stage"),
)
BY_FINDER = RowsBy(
    "found_by",
    "Found by",
    "Who found them",
    F("self_sourced"),
    fixed_names({False: "Marketing", True: "Sales"}),
    narrow=lambda facts, code: facts.filter(self_sourced=code == "True"),
)
KINDS = {one.name: one for one in (BY_REASON, BY_STAGE, BY_END, BY_FINDER, BY_OWNER, BY_CHANNEL, BY_MONTH)}
PLACES = (
    ("from_marketing", "nurture", "from marketing"),
    ("from_mql", "mql", "from MQL"),
    ("from_sal", "sal", "from SAL"),
    ("from_sql", "sql", "from SQL"),
)


def _counted(key: str, label: str, meaning: str) -> Measure[ExitFacts]:
    return count(key, label, lambda facts: facts[key], meaning)


MEASURES: tuple[Measure[ExitFacts], ...] = (
    _counted("exits", "Left", "How often a lead left: back to nurture from sales, or to an end without a sale."),
    *grouped(
        "Left from",
        _counted("from_marketing", "Marketing", "Discarded before any hand-off."),
        _counted("from_mql", "MQL", "Refused, or disqualified at once."),
        _counted("from_sal", "SAL", "Left while sales worked on it."),
        _counted("from_sql", "SQL", "Left as a qualified opportunity."),
    ),
    *grouped(
        "Left to",
        _counted("recycled", "Nurture", "Went back to marketing, to be developed."),
        _counted("lost", "Lost", "Bought from somebody else."),
        _counted("no_decision", "No decision", "Bought from nobody."),
        _counted("disqualified", "Disqualified", "Never was a buyer."),
    ),
    money(
        "value",
        "Value of SQLs",
        lambda facts: facts.value.value,
        "Amounts of the opportunities among them, at the rate of the month in which they left.",
    ),
    *grouped(
        "Afterwards",
        _counted("came_back", "Came back", "Leads among them that are or were with sales again later."),
        rate(
            "back_rate", "Of those that left", lambda facts: share(facts["came_back"], facts["exits"]), "Their share."
        ),
        _counted("won_after", "Won after all", "Leads among them that became customers later."),
    ),
)


def compute(selection: Selection) -> Contents:
    kind = KINDS[selection.parameters["by"]]
    facts = exit_facts(selection, kind, Rates())
    everything = sum(facts.values(), start=ExitFacts())
    columns, rows = table(kind, facts, MEASURES, largest=lambda one: one["exits"])
    return Contents(
        headline=_headline(everything),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, everything, MEASURES),) if rows else (),
        charts=(_chart(kind, rows),) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _headline(facts: ExitFacts) -> tuple[Figure, ...]:
    worth = facts.value
    unknown = f"{whole(worth.left_out)} of unknown value" if worth.left_out else ""
    back = share(facts["came_back"], facts["exits"])
    return (
        Figure("exits", "Left", facts["exits"], note=f"{whole(facts['recycled'])} back to nurture"),
        Figure("from_sql", "Lost as SQL", facts["from_sql"]),
        Figure("value", "Value of SQLs", worth.value, Kind.MONEY, settings.REPORTING_CURRENCY, unknown),
        Figure(
            "came_back",
            "Came back",
            facts["came_back"],
            note="" if back is None else f"{rounded(back * 100, 1)}% of those that left",
        ),
        Figure("won_after", "Won after all", facts["won_after"], state="good" if facts["won_after"] else ""),
    )


def _chart(kind: RowsBy, rows: Sequence[Row]) -> Chart:
    name, _ = kind.columns
    shown, others = rows[:BARS_AT_MOST], rows[BARS_AT_MOST:]
    bars = [_bar(str(row[name.key]), row) for row in shown]
    if others:
        sums: Counter[str] = Counter()
        for row in others:
            sums.update({key: int(row[key] or 0) for key, *_ in PLACES})
        bars.append(_bar(f"{len(others)} others", sums))
    return bar_chart(f"Where leads left, by {kind.label.lower()}", bars)


def _bar(label: str, row: Any) -> Bar:
    segments = tuple(
        Segment(key, name, int(row[column]), whole(int(row[column]))) for column, key, name in PLACES if row[column]
    )
    return Bar(label, segments, text=whole(sum(int(one.value) for one in segments)))


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Leaving",
            "A lead that was recycled twice left twice. Undone dispositions, corrected results and overruled refusals "
            "are not counted.",
        ),
    )


ENTRY = CatalogueEntry(
    name="fall-out",
    title="Fall-out",
    question="Where and why do leads leave, what were they worth, and which came back and bought?",
    parameters=(*COMMON_PARAMETERS, BY_EVENT, rows_by(*KINDS.values())),
    compute=compute,
    drilling=Drilling(
        figures=behind_each(
            counted,
            *("exits", "from_marketing", "from_mql", "from_sal", "from_sql"),
            *("recycled", "lost", "no_decision", "disqualified", "came_back", "won_after"),
        ),
        filters=FILTERS,
        kinds=KINDS,
    ),
    position=35,
)

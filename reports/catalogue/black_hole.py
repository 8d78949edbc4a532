"""The Black Hole: who is in it, who was, how long, what it is worth, and what became of those that came out."""

from collections.abc import Sequence

from django.conf import settings

from accounts.formats import rounded, whole
from reports.bar_chart import bar_chart
from reports.charts import Row as Bar
from reports.charts import Segment, Series, lay_out_trend
from reports.engine import CatalogueEntry, Drilling, behind_each
from reports.filters import BY_EVENT, COMMON_PARAMETERS
from reports.measures.black_hole import MEASURES, follow_up, kept
from reports.measures.measure import share
from reports.queries import cycles
from reports.queries.amounts import Rates
from reports.queries.episodes import EpisodeFacts, counted, episode_facts
from reports.report import Chart, Contents, Definition, Figure, Kind, Row, definitions_of
from reports.rows import (
    BY_AGREEMENT,
    BY_CHANNEL,
    BY_MONTH,
    BY_OWNER,
    BY_TEAM,
    FILTERS,
    RowsBy,
    rows_by,
    table,
    total_row,
)
from reports.selection import Selection

KINDS = {one.name: one for one in (BY_OWNER, BY_TEAM, BY_CHANNEL, BY_MONTH, BY_AGREEMENT)}
BARS_AT_MOST = 14
MONTHS_AT_MOST = 24
PARTS = (
    ("black_hole", "inside", "Inside now"),
    ("recovered", "recovered", "Recovered"),
    ("on_time", "never", "Never inside"),
)


def compute(selection: Selection) -> Contents:
    kind, rates = KINDS[selection.parameters["by"]], Rates()
    facts = episode_facts(selection, kind, rates)
    everything = sum(facts.values(), start=EpisodeFacts())
    columns, rows = table(kind, facts, MEASURES, largest=lambda one: one["inside"] * 1_000_000 + one["ever"])
    return Contents(
        headline=_headline(everything),
        columns=columns,
        rows=rows,
        totals=(total_row(kind, everything, MEASURES),) if rows else (),
        charts=(_chart(kind, rows), *_trend(selection, rates)) if rows else (),
        definitions=definitions_of(columns, *_general_definitions()),
    )


def _headline(facts: EpisodeFacts) -> tuple[Figure, ...]:
    worth, ever = facts.hole.worth, share(facts["ever"], facts["hand_offs"])
    state = "bad" if facts["inside"] else ""
    about = ((facts.hole.estimated, "estimated"), (worth.left_out, "of unknown value"))
    unknown = ", ".join(f"{whole(number)} {what}" for number, what in about if number)
    return (
        Figure("inside", "Inside now", facts["inside"], note=f"of {whole(facts['hand_offs'])} hand-offs", state=state),
        Figure("value", "Value inside", worth.value, Kind.MONEY, settings.REPORTING_CURRENCY, unknown, state),
        Figure(
            "ever",
            "Ever inside",
            facts["ever"],
            note="" if ever is None else f"{rounded(ever * 100, 1)}% of hand-offs",
        ),
        Figure("follow_up", "Followed up", follow_up(facts), Kind.SHARE),
        Figure("compliance", "SLA kept", kept(facts), Kind.SHARE),
    )


def _chart(kind: RowsBy, rows: Sequence[Row]) -> Chart:
    name, _ = kind.columns
    bars = tuple(_bar(str(row[name.key]), row) for row in rows[:BARS_AT_MOST])
    return bar_chart(f"Hand-offs by {kind.label.lower()}", bars)


def _bar(label: str, row: Row) -> Bar:
    number = {key: int(row[key] or 0) for key in ("hand_offs", "inside", "recovered")}
    number["never"] = number["hand_offs"] - number["inside"] - number["recovered"]
    segments = tuple(Segment(key, name, number[part], whole(number[part])) for key, part, name in PARTS if number[part])
    return Bar(label, segments, text=whole(number["hand_offs"]))


def _trend(selection: Selection, rates: Rates) -> tuple[Chart, ...]:
    """By month of the hand-off: the share that ever fell in. One month alone is no line."""
    by_month = episode_facts(selection, BY_MONTH, rates)
    months = sorted(by_month)[-MONTHS_AT_MOST:]
    if len(months) < 2:
        return ()
    names = [BY_MONTH.names(months)[month][0] for month in months]
    shares = [share(by_month[month]["ever"], by_month[month]["hand_offs"]) or 0.0 for month in months]
    texts = tuple(f"{rounded(one * 100, 1)}%" for one in shares)
    series = Series("black_hole", "Ever inside, percent", tuple(round(one * 100, 1) for one in shares), texts)
    return (
        Chart(
            title="Share of each month's hand-offs that fell into the Black Hole",
            summary=" ".join(f"{name}: {text}." for name, text in zip(names, texts, strict=True)),
            data=(series,),
            drawing=lay_out_trend(names, [series]),
        ),
    )


def _general_definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            "Black Hole",
            "A hand-off is inside from the deadline that it missed (to accept or refuse, or for the first attempt) "
            "until sales says something of it. Reassigning it is no way out. Ever inside = inside now + recovered.",
        ),
        Definition("Rep and team", "Those that have the lead now."),
    )


ENTRY = CatalogueEntry(
    name="black-hole",
    title="Black Hole",
    question="How many hand-offs fell into the Black Hole, how long and how much is in it, and what became of them?",
    parameters=(*COMMON_PARAMETERS, BY_EVENT, rows_by(*KINDS.values())),
    compute=compute,
    drilling=Drilling(
        figures={
            **behind_each(cycles.counted, "hand_offs"),
            **behind_each(counted, "ever", "inside", "recovered"),
            **behind_each(counted, "recovered_accepted", "recovered_qualified", "recovered_won"),
            "value": lambda selection: counted(selection, "inside"),
        },
        filters=FILTERS,
        kinds=KINDS,
    ),
    group="Sales",
    position=38,
)

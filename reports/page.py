"""What the page of a report shows around its figures: filters, links, and the table made of texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from urllib.parse import urlencode

from accounts.principals import Principal
from reports.engine import CatalogueEntry, Drilling
from reports.parameters import Option, Parameter
from reports.presentation import UNKNOWN, figure_text, shown, tile_text
from reports.report import Column, Figure, Report, Row
from reports.rows import NOBODY
from reports.weeks import Week, read_week, usual_week

# More would make a page of megabytes; the files have every row.
ROWS_AT_MOST = 200
# The parameters given in the address, blanks left out.
Given = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """A filter. Without options it is a date; a hidden one is chosen elsewhere on the page."""

    name: str
    label: str
    value: str
    options: Sequence[Option] = ()
    is_hidden: bool = False


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    active: bool


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    note: str
    state: str
    href: str = ""


@dataclass(frozen=True)
class Cell:
    text: str
    is_number: bool
    is_unknown: bool
    href: str = ""


@dataclass(frozen=True)
class Heading:
    """`span` columns stand under it."""

    label: str
    span: int


@dataclass(frozen=True)
class Table:
    groups: Sequence[Heading]
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[Sequence[Cell]]
    left_out: Sequence[Column]
    rows_in_all: int


def address(given: Given) -> str:
    return f"?{urlencode(given)}"


def shown_filters(fields: "Sequence[Field]") -> "tuple[list[Field], list[Field]]":
    """The everyday ones, and those that stand folded until one of them is used."""
    rare = {"as_of", "segment", "agreement", "dates"}
    return [one for one in fields if one.name not in rare], [one for one in fields if one.name in rare]


def filter_fields(entry: CatalogueEntry, given: Given, principal: Principal) -> list[Field]:
    """A list with nothing to choose from is left out, unless something is chosen."""
    fields = [_field(parameter, given.get(parameter.name, ""), principal) for parameter in entry.parameters]
    return [field for field in fields if field]


def _field(parameter: Parameter, value: str, principal: Principal) -> Field | None:
    if parameter.is_view:
        return Field(parameter.name, parameter.label, value, is_hidden=True) if value else None
    if parameter.default and parameter.options:
        return Field(parameter.name, parameter.label, value or parameter.default, parameter.options(principal))
    if parameter.options is None:
        return Field(parameter.name, parameter.label, _as_day(value))
    options = parameter.options(principal)
    if len(options) < 2 and not value:
        return None
    return Field(parameter.name, parameter.label, value, [Option("", parameter.blank), *options])


def _as_day(text: str) -> str:
    """As a date field takes it: of a week its Monday. What is no date is shown with the sentence that says so."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return text


def view_tabs(entry: CatalogueEntry, given: Given, principal: Principal) -> list[Link]:
    """What the rows stand for is no filter but another view of the same leads."""
    return [
        Link(
            option.label,
            address({**given, one.name: option.value}),
            option.value == (given.get(one.name) or one.default),
        )
        for one in entry.parameters
        if one.is_view and one.options
        for option in one.options(principal)
    ]


def period_pills(entry: CatalogueEntry, given: Given, today: date, principal: Principal) -> list[Link]:
    """The usual periods or weeks, where the report has one. The other filters stay as they are."""
    names = {parameter.name for parameter in entry.parameters}
    if "week" in names:
        return _week_pills(given, today, principal)
    if not {"from", "to"} <= names:
        return []
    others = {name: text for name, text in given.items() if name not in {"from", "to"}}
    starts = {
        "All time": None,
        "This year": today.replace(month=1, day=1),
        "Last 12 months": today - timedelta(days=365),
        "Last 90 days": today - timedelta(days=90),
    }
    pills = []
    for label, start in starts.items():
        period = {"from": start.isoformat()} if start else {}
        active = period == {name: text for name, text in given.items() if name not in others}
        pills.append(Link(label, address(period | others), active))
    return pills


def _week_pills(given: Given, today: date, principal: Principal) -> list[Link]:
    running = Week.of(today)
    shown = _week_shown(given.get("week", ""), running, principal)
    weeks = {"This week so far": running, "Last week": running.ago(1), "The week before": running.ago(2)}
    others = {name: text for name, text in given.items() if name != "week"}
    return [Link(label, address({"week": str(week), **others}), week == shown) for label, week in weeks.items()]


def _week_shown(text: str, running: Week, principal: Principal) -> Week | None:
    """None where it is no week: the page says so."""
    if not text:
        return usual_week(principal, running)
    try:
        return read_week(text, principal)
    except ValueError:
        return None


def tiles(figures: Sequence[Figure], given: Given, drilling: Drilling | None = None) -> list[Tile]:
    return [
        Tile(one.label, tile_text(one), one.note, one.state, _opened(one, given, drilling))
        for one in figures
        if not one.apart
    ]


def _opened(figure: Figure, given: Given, drilling: Drilling | None) -> str:
    counts = drilling is not None and figure.key in drilling.figures and bool(figure.value)
    return leads_address(given, figure.key) if counts else ""


def beside_the_sums(figures: Sequence[Figure]) -> str:
    return ", ".join(f"{one.label} {figure_text(one)}" for one in figures if one.apart)


def table_of(report: Report, given: Given, drilling: Drilling | None = None) -> Table:
    view = shown(report)

    def cells(rows: Sequence[Row], *, are_rows: bool) -> list[list[Cell]]:
        texts = view.texts(report, rows)
        return [
            [
                _cell(column, text, _opens(column, row) if are_rows else "")
                for column, text in zip(view.columns, line, strict=True)
            ]
            for row, line in zip(rows, texts, strict=True)
        ]

    def _opens(column: Column, row: Row) -> str:
        return _drilled(column, row, given) or _behind(column, row, given, drilling)

    groups = [Heading(label, len(list(columns))) for label, columns in groupby(view.columns, lambda one: one.group)]
    return Table(
        groups=groups,
        columns=view.columns,
        rows=cells(report.rows[:ROWS_AT_MOST], are_rows=True),
        totals=cells(report.totals, are_rows=False),
        left_out=view.left_out,
        rows_in_all=len(report.rows),
    )


def _cell(column: Column, text: str, href: str) -> Cell:
    return Cell(text, column.is_number, text == UNKNOWN, href)


def leads_address(given: Given, figure: str, **more: str) -> str:
    """The page of the leads behind a figure of a report with these filters."""
    return f"leads/{address({**given, 'figure': figure, **more})}"


def _behind(column: Column, row: Row, given: Given, drilling: Drilling | None) -> str:
    """The leads that a cell counts, where it counts some."""
    if drilling is None or not row[column.key]:
        return ""
    if named := drilling.named.get(column.key):
        chosen = {parameter: str(row[key]) for parameter, key in named.filters.items()}
        return leads_address({**given, **chosen}, str(row[named.figure]))
    if column.key not in drilling.figures:
        return ""
    more = {parameter: str(value) for parameter, key in drilling.filters.items() if (value := row.get(key))}
    kind = drilling.kinds.get(given.get("by") or next(iter(drilling.kinds), ""))
    if kind and (kind.name not in drilling.filters or not row[kind.name]):
        more["row"] = str(row[kind.name]) or NOBODY
    return leads_address(given, column.key, **more)


def _drilled(column: Column, row: Row, given: Given) -> str:
    if column.drill is None or not row[column.drill.where]:
        return ""
    chosen = {parameter: str(row[key]) for parameter, key in column.drill.from_row.items()}
    return address({**given, **column.drill.fixed, **chosen})

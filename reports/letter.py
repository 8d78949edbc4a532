"""A report as a page of a mail: tables alone, for a mail client knows neither our styles nor our pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts import Bars
from reports.page import Cell, Tile, table_of, tiles
from reports.report import Chart, Column, Kind, Report

# What a key means keeps the colour that it has on pages in light; the letter's own styles have those in dark.
COLOURS = {
    "attempts": "#63625b",
    "conversations": "#2d62cf",
    "meetings": "#5548c8",
    "qualified": "#8a3a9c",
    "won": "#1c7a3c",
    "answers": "#0b7470",
}


@dataclass(frozen=True)
class Piece:
    """A cell that is as wide as what it stands for, in whole percent. Without a key it is the empty rest."""

    key: str
    colour: str
    width: int
    text: str = ""
    label: str = ""


@dataclass(frozen=True)
class BarLine:
    label: str
    text: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class Legend:
    key: str
    label: str
    colour: str


@dataclass(frozen=True)
class LetterPage:
    """`url`: the same figures on their page, where the changes and the trend stand too."""

    title: str
    url: str
    days: str
    tiles: Sequence[Tile]
    chart_title: str
    bars: Sequence[BarLine]
    legend: Sequence[Legend]
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[Sequence[Cell]]


def page_of(title: str, report: Report, url: str) -> LetterPage:
    """In the formats of whoever is active. The report must have bars as its picture."""
    whole = table_of(report, {})
    shown = [place for place, one in enumerate(whole.columns) if _fits(one)]
    return LetterPage(
        title=title,
        url=url,
        days=report.contents.remarks[0],
        tiles=tiles(report.headline[1:], {}),
        chart_title=report.charts[0].title,
        bars=_bar_lines(report.charts[0]),
        legend=_legend(report.charts[0]),
        columns=[whole.columns[place] for place in shown],
        rows=[[row[place] for place in shown] for row in whole.rows],
        totals=[[row[place] for place in shown] for row in whole.totals],
    )


def _fits(column: Column) -> bool:
    """A mail is narrow. The bars say how much was said in all, the headline what changed; its page has the rest."""
    return column.kind is not Kind.CHANGE and not column.exceptional and column.key != "dispositions"


def _legend(chart: Chart) -> list[Legend]:
    """Also where one kind of outcome stands alone: a mail shows no titles under the mouse."""
    labels = {segment.key: segment.label for bar in chart.data for segment in bar.segments}
    return [Legend(key, labels[key], colour) for key, colour in COLOURS.items() if key in labels]


def _bar_lines(chart: Chart) -> list[BarLine]:
    drawing = chart.drawing
    assert isinstance(drawing, Bars)
    lines = []
    for row in drawing.rows:
        pieces, reached = [], 0
        for one in row.segments:
            width = max(round(one.x + one.width) - reached, 1)
            text = one.text if one.text_fits else ""
            pieces.append(Piece(one.key, COLOURS[one.key], width, text, f"{one.label}: {one.text}"))
            reached += width
        rest = [Piece("", "", 100 - reached)] if reached < 100 else []
        lines.append(BarLine(row.label, row.text, [*pieces, *rest]))
    return lines

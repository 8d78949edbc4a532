"""The report as a workbook: the figures with their totals, and a sheet that says what they mean."""

from collections.abc import Iterable, Sequence

from accounts.files import Column as FileColumn
from accounts.files import Sheet, Value, workbook_pieces
from accounts.files.values import GENERAL, MONEY, WHOLE
from reports.report import Column, Kind, Report, Row

_NUMBER_FORMATS = {
    Kind.COUNT: WHOLE,
    Kind.CHANGE: "+#,##0;-#,##0;0",
    Kind.MONEY: MONEY,
    Kind.SHARE: "0.0%",
    **dict.fromkeys((Kind.NUMBER, Kind.HOURS, Kind.DAYS), "0.0"),
    Kind.SCORE: "0.000",
}
_MEANINGS = (FileColumn("Word", width=24, bold=True, wraps=True), FileColumn("Meaning", width=100, wraps=True))


def render(report: Report) -> bytes:
    columns = [_column(place, column) for place, column in enumerate(report.columns)]
    figures = Sheet("Figures", columns, _lines(report, report.rows), list(_lines(report, report.totals)))
    return b"".join(workbook_pieces([figures, Sheet("Definitions", _MEANINGS, _meanings(report))]))


def _column(place: int, column: Column) -> FileColumn:
    heading = f"{column.label} ({column.currency})" if column.currency else column.label
    return FileColumn(heading, _NUMBER_FORMATS.get(column.kind, GENERAL), width=14 if place else 24)


def _lines(report: Report, rows: Iterable[Row]) -> Iterable[Sequence[Value]]:
    return ([row[column.key] for column in report.columns] for row in rows)


def _meanings(report: Report) -> Iterable[Sequence[Value]]:
    yield "Question", report.question
    yield "As of", report.as_of.isoformat(timespec="minutes")
    yield from ((name, text) for name, text in report.parameters.items() if text)
    yield from (("Remark", sentence) for sentence in report.contents.sentences)
    yield from ((definition.label, definition.text) for definition in report.definitions)

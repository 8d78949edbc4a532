"""The report as a workbook: the figures with their totals, and a sheet that says what they mean."""

import io
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from reports.report import Column, Kind, Report, Row, Value

_NUMBER_FORMATS = {
    Kind.COUNT: "#,##0",
    Kind.MONEY: "#,##0.00",
    Kind.SHARE: "0.0%",
    **dict.fromkeys((Kind.NUMBER, Kind.HOURS, Kind.DAYS), "0.0"),
    Kind.SCORE: "0.000",
}
_BOLD = Font(bold=True)


def render(report: Report) -> bytes:
    workbook = Workbook()
    figures = workbook.worksheets[0]
    figures.title = "Figures"
    _write_figures(figures, report)
    _write_definitions(workbook.create_sheet("Definitions"), report)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _write_figures(sheet: Any, report: Report) -> None:
    for place, column in enumerate(report.columns, start=1):
        heading = _write(sheet.cell(1, place), _heading(column))
        heading.font, heading.alignment = _BOLD, Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(place)].width = 24 if place == 1 else 14
    for number, row in enumerate((*report.rows, *report.totals), start=2):
        _write_row(sheet, number, report.columns, row, bold=number > len(report.rows) + 1)
    sheet.freeze_panes = "B2"


def _write_row(sheet: Any, number: int, columns: tuple[Column, ...], row: Row, *, bold: bool) -> None:
    for place, column in enumerate(columns, start=1):
        cell = _write(sheet.cell(number, place), row[column.key])
        cell.number_format = _NUMBER_FORMATS.get(column.kind, "General")
        if bold:
            cell.font = _BOLD


def _write_definitions(sheet: Any, report: Report) -> None:
    lines = [("Question", report.question), ("As of", report.as_of.isoformat(timespec="minutes"))]
    lines += [(name, text) for name, text in report.parameters.items() if text]
    lines += [(definition.label, definition.text) for definition in report.definitions]
    for number, (name, text) in enumerate(lines, start=1):
        _write(sheet.cell(number, 1), name).font = _BOLD
        _write(sheet.cell(number, 2), text).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 100


def _write(cell: Cell, value: Value) -> Cell:
    """Texts stay texts: one that begins with = is no formula."""
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def _heading(column: Column) -> str:
    return f"{column.label} ({column.currency})" if column.currency else column.label

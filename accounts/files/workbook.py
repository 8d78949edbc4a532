"""XLSX: openpyxl makes the workbook, its styles and empty sheets; the rows are written into it as they come.

openpyxl's own rows take ten times as long and are sent only once the last is there.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from accounts.files.formulas import may_run, quoted_cell
from accounts.files.values import GENERAL, Column, Value

LONGEST_TEXT = 32_767  # of a cell, says Excel
PIECE_BYTES = 64 * 1024
EMPTY_ROWS = re.compile(rb"<sheetData\s*/>|<sheetData></sheetData>")
SIZE = re.compile(rb"<dimension [^>]*/>")  # of an empty sheet; a reader that believed it would see one cell
# Characters that XML cannot have.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
CARRIAGE_RETURN = {"\r": "&#13;"}  # a plain one would be read as a line feed
_BOLD = Font(bold=True)
_TOP = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True)
class Sheet:
    """`totals` stand below the rows, in bold. The headings and the first column stay in view."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    totals: Sequence[Sequence[Value]] = ()


class _Styles(NamedTuple):
    """Numbers of styles, by column: of a usual cell, and of a text that must stay one when somebody edits it."""

    usual: Sequence[int]
    text: Sequence[int]


def workbook_pieces(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """The file piece by piece, each as soon as its rows are there."""
    frame = Workbook()
    frame.remove(frame.worksheets[0])
    rows = {f"xl/worksheets/sheet{place}.xml": _rows(frame, sheet) for place, sheet in enumerate(sheets, 1)}
    made = io.BytesIO()
    frame.save(made)
    sink = _Sink()
    # The lowest level: half as fast again as the usual one, and the file a tenth larger.
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name in parts.namelist():
            with file.open(name, "w") as part:
                for piece in _filled(parts.read(name), rows.get(name)):
                    part.write(piece)
                    if sink.size > PIECE_BYTES:
                        yield sink.taken()
    yield sink.taken()


def _filled(content: bytes, rows: Iterator[bytes] | None) -> Iterator[bytes]:
    """A part of the workbook; of a sheet with its rows."""
    if rows is None:
        yield content
        return
    before, after = EMPTY_ROWS.split(SIZE.sub(b"", content))
    yield before + b"<sheetData>"
    yield from rows
    yield b"</sheetData>" + after


def _rows(frame: Workbook, given: Sheet) -> Iterator[bytes]:
    """The sheet is added now, with its styles; its rows are read later."""
    sheet = frame.create_sheet(given.title)
    sheet.freeze_panes = "B2"
    for place, column in enumerate(given.columns, 1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    usual = _styles(sheet, given.columns)
    strong = _styles(sheet, given.columns, bold=True)
    headings = _styles(sheet, [Column(column.heading, wraps=True) for column in given.columns], bold=True)
    letters = [get_column_letter(place) for place in range(1, len(given.columns) + 1)]
    lines = chain(
        [(headings, [column.heading for column in given.columns])],
        ((usual, row) for row in given.rows),
        ((strong, row) for row in given.totals),
    )
    return (_row_xml(number, letters, row, styles).encode() for number, (styles, row) in enumerate(lines, 1))


def _styles(sheet: Any, columns: Sequence[Column], *, bold: bool = False) -> _Styles:
    usual = [_style(sheet, column, bold=bold) for column in columns]
    texts = [_style(sheet, replace(column, number_format=GENERAL), bold=bold, is_text=True) for column in columns]
    return _Styles(usual, texts)


def _style(sheet: Any, column: Column, *, bold: bool, is_text: bool = False) -> int:
    """The number of a style. openpyxl learns of one by a cell that has it; this cell is in no sheet."""
    cell = Cell(sheet, row=1, column=1)
    cell.number_format, cell.quotePrefix = column.number_format, is_text
    if bold or column.bold:
        cell.font = _BOLD
    if column.wraps:
        cell.alignment = _TOP
    number: int = cell.style_id
    return number


def _row_xml(number: int, letters: Sequence[str], row: Sequence[Value], styles: _Styles) -> str:
    cells = [
        _cell_xml(f"{letter}{number}", value, style, text_style)
        for letter, value, style, text_style in zip(letters, row, styles.usual, styles.text, strict=True)
        if value is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell_xml(place: str, value: Value, style: int, text_style: int) -> str:
    match value:
        case str():
            style = text_style if may_run(value) else style
            return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(value)}</t></is></c>'
        case bool():
            return f'<c r="{place}" s="{style}" t="b"><v>{value:d}</v></c>'
        case datetime():
            return f'<c r="{place}" s="{style}"><v>{to_excel(value.astimezone(UTC).replace(tzinfo=None))}</v></c>'
        case date():
            return f'<c r="{place}" s="{style}"><v>{to_excel(value)}</v></c>'
        case _:
            return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def _text(text: str) -> str:
    """A text stays a text: one that begins with = is no formula. What a cell cannot hold is cut, and says so."""
    text = quoted_cell(FORBIDDEN.sub("", text))
    if len(text) > LONGEST_TEXT:
        text = f"{text[: LONGEST_TEXT - 1]}…"
    return escape(text, CARRIAGE_RETURN)


class _Sink(io.RawIOBase):
    """Where the archive is written to, and taken from piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def taken(self) -> bytes:
        taken = b"".join(self._pieces)
        self.size, self._pieces = 0, []
        return taken

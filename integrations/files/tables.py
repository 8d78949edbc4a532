"""A CSV, TSV or XLSX file as rows of named cells, each with its true line number."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from accounts.files.formulas import plain_cell
from integrations.files.delimited import DelimitedFile
from integrations.files.errors import FileError, RowError, quoted
from integrations.files.rejects import OWN_COLUMNS, RENAMED_COLUMNS
from integrations.files.workbook import WorkbookFile

MAX_COLUMNS = 100
MAX_CELL_CHARACTERS = 32_768


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How a file is written, to be shown in a preview; a workbook has neither delimiter nor encoding, but sheets."""

    kind: Literal["csv", "tsv", "xlsx"]
    delimiter: str = ""
    encoding: str = ""
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()

    @property
    def encoding_name(self) -> str:
        return self.encoding.removesuffix("-sig").upper()

    @property
    def delimiter_name(self) -> str:
        return {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}[self.delimiter]


@dataclass(frozen=True, slots=True)
class Row:
    """One record; `line` is its first physical line in the file, or its row in the sheet."""

    line: int
    cells: dict[str, str]


class Table:
    """The rows of a file. Each iteration opens the file anew and holds one row at a time.

    `position` is the line reached and `size` the line of the last row: what a progress bar needs.
    A sheet may not know its size, and is not read ahead: there a FileError can come between rows.
    """

    def __init__(self, source: DelimitedFile | WorkbookFile, table_format: TableFormat) -> None:
        self.format = table_format
        self.position = 0
        self.size = source.last_line()
        self._source = source
        self._skipped_columns = 0
        self.headers = self._read_headers()

    def __iter__(self) -> Iterator[Row | RowError]:
        records = self._source.records()
        next(records)  # the header
        for record in records:
            row = record if isinstance(record, RowError) else self._row(*record)
            self.position = row.line
            yield row

    def _row(self, line: int, cells: list[str]) -> Row | RowError:
        cells = [plain_cell(cell) for cell in cells[self._skipped_columns :]]
        width = len(self.headers)
        if len(cells) != width:
            if any(cells[width:]):
                reason = f"has {len(cells)} cells where the header has {width}"
                return RowError(line, "", reason, tuple(cells))
            if len(cells) < width and self.format.kind != "xlsx":
                reason = f"is missing: the row has {len(cells)} cells where the header has {width}"
                return RowError(line, self.headers[len(cells)], reason, tuple(cells))
            # Sheets leave out empty cells at the end, and some programs end each line with a delimiter.
            cells = (cells + [""] * width)[:width]
        if len(max(cells, key=len)) > MAX_CELL_CHARACTERS:
            return self._oversized(line, cells)
        return Row(line, dict(zip(self.headers, cells, strict=True)))

    def _oversized(self, line: int, cells: list[str]) -> RowError:
        lengths = [len(cell) for cell in cells]
        column = self.headers[lengths.index(max(lengths))]
        reason = f"has {max(lengths):,} characters; {MAX_CELL_CHARACTERS:,} is the most"
        return RowError(line, column, reason, tuple(cells))

    def _read_headers(self) -> list[str]:
        first = next(self._source.records(), None)
        if first is None:
            raise FileError("The file is empty: export it again, with the column names in its first line.")
        if isinstance(first, RowError):
            raise FileError(f"The column names cannot be read: {first}.")
        headers = _named([plain_cell(cell).strip() for cell in first[1]])
        if tuple(headers[: len(OWN_COLUMNS)]) == OWN_COLUMNS:
            # A file of rejected rows, mended: it is read as the file the rows came from.
            self._skipped_columns = len(OWN_COLUMNS)
            original_names = {renamed: name for name, renamed in RENAMED_COLUMNS.items()}
            headers = [original_names.get(header, header) for header in headers[len(OWN_COLUMNS) :]]
        _check_headers(headers)
        return headers


def open_table(path: Path, encoding: str | None = None) -> Table:
    """The table in a file: a workbook where its name ends in .xlsx, else CSV or TSV by content.

    Without a byte order mark and without `encoding` it must be UTF-8. A text file is read through
    once here, so that whatever makes it unusable as a whole is known before the first row is used.

    Raises FileError.
    """
    if path.suffix.lower() == ".xlsx":
        workbook = WorkbookFile(path)
        first, *others = workbook.sheets()
        return Table(workbook, TableFormat("xlsx", sheet=first, other_sheets=tuple(others)))
    source = DelimitedFile(path, encoding)
    kind: Literal["csv", "tsv"] = "tsv" if source.delimiter == "\t" else "csv"
    return Table(source, TableFormat(kind, source.delimiter, source.encoding))


def _named(headers: list[str]) -> list[str]:
    """Columns without a name are dropped at the end and named by their place before it."""
    while headers and not headers[-1]:
        headers.pop()
    return [header or f"column {number}" for number, header in enumerate(headers, start=1)]


def _check_headers(headers: list[str]) -> None:
    if not headers:
        raise FileError("The first line names no column: put the column names there.")
    if len(headers) > MAX_COLUMNS:
        raise FileError(f"The file has {len(headers):,} columns; {MAX_COLUMNS} is the most: leave out the others.")
    twice = sorted({header for header in headers if headers.count(header) > 1})
    if twice:
        names = ", ".join(quoted(header) for header in twice)
        raise FileError(f"The header names {names} more than once: give each column its own name.")

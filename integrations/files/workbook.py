"""XLSX files: the first sheet's rows as text."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from integrations.files.delimited import Record
from integrations.files.errors import FileError

# A small archive can unpack to any size, and the table of shared texts is held in memory whole.
MAX_UNPACKED_BYTES = 500_000_000
# What openpyxl, the archive and its XML raise where bytes are not what they should be.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    EOFError,
    OSError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


class WorkbookFile:
    """The first sheet of a workbook. Every walk through `records` opens the file anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _refuse_oversized(path)

    def records(self) -> Iterator[Record]:
        """Each row that has a filled cell, with its row number. A formula is the value it last had."""
        with self._first_sheet() as sheet:
            # Some programs write a wrong size into the sheet; without it every row is read as it is.
            sheet.reset_dimensions()
            for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                cells = [_text(value) for value in values]
                if any(cells):
                    yield number, cells

    def sheets(self) -> list[str]:
        """The names of its sheets, the one that is read first."""
        with self._opened() as workbook:
            return [sheet.title for sheet in workbook.worksheets]

    def last_line(self) -> int | None:
        """The last row by the sheet's own word, formatted empty rows included; None where it says nothing."""
        with self._first_sheet() as sheet:
            rows: int | None = sheet.max_row
        return rows

    @contextmanager
    def _first_sheet(self) -> Iterator[Any]:  # openpyxl's types do not know its read-only sheets
        with self._opened() as workbook:
            yield workbook.worksheets[0]

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        try:
            with self.path.open("rb") as file:
                workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
                if not workbook.worksheets:
                    raise FileError("The workbook has no sheet of cells: export the table as XLSX or CSV.")
                yield workbook
        except BROKEN as error:
            raise FileError("The workbook is damaged: open and save it again, or export it as CSV.") from error


def _refuse_oversized(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise FileError(
            "The file is named .xlsx but is no workbook, or has a password: export it as XLSX or CSV."
        ) from error
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise FileError(f"The workbook unpacks to more than {MAX_UNPACKED_BYTES:,} bytes: export it as CSV.")


def _text(value: object) -> str:
    """Numbers without exponent or a `.0` that only the spreadsheet added, dates and times as ISO 8601."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)

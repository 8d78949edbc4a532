"""The files that people take away, CSV and XLSX. All of them are written here; no spreadsheet runs what is in them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from accounts.files.delimited import csv_pieces
from accounts.files.values import Column, Value
from accounts.files.workbook import Sheet, workbook_pieces

__all__ = ["FORMATS", "Column", "FileFormat", "Sheet", "Value", "csv_pieces", "workbook_pieces"]


@dataclass(frozen=True)
class FileFormat:
    """`write` answers the file piece by piece, from (title, columns, rows). `most_rows`: None where there is no end."""

    label: str
    content_type: str
    write: Callable[[str, Sequence[Column], Iterable[Sequence[Value]]], Iterator[bytes]]
    most_rows: int | None = None


def _csv(_title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    return csv_pieces(columns, rows)


def _workbook(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    return workbook_pieces([Sheet(title, columns, rows)])


FORMATS = {
    "csv": FileFormat("CSV", "text/csv; charset=utf-8", _csv),
    "xlsx": FileFormat(
        "Excel",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _workbook,
        most_rows=500_000,  # a sheet has a million rows at most, and long before that nothing opens it in good time
    ),
}

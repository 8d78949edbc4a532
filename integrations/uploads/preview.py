"""The first rows of an uploaded file as they would become, with what is wrong where it is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from django.utils import timezone
from django.utils.formats import date_format

from accounts.formats import day, rounded
from integrations.files.errors import RowError
from integrations.files.tables import Row, Table
from integrations.imports.run import ImportRun, RowResult
from integrations.models import Upload
from integrations.services.upload_runs import STATUS_OF, run_of, tried

ROWS = 50


@dataclass(frozen=True)
class PreviewCell:
    """`problems` stand where the value would: what was read instead is in `text`."""

    text: str
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class PreviewRow:
    line: int
    status: str
    label: str
    cells: Sequence[PreviewCell]
    problems: Sequence[str]  # of the row as a whole
    where: Sequence[str] = ()  # the columns with a problem: some may be out of view


@dataclass(frozen=True)
class Preview:
    """`columns`: our field, and the column that it is read from."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[PreviewRow]
    rejected: int
    ignored: Sequence[str]


def preview_of(upload: Upload, table: Table, now: datetime) -> Preview:
    """What is tried is taken back. Raises FileError where the mapping does not fit the file."""
    run = run_of(upload, table, upload.toml, now)
    batch = list(islice(table, ROWS))
    results = {result.line: result for result in tried(run, batch)}
    columns = run.mapping.columns | dict.fromkeys(run.mapping.constants, "")
    rows = [_row(run, row, results[row.line], columns) for row in batch]
    rejected = sum(bool(result.errors) for result in results.values())
    return Preview(list(columns.items()), rows, rejected, run.mapping.ignored)


def _row(run: ImportRun, row: Row | RowError, result: RowResult, columns: Mapping[str, str]) -> PreviewRow:
    status = STATUS_OF[result.status]
    problems = [(error.column, error.reason) for error in result.errors]
    if isinstance(row, RowError):
        sentences = [f"“{column}” {reason}" if column else reason for column, reason in problems]
        return PreviewRow(row.line, status, status.label, [], sentences)
    values = run.mapping.read(row)
    cells = []
    for field, column in columns.items():
        text = row.cells.get(column, "") if isinstance(values, list) else _shown(values.get(field))
        cells.append(PreviewCell(text, [reason for name, reason in problems if name and name == column]))
    whole = [reason for name, reason in problems if not name]
    where = list(dict.fromkeys(name for name, _ in problems if name))
    return PreviewRow(row.line, status, status.label, cells, whole, where)


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return date_format(timezone.localtime(value), "DATETIME_FORMAT", use_l10n=True)
        case date():
            return day(value)
        case Decimal():
            return rounded(value, 2)
        case _:
            return str(value)

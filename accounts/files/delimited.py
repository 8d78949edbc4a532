"""CSV: every cell in quotes, UTF-8 with the byte order mark by which Excel knows it."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice

from accounts.files.formulas import safe_cell
from accounts.files.values import Column, Value

ROWS_A_PIECE = 500


def csv_pieces(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The file piece by piece, each as soon as its rows are there."""
    yield codecs.BOM_UTF8
    lines = chain([[column.heading for column in columns]], rows)
    while some := list(islice(lines, ROWS_A_PIECE)):
        yield csv_lines(some).encode()


def csv_lines(rows: Iterable[Sequence[Value]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([csv_cell(value) for value in row] for row in rows)
    return file.getvalue()


def csv_cell(value: Value) -> str:
    """Unknown is an empty cell. Only texts can be taken for formulas: a negative number stays a number."""
    match value:
        case str():
            return safe_cell(value)
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds")
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)  # numbers, and days as ISO 8601 has them

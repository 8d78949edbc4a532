"""The rows as CSV, the columns by their keys. Without totals: a sum over a column is right as it is."""

import csv
import io
from decimal import Decimal

from reports.csv_cells import safe_cell
from reports.report import Report, Value


def render(report: Report) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([column.key for column in report.columns])
    for row in report.rows:
        writer.writerow([_cell(row[column.key]) for column in report.columns])
    return file.getvalue().encode()


def _cell(value: Value) -> str:
    """Unknown is an empty cell. Only texts can be taken for formulas: a negative number stays a number."""
    match value:
        case None:
            return ""
        case str():
            return safe_cell(value)
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)

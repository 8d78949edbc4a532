"""The rows as CSV, the columns by their keys. Without totals: a sum over a column is right as it is."""

from accounts.files import Column, csv_pieces
from reports.report import Report


def render(report: Report) -> bytes:
    keys = [column.key for column in report.columns]
    return b"".join(csv_pieces([Column(key) for key in keys], ([row[key] for key in keys] for row in report.rows)))

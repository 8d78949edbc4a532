"""A report as a file or as text; each renderer knows the report object and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from reports.renderers import csv, json, table, xlsx
from reports.report import Report


@dataclass(frozen=True)
class Format:
    """`is_text` tells whether a terminal can show it."""

    content_type: str
    render: Callable[[Report], bytes]
    is_text: bool = True


FORMATS = {
    "table": Format("text/plain; charset=utf-8", table.render),
    "csv": Format("text/csv; charset=utf-8", csv.render),
    "json": Format("application/json", json.render),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx.render, is_text=False),
}

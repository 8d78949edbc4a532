"""The report as JSON: money as decimal strings, shares as numbers where 1 is the whole, unknown as null."""

import dataclasses
import json
from decimal import Decimal
from typing import Any

from reports.report import Chart, Column, Figure, Report, Row, Value


def render(report: Report) -> bytes:
    return json.dumps(report_data(report), ensure_ascii=False, indent=2).encode()


def report_data(report: Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "question": report.question,
        "parameters": {name: text or None for name, text in report.parameters.items()},
        "as_of": report.as_of.isoformat(),
        "headline": [_figure(figure) for figure in report.headline],
        "columns": [_column(column) for column in report.columns],
        "rows": [_row(row) for row in report.rows],
        "totals": [_row(row) for row in report.totals],
        "chart": _chart(report.chart) if report.chart else None,
        "further_charts": [_chart(chart) for chart in report.charts[1:]],
        "remarks": list(report.contents.sentences),
        "definitions": [dataclasses.asdict(definition) for definition in report.definitions],
        "empty_because": report.empty_because or None,
    }


def _row(row: Row) -> dict[str, Any]:
    return {key: _plain(value) for key, value in row.items()}


def _plain(value: Value) -> str | int | float | None:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _figure(figure: Figure) -> dict[str, Any]:
    described = {"key": figure.key, "label": figure.label, "value": _plain(figure.value), "kind": figure.kind}
    return described | _if_any(currency=figure.currency, note=figure.note)


def _column(column: Column) -> dict[str, Any]:
    return {"key": column.key, "label": column.label, "kind": column.kind} | _if_any(currency=column.currency)


def _chart(chart: Chart) -> dict[str, Any]:
    data = [dataclasses.asdict(one) for one in chart.data]
    return {"kind": chart.drawing.kind, "title": chart.title, "summary": chart.summary, "data": data}


def _if_any(**texts: str) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}

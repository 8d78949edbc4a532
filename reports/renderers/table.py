"""The report as text for a terminal."""

from collections.abc import Sequence

from reports.presentation import figure_text, shown
from reports.report import Report


def render(report: Report) -> bytes:
    parts = [report.question, _headline(report), report.contents.verdict]
    parts.append(_table(report) if report.rows else report.empty_because)
    if report.rows and (left_out := shown(report).left_out):
        parts.append("Unknown in every row: " + ", ".join(column.label for column in left_out) + ".")
    return ("\n\n".join(part for part in parts if part) + "\n").encode()


def _headline(report: Report) -> str:
    width = max((len(figure.label) for figure in report.headline), default=0)
    lines = [f"{figure.label:<{width}}  {figure_text(figure)}  {figure.note}" for figure in report.headline]
    return "\n".join(line.rstrip() for line in lines)


def _table(report: Report) -> str:
    view = shown(report)
    heading = [column.label for column in view.columns]
    body, totals = view.texts(report, report.rows), view.texts(report, report.totals)
    widths = [max(len(text) for text in texts) for texts in zip(heading, *body, *totals, strict=True)]
    is_number = [column.is_number for column in view.columns]

    def line(texts: Sequence[str]) -> str:
        cells = zip(texts, widths, is_number, strict=True)
        return "  ".join(f"{text:>{width}}" if right else f"{text:<{width}}" for text, width, right in cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    lines = [line(heading), rule, *map(line, body)]
    return "\n".join([*lines, rule, *map(line, totals)] if totals else lines)

"""What `manage.py attribute` answers, as JSON, CSV and a table."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.files.formulas import safe_cell
from reports.attribution.credit import MARKOV_MODELS, Credit
from reports.attribution.journeys import Journeys

HEADING = ("channel", "credit_conversions", "credit_value", "removal_effect")
Cell = str | int | float | None


@dataclass(frozen=True)
class Answer:
    """Plain numbers. `removal_effect` is that of the conversions, and empty but for the Markov models."""

    model: str
    parameters: Mapping[str, Any]
    totals: Mapping[str, int | float]
    credit_conversions: Mapping[str, float]
    credit_value: Mapping[str, float]
    removal_effect: Mapping[str, float]


def answer(
    journeys: Journeys, credit: Credit, *, model: str, digits: int, parameters: Mapping[str, Any], **totals: int | float
) -> Answer:
    """`digits`: how many of a value are behind the point. `totals`: further ones, such as what is unattributed."""
    unit = 10**digits
    names = journeys.channels
    effects = credit.effects.conversions.tolist() if credit.effects else []
    return Answer(
        model=model,
        parameters=parameters,
        totals={
            "conversions": journeys.total_conversions,
            "value": journeys.total_value / unit,
            "nulls": journeys.total_nulls,
            **totals,
        },
        credit_conversions=dict(zip(names, map(float, credit.conversions), strict=True)),
        credit_value=dict(zip(names, (value / unit for value in credit.values), strict=True)),
        removal_effect=dict(zip(names, effects, strict=True)) if model in MARKOV_MODELS else {},
    )


def _rows(given: Answer) -> list[tuple[Cell, ...]]:
    """The most credited first."""
    names = sorted(given.credit_conversions, key=lambda name: (-given.credit_conversions[name], name))
    return [
        (name, given.credit_conversions[name], given.credit_value[name], given.removal_effect.get(name))
        for name in names
    ]


def as_json(given: Answer) -> str:
    return json.dumps(vars(given), ensure_ascii=False, indent=2)


def as_csv(given: Answer) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(HEADING)
    for name, *numbers in _rows(given):
        writer.writerow([safe_cell(str(name)), *("" if number is None else number for number in numbers)])
    return file.getvalue()


def as_table(given: Answer) -> str:
    """Aligned for a terminal: rounded, and without control characters, which a channel's name could act by."""
    shown = len(HEADING) if given.removal_effect else len(HEADING) - 1
    texts = [HEADING[:shown], *(tuple(map(_text, row[:shown], _DECIMALS)) for row in _rows(given))]
    name_width, *widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    lines = [
        "  ".join([f"{name:<{name_width}}", *(f"{text:>{width}}" for text, width in zip(row, widths, strict=True))])
        for name, *row in texts
    ]
    told = ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in given.totals.items())
    return "\n".join([f"{given.model}: {told}", "", *(line.rstrip() for line in lines)]) + "\n"


_DECIMALS = (0, 4, 2, 4)


def _text(cell: Cell, decimals: int) -> str:
    if isinstance(cell, str):
        return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in cell)
    return "" if cell is None else f"{cell:,.{decimals}f}"


FORMATS: Mapping[str, Callable[[Answer], str]] = {"table": as_table, "json": as_json, "csv": as_csv}

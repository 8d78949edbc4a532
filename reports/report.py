"""What a report is once it is computed. Page, files, command, API and mail all show this one object."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from reports import charts


class Kind(StrEnum):
    """How a value is read. A code is the machine's name of what stands beside it: files have it, pages do not."""

    TEXT = "text"
    CODE = "code"
    COUNT = "count"
    MONEY = "money"
    SHARE = "share"


# Money is a Decimal, a share a number where 1 is the whole, None what is not known or cannot be divided.
Value = str | int | float | Decimal | None
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Drill:
    """Where a cell leads: the same report with some parameters fixed, others taken from the cell's row.

    Only from rows whose figure `where` is not zero.
    """

    fixed: Mapping[str, str]
    from_row: Mapping[str, str]
    where: str


@dataclass(frozen=True)
class Column:
    """`meaning` becomes its definition; `group` stands above neighbouring columns on the page.

    An exceptional column is not shown while it is zero in every row. Files have all columns.
    """

    key: str
    label: str
    kind: Kind
    group: str = ""
    meaning: str = ""
    currency: str = ""
    drill: Drill | None = None
    exceptional: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in {Kind.COUNT, Kind.MONEY, Kind.SHARE}


@dataclass(frozen=True)
class Figure:
    """One headline figure. `state` (good, warn, bad) says whether it asks for attention.

    What stands `apart` is in none of the sums, such as money in another currency.
    """

    key: str
    label: str
    value: Value
    kind: Kind = Kind.COUNT
    currency: str = ""
    note: str = ""
    state: str = ""
    apart: bool = False


@dataclass(frozen=True)
class Definition:
    """What a word of this report means. `key` is the column or figure it belongs to, if one."""

    label: str
    text: str
    key: str = ""


def definitions_of(columns: Iterable[Column], *more: Definition) -> tuple[Definition, ...]:
    """What each column means, after what concerns the whole report."""
    return (*more, *(Definition(one.label, one.meaning, one.key) for one in columns if one.meaning))


@dataclass(frozen=True)
class Chart:
    """`data` are the numbers that were drawn, `drawing` their geometry, `summary` what one sees in it."""

    title: str
    summary: str
    data: tuple[Any, ...]
    drawing: charts.Chart
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """`rows` add up to `totals[0]`; further totals are parts of it worth a line of their own."""

    name: str
    title: str
    question: str
    parameters: Mapping[str, str]
    as_of: datetime
    headline: tuple[Figure, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()
    chart: Chart | None = None
    definitions: tuple[Definition, ...] = ()
    empty_because: str = ""

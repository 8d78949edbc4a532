"""What a report is once it is computed. Page, files, command, API and mail all show this one object."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from reports import charts


class Kind(StrEnum):
    """How a value is read. A code is the machine's name of what stands beside it: files have it, pages do not.

    A number is a mean or the like, with one decimal; a score has three. Hours are working hours, days calendar days.
    A change is a difference of counts, with its sign. What varies is of another kind in each row, which names it.
    """

    TEXT = "text"
    CODE = "code"
    COUNT = "count"
    CHANGE = "change"
    MONEY = "money"
    SHARE = "share"
    NUMBER = "number"
    HOURS = "hours"
    DAYS = "days"
    SCORE = "score"
    VARIES = "varies"


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

    An exceptional column is not shown while it is zero in every row. Files have all columns. `kind_key`: of one that
    varies, where the row names the kind.
    """

    key: str
    label: str
    kind: Kind
    group: str = ""
    meaning: str = ""
    currency: str = ""
    drill: Drill | None = None
    exceptional: bool = False
    kind_key: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind not in {Kind.TEXT, Kind.CODE}

    def kind_in(self, row: Row) -> Kind:
        return Kind(str(row[self.kind_key])) if self.kind_key else self.kind


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
class Contents:
    """What a report's own module computes. `rows` add up to `totals[0]`; further totals are parts of it.

    `charts`: the first is the report's picture, others stand below it. `verdict`: the answer in a sentence, where there
    is one. `remarks`: sentences about what the reader should know of these figures, such as how many are left out.
    """

    headline: tuple[Figure, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()
    charts: tuple[Chart, ...] = ()
    definitions: tuple[Definition, ...] = ()
    verdict: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that it says in words."""
        return (self.verdict, *self.remarks) if self.verdict else self.remarks


@dataclass(frozen=True, kw_only=True)
class Report:
    """`as_of`: the instant that its figures are of. `empty_because`: why there is no row, and what to do."""

    name: str
    title: str
    question: str
    parameters: Mapping[str, str]
    as_of: datetime
    contents: Contents
    empty_because: str = ""

    @property
    def headline(self) -> tuple[Figure, ...]:
        return self.contents.headline

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.contents.columns

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.contents.rows

    @property
    def totals(self) -> tuple[Row, ...]:
        return self.contents.totals

    @property
    def charts(self) -> tuple[Chart, ...]:
        return self.contents.charts

    @property
    def chart(self) -> Chart | None:
        return self.charts[0] if self.charts else None

    @property
    def definitions(self) -> tuple[Definition, ...]:
        return self.contents.definitions

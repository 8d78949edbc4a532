"""What a cell of a file can hold, and what a column says of its cells."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

# Times carry a time zone; None is what is not known.
Value = str | bool | int | float | Decimal | date | datetime | None

GENERAL = "General"
MONEY = "#,##0.00"
WHOLE = "#,##0"
DAY = "yyyy-mm-dd"
# Files are the same for everybody: times are in UTC, and each cell says so.
MOMENT = 'yyyy-mm-dd hh:mm" UTC"'


@dataclass(frozen=True)
class Column:
    """`number_format` as a workbook writes it, `width` in characters; both are for workbooks alone."""

    heading: str
    number_format: str = GENERAL
    width: int = 14
    bold: bool = False
    wraps: bool = False

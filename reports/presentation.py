"""How people read a report's values: with percent signs and currencies, in the formats of the viewer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.formats import rounded, whole
from reports.report import Column, Figure, Kind, Report, Row, Value

UNKNOWN = "–"
_UNITS = {
    Kind.NUMBER: (1, ""),
    Kind.HOURS: (1, "\u00a0h"),
    Kind.DAYS: (1, "\u00a0d"),
    Kind.SCORE: (3, ""),
}
_SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def text_of(value: Value, kind: Kind, currency: str = "", *, cents: bool = True) -> str:
    match value:
        case None:
            return UNKNOWN
        case str():
            return value
        case _ if kind is Kind.MONEY:
            return _money(Decimal(value), currency, cents=cents)
        case _:
            return _number(value, kind)


def _number(value: int | float | Decimal, kind: Kind) -> str:
    if kind is Kind.CHANGE:
        return signed(int(value))
    if kind is Kind.SHARE:
        return f"{rounded(value * 100, 1)}%"
    if kind in _UNITS:
        places, unit = _UNITS[kind]
        return f"{rounded(value, places)}{unit}"
    return rounded(value, len(str(value).partition(".")[2]))


def signed(change: int) -> str:
    """+3, -2, 0."""
    return f"{'+' if change > 0 else ''}{whole(change)}"


def _money(amount: Decimal, currency: str, *, cents: bool) -> str:
    unit = _SYMBOLS.get(currency, f"{currency}\u00a0" if currency else "")
    sign = "-" if amount < 0 else ""
    return f"{sign}{unit}{rounded(abs(amount), 2 if cents else 0)}"


def tile_text(figure: Figure) -> str:
    """Short enough for a headline: millions lose their digits here, the total row has them."""
    if figure.value is None:
        return "Unknown"
    if isinstance(figure.value, Decimal) and abs(figure.value) >= 1_000_000:
        return _money(figure.value / 1_000_000, figure.currency, cents=True) + "M"
    return figure_text(figure)


def figure_text(figure: Figure) -> str:
    return text_of(figure.value, figure.kind, figure.currency, cents=_needs_cents([figure.value]))


def _needs_cents(values: Iterable[Value]) -> bool:
    """A column of large amounts reads better without them; files always have them."""
    return not any(isinstance(value, Decimal) and abs(value) >= 1000 for value in values)


@dataclass(frozen=True)
class Shown:
    """The columns people see, and those left out because no row knows anything of them."""

    columns: tuple[Column, ...]
    left_out: tuple[Column, ...]

    def texts(self, report: Report, rows: Sequence[Row]) -> list[list[str]]:
        """The rows as people read them; one column's amounts all have cents, or none has."""
        cents = {column.key: _needs_cents(row[column.key] for row in report.rows) for column in self.columns}
        return [
            [text_of(row[one.key], one.kind_in(row), one.currency, cents=cents[one.key]) for one in self.columns]
            for row in rows
        ]


def shown(report: Report) -> Shown:
    readable = [one for one in report.columns if one.kind is not Kind.CODE and not _is_idle(one, report)]
    known = [one for one in readable if any(row[one.key] is not None for row in report.rows)]
    return Shown(tuple(known), tuple(one for one in readable if one not in known))


def _is_idle(column: Column, report: Report) -> bool:
    return column.exceptional and not any(row[column.key] for row in report.rows)

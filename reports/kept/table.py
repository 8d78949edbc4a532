"""Counts and sums by keys, as they are added up, taken off and written down."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Number = int | Decimal
# By the values of the keys the sums; the last is how many rows there are, so that none is kept without any.
Lines = dict[tuple[Any, ...], list[Number]]


@dataclass
class Table:
    """`keys` and `sums` name the columns. A sum of nothing is 0."""

    keys: Sequence[str]
    sums: Sequence[str]
    lines: Lines = field(default_factory=dict)

    def add(self, key: tuple[Any, ...], sums: Sequence[Number | None]) -> None:
        line = self.lines.setdefault(key, [0] * len(self.sums))
        for place, number in enumerate(sums):
            if number:
                line[place] += number

    def add_all(self, other: "Table") -> None:
        for key, sums in other.lines.items():
            self.add(key, sums)

    def take_off(self, other: "Table") -> None:
        for key, sums in other.lines.items():
            self.add(key, [-number for number in sums])

    def rows(self) -> Iterator[dict[str, Any]]:
        for key, sums in self.lines.items():
            if sums[-1]:
                yield {**dict(zip(self.keys, key, strict=True)), **dict(zip(self.sums[:-1], sums, strict=False))}

    def written(self) -> str:
        """As `read` takes it."""
        lines = [(key, sums) for key, sums in self.lines.items() if sums[-1]]
        keys = [_column(values) for values in zip(*(key for key, _ in lines), strict=True)]
        sums = [_column(values) for values in zip(*(sums for _, sums in lines), strict=True)]
        return json.dumps([keys, sums], separators=(",", ":"))

    def read(self, text: str) -> "Table":
        """The same columns with the lines of what was `written`."""
        keys, sums = json.loads(text)
        if sums:
            values = zip(*(_values(*column) for column in sums), strict=True)
            numbers = [list(line) for line in values]
            found = zip(*(_values(*column) for column in keys), strict=True) if keys else [()] * len(numbers)
            self.lines = dict(zip(found, numbers, strict=True))
        return self


_READ: Mapping[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "Decimal": Decimal,
}


def _column(values: Iterable[Any]) -> tuple[str, list[Any]]:
    """The name of its type, and its values as JSON has them. Sums that are all whole have none of the types."""
    found = list(values)
    name = next((type(one).__name__ for one in found if type(one).__name__ in _READ), "")
    if not name:
        return "", found
    return name, [None if one is None else str(one) for one in found]


def _values(name: str, values: list[Any]) -> list[Any]:
    if not name:
        return values
    read = _READ[name]
    return [None if one is None else read(one) for one in values]

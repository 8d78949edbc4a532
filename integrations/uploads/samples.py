"""What is in the columns of an uploaded file, for whoever maps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from integrations.files.errors import quoted
from integrations.files.tables import Row, Table

LOOKED_AT = 2000
SHOWN = 3
LONGEST_SHOWN = 40


@dataclass(frozen=True)
class Samples:
    """`values`: the values in the first rows of each column, each once, in their order, without blanks."""

    headers: Sequence[str]
    values: Mapping[str, Sequence[str]]

    def shown(self, column: str) -> str:
        """A few of a column's values on one line."""
        return " · ".join(quoted(text, LONGEST_SHOWN)[1:-1] for text in self.values.get(column, ())[:SHOWN])


def samples_of(table: Table) -> Samples:
    """Raises FileError."""
    values: dict[str, dict[str, None]] = {header: {} for header in table.headers}
    for row in islice(table, LOOKED_AT):
        if isinstance(row, Row):
            for header, cell in row.cells.items():
                if text := cell.strip():
                    values[header][text] = None
    return Samples(table.headers, {header: list(found) for header, found in values.items()})

"""Our fields, and how one of them is read from a column of a file."""

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.files.kinds import Kind

# Our fields by name; `attributes.*` stands for every name that begins with `attributes.`.
FieldSet = Mapping[str, Kind]

BLANK = object()


@dataclass(frozen=True)
class ColumnRule:
    """How one field is read; `values` and `blank` are converted already."""

    field: str
    column: str
    kind: Kind
    values: Mapping[str, object]
    blank: object = BLANK

    def read(self, cell: str) -> object:
        """The field's value, or BLANK; raises CellRefused."""
        text = cell.strip()
        if text in self.values:
            return self.values[text]
        return self.kind.convert(text) if text else self.blank


def kind_of(field: str, fields: FieldSet) -> Kind | None:
    if field.endswith("*"):
        return None
    parent, _, name = field.partition(".")
    return fields.get(field) or (fields.get(f"{parent}.*") if name else None)

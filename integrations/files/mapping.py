"""How a foreign file becomes ours: which column is which field, and how its cells are read."""

from pathlib import Path

from integrations.files.columns import BLANK, ColumnRule, FieldSet, kind_of
from integrations.files.errors import CellError, FileError, with_suggestion
from integrations.files.kinds import CellRefused
from integrations.files.mapping_file import MappingFile, read_mapping, read_mapping_file
from integrations.files.tables import Row


class Mapping:
    """Bind it to a file's headers, then read the file's rows.

    Without a mapping file the columns named like a field are read as they are.
    `ignored` are the columns that nothing is read from.
    """

    def __init__(self, fields: FieldSet, declared: MappingFile | None) -> None:
        self.source = declared.source if declared else ""
        self.ignored: list[str] = []
        self._fields = fields
        self._declared = declared
        self._constants = declared.constants if declared else {}
        self._rules: list[ColumnRule]  # known once bound

    def bind(self, headers: list[str]) -> None:
        """Raises FileError naming every column that the mapping reads and the file lacks."""
        self._rules = self._declared.rules if self._declared else _rules_by_name(headers, self._fields)
        missing = dict.fromkeys(rule.column for rule in self._rules if rule.column not in headers)
        if missing:
            names = ", ".join(with_suggestion(column, headers) for column in missing)
            raise FileError(f"The file has no column {names}: correct the mapping or the header.")
        columns = {rule.column for rule in self._rules}
        self.ignored = [header for header in headers if header not in columns]

    @property
    def columns(self) -> dict[str, str]:
        """The column that each field is read from; once bound."""
        return {rule.field: rule.column for rule in self._rules}

    @property
    def constants(self) -> dict[str, object]:
        return dict(self._constants)

    def reads(self, field: str) -> bool:
        """Whether rows may have a value of this field."""
        return field in self._constants or any(rule.field == field for rule in self._rules)

    def column_of(self, field: str) -> str:
        """The column that a field is read from; empty for a constant, and for what the file does not have."""
        return next((rule.column for rule in self._rules if rule.field == field), "")

    def read(self, row: Row) -> dict[str, object] | list[CellError]:
        """The row's values by field, without those of blank cells; or all that is wrong with its cells."""
        values = dict(self._constants)
        errors = []
        for rule in self._rules:
            try:
                value = rule.read(row.cells[rule.column])
            except CellRefused as refusal:
                errors.append(CellError(row.line, rule.column, str(refusal)))
            else:
                if value is not BLANK:
                    values[rule.field] = value
        return errors or values


def mapping_of(text: str, fields: FieldSet) -> Mapping:
    """The mapping that this TOML is. Raises FileError."""
    return Mapping(fields, read_mapping(text, fields))


def load_mapping(path: Path | None, fields: FieldSet) -> Mapping:
    """Raises FileError for what is wrong with the mapping file itself, such as unknown fields."""
    return Mapping(fields, read_mapping_file(path, fields) if path else None)


def _rules_by_name(headers: list[str], fields: FieldSet) -> list[ColumnRule]:
    kinds = {header: kind_of(header, fields) for header in headers}
    rules = [ColumnRule(header, header, kind, values={}) for header, kind in kinds.items() if kind]
    if not rules:
        names = ", ".join(with_suggestion(header, list(fields)) for header in headers)
        raise FileError(f"No column has the name of a field: {names}; rename them or use a mapping file.")
    return rules

"""Mapping files (TOML): what they may say, and a sentence for everything else."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from integrations.files.columns import BLANK, ColumnRule, FieldSet, kind_of
from integrations.files.errors import FileError, quoted, with_suggestion
from integrations.files.kinds import CellRefused, Kind

SECTIONS = ("source", "columns", "constants")
COLUMN_KEYS = ("column", "blank", "values")
OPTION_WORDS = {str: "text", bool: "true or false"}
# Any moment will do to try a date format on.
SAMPLE_MOMENT = datetime(2034, 12, 25, 13, 46, 58, tzinfo=UTC)


@dataclass(frozen=True)
class MappingFile:
    source: str
    rules: list[ColumnRule]
    constants: dict[str, object]


@dataclass(frozen=True)
class Declared:
    """What a mapping says, by our fields, as it was written: a column's name or a table, a constant's value."""

    source: str
    columns: dict[str, Any]
    constants: dict[str, Any]


def read_mapping_file(path: Path, fields: FieldSet) -> MappingFile:
    """Raises FileError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"The mapping {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise FileError(f"The mapping {path} is no TOML: {error}.") from error
    return read_mapping(text, fields, name=f"mapping {path}")


def declared_in(text: str, fields: FieldSet) -> Declared:
    """What the TOML says, before any of it is converted. Raises FileError where it is no mapping of these fields."""
    document = _document(text, "mapping")
    columns = _with_kinds(_section(document, "columns"), fields)
    constants = _with_kinds(_section(document, "constants"), fields)
    return Declared(
        _source(document),
        {field: declared for field, (_, declared) in columns.items()},
        {field: declared for field, (_, declared) in constants.items()},
    )


def read_mapping(text: str, fields: FieldSet, *, name: str = "mapping") -> MappingFile:
    """Constants, `blank` and `values` are in our notation: ISO dates, decimal points. Raises FileError."""
    document = _document(text, name)
    columns = _with_kinds(_section(document, "columns"), fields)
    constants = _with_kinds(_section(document, "constants"), fields)
    twice = sorted(columns.keys() & constants.keys())
    if twice:
        raise FileError(f"The mapping has {', '.join(twice)} in [columns] and in [constants]: keep one of the two.")
    if not columns:
        raise FileError('The mapping has no [columns]: name at least one, as in email = "E-Mail".')
    return MappingFile(
        source=_source(document),
        rules=[_rule(field, kind, declared) for field, (kind, declared) in columns.items()],
        constants={field: _constant(field, kind, declared) for field, (kind, declared) in constants.items()},
    )


def _document(text: str, name: str) -> dict[str, Any]:
    try:
        # Decimals stay the text they are, so that no amount is ever a binary fraction.
        document = tomllib.loads(text, parse_float=str)
    except ValueError as error:
        raise FileError(f"The {name} is no TOML: {error}.") from error
    _refuse_unknown("The mapping", document, SECTIONS)
    return document


def _source(document: dict[str, Any]) -> str:
    source = document.get("source", "")
    if not isinstance(source, str):
        raise FileError('The mapping\'s source is no text: write it as source = "name".')
    if not source.isprintable():
        raise FileError("The mapping's source has a character that cannot be seen: write it in letters and digits.")
    return source.strip()


def _section(document: dict[str, Any], name: str) -> dict[str, Any]:
    section = document.get(name, {})
    if not isinstance(section, dict):
        raise FileError(f"The mapping's {name} is no table: write [{name}] on a line of its own.")
    return section


def _with_kinds(section: dict[str, Any], fields: FieldSet) -> dict[str, tuple[Kind, Any]]:
    declared_fields = _flattened(section, fields)
    kinds = {field: kind_of(field, fields) for field in declared_fields}
    unknown = [field for field, kind in kinds.items() if kind is None]
    if unknown:
        names = ", ".join(with_suggestion(field, list(fields)) for field in unknown)
        raise FileError(f"The mapping has unknown fields: {names}; the fields are {', '.join(fields)}.")
    return {field: (kind, declared_fields[field]) for field, kind in kinds.items() if kind}


def _flattened(table: dict[str, Any], fields: FieldSet, prefix: str = "") -> dict[str, Any]:
    """TOML reads company.name = "x" without quotes as a table in a table; here the two are the same."""
    flat: dict[str, Any] = {}
    for key, declared in table.items():
        field = prefix + key
        if isinstance(declared, dict) and any(name.startswith(f"{field}.") for name in fields):
            flat |= _flattened(declared, fields, f"{field}.")
        else:
            flat[field] = declared
    return flat


def _constant(field: str, kind: Kind, declared: object) -> object:
    value = _converted(f"constant {field}", kind, declared)
    if value is BLANK:
        raise FileError(f"The mapping's constant {field} is blank: give it a value or leave it out.")
    return value


def _rule(field: str, kind: Kind, declared: object) -> ColumnRule:
    table = declared if isinstance(declared, dict) else {"column": declared}
    _refuse_unknown(f"The mapping's {field}", table, (*COLUMN_KEYS, *kind.options))
    column, values = table.get("column"), table.get("values", {})
    if not isinstance(column, str) or not isinstance(values, dict):
        raise FileError(f'The mapping\'s {field} must be written {field} = "column" or {{ column = "column", … }}.')
    options = _options(field, kind, table)
    # A date in our notation is local to the same place as those of the column.
    ours = replace(kind, **{name: value for name, value in options.items() if name == "time_zone"})
    return ColumnRule(
        field,
        column.strip(),
        replace(kind, **options),
        values={text.strip(): _converted(f"{field}, value {quoted(text)},", ours, values[text]) for text in values},
        blank=_converted(f"{field}, blank,", ours, table.get("blank", "")),
    )


def _options(field: str, kind: Kind, table: dict[str, Any]) -> dict[str, Any]:
    options = {name: table[name] for name in kind.options if name in table}
    for name, value in options.items():
        if not isinstance(value, kind.options[name]):
            raise FileError(f"The mapping's {field} has a {name} that is no {OPTION_WORDS[kind.options[name]]}.")
    if "time_zone" in options:
        _check_time_zone(field, options["time_zone"])
    if "format" in options:
        _check_format(field, options["format"])
    return options


def _check_time_zone(field: str, name: str) -> None:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        sentence = f"The mapping's {field} has an unknown time zone {quoted(name)}: write one like Europe/Paris."
        raise FileError(sentence) from error


def _check_format(field: str, date_format: str) -> None:
    try:
        datetime.strptime(SAMPLE_MOMENT.strftime(date_format), date_format)  # noqa: DTZ007  only tried
    except ValueError as error:
        sentence = f"The mapping's {field} has a bad date format {quoted(date_format)}: write one like %d/%m/%Y."
        raise FileError(sentence) from error


def _converted(what: str, kind: Kind, declared: object) -> object:
    """The value of something written in the mapping file, or BLANK."""
    match declared:
        case bool():
            text = str(declared).lower()
        case str() | int():
            text = str(declared).strip()
        case date() | time():
            text = declared.isoformat()
        case _:
            raise FileError(f"The mapping's {what} must be a text, a number or a date.")
    try:
        return kind.convert(text) if text else BLANK
    except CellRefused as refusal:
        raise FileError(f"The mapping's {what} cannot be used: {refusal}.") from refusal


def _refuse_unknown(what: str, table: Iterable[str], known: tuple[str, ...]) -> None:
    unknown = [name for name in table if name not in known]
    if unknown:
        names = ", ".join(with_suggestion(name, known) for name in unknown)
        raise FileError(f"{what} has {names}, but may only have {', '.join(known)}.")

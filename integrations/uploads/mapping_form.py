"""The mapping as a form: for each of our fields the column it is read from, and how."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.files.columns import FieldSet
from integrations.files.kinds import Calendar, Choice, Kind, Money
from integrations.files.mapping_file import Declared
from integrations.uploads.guess import MAX_WORDS, Guess, has_words, is_ours, words_of
from integrations.uploads.samples import Samples

GROUPS = (("", "Read as"), ("company.", "The company"), ("attributes.", "What is known of the lead"))


@dataclass(frozen=True)
class Word:
    """A word of the file, and what it is read as."""

    their: str
    ours: str


@dataclass
class FieldRow:
    """One of our fields. `why`: what its guess rests on; `doubt`: what to look at before it is taken."""

    name: str
    kind: Kind
    column: str = ""
    constant: str = ""
    blank: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    more_words: int = 0
    shown: str = ""
    why: str = ""
    doubt: str = ""

    @property
    def label(self) -> str:
        return self.name.rpartition(".")[2].replace("_", " ").capitalize()

    @property
    def is_moment(self) -> bool:
        return isinstance(self.kind, Calendar)

    @property
    def is_money(self) -> bool:
        return isinstance(self.kind, Money)

    @property
    def choices(self) -> Sequence[str]:
        return self.kind.allowed if isinstance(self.kind, Choice) else ()

    @property
    def is_open(self) -> bool:
        """Whether more than the column is said, or to be looked at."""
        return bool(self.constant or self.blank or self.options or self.words or self.doubt)


@dataclass(frozen=True)
class Group:
    title: str
    rows: Sequence[FieldRow]

    @property
    def is_used(self) -> bool:
        return any(row.column or row.constant for row in self.rows)


def guessed(source: str, guesses: Mapping[str, Guess], *, time_zone: str, fields: FieldSet) -> Declared:
    """What the guesses would be as a mapping. Dates without an offset are taken to be of `time_zone`."""
    columns: dict[str, Any] = {}
    for name in fields:
        if name not in guesses:
            continue
        options = dict(guesses[name].options)
        if isinstance(fields[name], Calendar):
            options["time_zone"] = time_zone
        columns[name] = {"column": guesses[name].column, **options} if options else guesses[name].column
    return Declared(source, columns, {})


def groups_of(
    declared: Declared, fields: FieldSet, samples: Samples, guesses: Mapping[str, Guess] | None = None
) -> list[Group]:
    rows = [_row(name, kind, declared, samples) for name, kind in fields.items()]
    for row in rows:
        guess = (guesses or {}).get(row.name)
        if guess and guess.column == row.column:
            row.why, row.doubt = guess.why, guess.doubt
    parts = {prefix: [row for row in rows if row.name.startswith(prefix)] for prefix, _ in GROUPS[1:]}
    apart = {id(row) for part in parts.values() for row in part}
    parts[""] = [row for row in rows if id(row) not in apart]
    return [Group(title, parts[prefix]) for prefix, title in GROUPS if parts[prefix]]


def _row(name: str, kind: Kind, declared: Declared, samples: Samples) -> FieldRow:
    said = declared.columns.get(name, {})
    table = said if isinstance(said, dict) else {"column": said}
    row = FieldRow(name, kind, column=str(table.get("column", "")), constant=str(declared.constants.get(name, "")))
    row.blank = str(table.get("blank", ""))
    row.options = {option: table[option] for option in kind.options if option in table}
    row.values = {their: str(ours) for their, ours in table.get("values", {}).items()}
    row.shown = samples.shown(row.column)
    if row.values or (has_words(kind) and row.column):
        found = samples.values.get(row.column, ()) if has_words(kind) else ()
        words = row.values | {their: ours for their, ours in words_of(kind, found).items() if their not in row.values}
        shown = max(MAX_WORDS, len(row.values))
        row.words = [Word(their, ours) for their, ours in words.items()][:shown]
        row.more_words = len(words) - len(row.words)
    return row


def typed(given: Mapping[str, str], fields: FieldSet) -> Declared:
    """What somebody has typed into the form."""
    columns: dict[str, Any] = {}
    constants: dict[str, Any] = {}
    for name, kind in fields.items():
        if constant := _text(given, "constant", name):
            constants[name] = constant
        if column := given.get(f"column:{name}", ""):
            table = {"column": column} | _told(given, name, kind)
            columns[name] = table if len(table) > 1 else column
    return Declared(given.get("source", "").strip(), columns, constants)


def _told(given: Mapping[str, str], name: str, kind: Kind) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for option, of in kind.options.items():
        text = _text(given, option, name)
        if text:
            table[option] = True if of is bool else text
    if blank := _text(given, "blank", name):
        table["blank"] = blank
    words = {word.their: word.ours for word in _words(given, name) if word.ours and not is_ours(kind, *_pair(word))}
    return table | ({"values": words} if words else {})


def _words(given: Mapping[str, str], name: str) -> Iterable[Word]:
    number = 0
    while f"word:{name}:{number}" in given:
        yield Word(given[f"word:{name}:{number}"], _text(given, "value", f"{name}:{number}"))
        number += 1


def _pair(word: Word) -> tuple[str, str]:
    return word.their, word.ours


def _text(given: Mapping[str, str], what: str, name: str) -> str:
    return given.get(f"{what}:{name}", "").replace("\x00", "").strip()

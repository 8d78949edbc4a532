"""An import from its first row to its last: in chunks, each of them wholly written or not at all."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import transaction

from funnel.inputs import Status
from integrations.files.errors import CellError, FileError, RowError, quoted
from integrations.files.mapping import Mapping
from integrations.files.rejects import RejectWriter
from integrations.files.tables import Row, Table
from integrations.imports.records import Answer, Importer, Prepared, Record, RowRefused

# About a third of a second and one transaction; others write in between.
CHUNK_ROWS = 1000
MAX_SOURCE_CHARACTERS = 50


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not imported: all that is wrong with it, and its cells."""

    errors: Sequence[CellError]
    cells: Sequence[str]

    @property
    def line(self) -> int:
        return self.errors[0].line


@dataclass
class Tally:
    """What became of the rows; created, updated, skipped and rejected add up to them."""

    counts: Counter[Status] = field(default_factory=Counter)
    first_rejections: list[Rejection] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.counts.total()

    @property
    def rejected(self) -> int:
        return self.counts[Status.REJECTED]

    def __str__(self) -> str:
        created, updated, skipped = (
            self.counts[status] for status in (Status.CREATED, Status.UPDATED, Status.UNCHANGED)
        )
        rows = "row" if self.rows == 1 else "rows"
        return f"{self.rows} {rows}: created {created}, updated {updated}, skipped {skipped}, rejected {self.rejected}"


class ImportRun:
    """Imports the rows of a table. `tally` is true after every chunk, whatever ends the run."""

    def __init__(self, table: Table, mapping: Mapping, importer: Importer[Prepared]) -> None:
        self.table = table
        self.tally = Tally()
        self._mapping = mapping
        self._importer = importer

    def write(self, rejects: RejectWriter | None, *, told: Callable[[int], object], examples: int = 0) -> None:
        """`told` hears of the line reached; `examples`: how many rejections the tally keeps. Raises FileError."""
        for chunk in _chunks(self.table, CHUNK_ROWS):
            answers, rejections = self._write_chunk(chunk)
            self.tally.counts.update(answer.status for answer in answers)
            self.tally.counts[Status.REJECTED] += len(rejections)
            room = examples - len(self.tally.first_rejections)
            self.tally.first_rejections += rejections[: max(room, 0)]
            if rejects:
                for rejection in rejections:
                    rejects.write(rejection.errors, rejection.cells)
            told(self.table.position)

    def _write_chunk(self, chunk: list[Row | RowError]) -> tuple[list[Answer], list[Rejection]]:
        """The answers to the rows that were imported, and the others."""
        rows = {row.line: row for row in chunk if isinstance(row, Row)}
        rejections = [Rejection([row], row.cells) for row in chunk if isinstance(row, RowError)]
        records = []
        for row in rows.values():
            values = self._mapping.read(row)
            if isinstance(values, dict):
                records.append(Record(row.line, values))
            else:
                rejections.append(Rejection(values, list(row.cells.values())))
        answers = self._import(records)
        for line, answer in answers.items():
            if answer.status is Status.REJECTED:
                error = CellError(line, self._mapping.column_of(answer.field), answer.problem)
                rejections.append(Rejection([error], list(rows[line].cells.values())))
        imported = [answer for answer in answers.values() if answer.status is not Status.REJECTED]
        return imported, sorted(rejections, key=lambda rejection: rejection.line)

    @transaction.atomic
    def _import(self, records: list[Record]) -> dict[int, Answer]:
        answers: dict[int, Answer] = {}
        prepared = {}
        for record in records:
            try:
                prepared[record.line] = self._importer.prepare(record)
            except RowRefused as refused:
                answers[record.line] = refused.answer
        return answers | dict(self._importer.write(prepared))


def source_of(path: Path, mapping: Mapping) -> str:
    """The system that the external ids belong to: as the mapping says, else the file's name.

    A file of rejected rows speaks for the file they came from. Raises FileError for a name that is too long.
    """
    name = path.name
    while name.endswith(".rejected.csv"):
        name = name.removesuffix(".rejected.csv")
    source = mapping.source or Path(name).stem
    if len(source) > MAX_SOURCE_CHARACTERS:
        raise FileError(
            f"The source {quoted(source)} has more than {MAX_SOURCE_CHARACTERS} characters:"
            " name a shorter one in a mapping file."
        )
    return source


def _chunks(rows: Iterable[Row | RowError], size: int) -> Iterator[list[Row | RowError]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk

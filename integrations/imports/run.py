"""An import from its first row to its last: in chunks, each of them wholly written or not at all."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as AbstractMapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from funnel.inputs import Status
from integrations.files.errors import CellError, FileError, RowError, quoted
from integrations.files.mapping import Mapping
from integrations.files.rejects import RejectWriter
from integrations.files.tables import Row, Table
from integrations.imports.lanes import Lanes, can_fork
from integrations.imports.records import Answer, Importer, Prepared, Record, RowRefused, SideBySide

# About a third of a second and one transaction; others write in between.
CHUNK_ROWS = 1000
MAX_SOURCE_CHARACTERS = 50


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row; of a rejected one all that is wrong with it, and its cells."""

    line: int
    status: Status
    errors: Sequence[CellError] = ()
    cells: Sequence[str] = ()
    lead_id: int | None = None


@dataclass
class Tally:
    """What became of the rows; created, updated, skipped and rejected add up to them."""

    counts: Counter[Status] = field(default_factory=Counter)
    first_rejections: list[RowResult] = field(default_factory=list)

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
    """Imports the rows of a table. `tally` is true after every chunk of `write`, whatever ends it."""

    def __init__(self, table: Table, mapping: Mapping, importer: Importer[Prepared]) -> None:
        self.table = table
        self.tally = Tally()
        self.importer = importer
        self.mapping = mapping

    def write(self, rejects: RejectWriter | None, *, told: Callable[[int], object], examples: int = 0) -> None:
        """`told` hears of the line reached; `examples`: how many rejections the tally keeps. Raises FileError."""

        def note(position: int, results: Sequence[RowResult]) -> None:
            rejections = [result for result in results if result.status is Status.REJECTED]
            self.tally.counts.update(result.status for result in results)
            room = examples - len(self.tally.first_rejections)
            self.tally.first_rejections += rejections[: max(room, 0)]
            if rejects:
                for rejection in rejections:
                    rejects.write(rejection.errors, rejection.cells)
            told(position)

        if importer := self._side_by_side:
            self._write_side_by_side(importer, note)
            return
        for chunk in chunks(self.table, CHUNK_ROWS):
            note(self.table.position, self.import_chunk(chunk))

    @property
    def _side_by_side(self) -> SideBySide[Any] | None:
        """The importer, where it can write so. SQLite has one writer; and a dry run is one transaction."""
        importer = self.importer
        if connection.vendor != "postgresql" or connection.in_atomic_block or not can_fork():
            return None
        if not isinstance(importer, SideBySide) or any(self.mapping.reads(field) for field in importer.in_order):
            return None
        return importer

    def _write_side_by_side(
        self, importer: SideBySide[Any], note: Callable[[int, Sequence[RowResult]], object]
    ) -> None:
        """Told in the order of the file. Whatever ends it, all that was written is noted."""
        with Lanes[_Chunk, AbstractMapping[int, Any], AbstractMapping[int, Answer]](importer.write_apart) as lanes:

            def told(finished: Iterable[tuple[_Chunk, AbstractMapping[int, Answer]]]) -> None:
                for chunk, answers in finished:
                    importer.note(chunk.prepared)
                    note(chunk.position, self._results(chunk, answers))

            try:
                for rows in chunks(self.table, CHUNK_ROWS):
                    chunk = self._read(rows)
                    self._prepare(chunk)
                    lanes.give(chunk, chunk.prepared)
                    told(lanes.done())
            finally:
                told(lanes.rest())

    def import_chunk(self, rows: Iterable[Row | RowError]) -> list[RowResult]:
        """Write these rows in one transaction; what became of each, in the order of the file."""
        chunk = self._read(rows)
        with transaction.atomic():
            self._prepare(chunk)
            answers = self.importer.write(chunk.prepared)
        return self._results(chunk, answers)

    def _read(self, chunk: Iterable[Row | RowError]) -> "_Chunk":
        rows, results, records = {}, [], []
        for row in chunk:
            if isinstance(row, RowError):
                results.append(RowResult(row.line, Status.REJECTED, [row], row.cells))
                continue
            rows[row.line] = row
            values = self.mapping.read(row)
            if isinstance(values, dict):
                records.append(Record(row.line, values))
            else:
                results.append(RowResult(row.line, Status.REJECTED, values, list(row.cells.values())))
        return _Chunk(self.table.position, rows, results, records)

    def _prepare(self, chunk: "_Chunk") -> None:
        for record in chunk.records:
            try:
                chunk.prepared[record.line] = self.importer.prepare(record)
            except RowRefused as refused:
                chunk.refused[record.line] = refused.answer

    def _results(self, chunk: "_Chunk", written: AbstractMapping[int, Answer]) -> list[RowResult]:
        answers = {**chunk.refused, **written}
        results = chunk.unreadable + [self._result(chunk.rows[line], answer) for line, answer in answers.items()]
        return sorted(results, key=lambda result: result.line)

    def recall(self, row: Row) -> None:
        """A row that an earlier run over this file has dealt with; what it was refused for is known already."""
        values = self.mapping.read(row)
        if isinstance(values, dict):
            with suppress(RowRefused):
                self.importer.recall(Record(row.line, values))

    def _result(self, row: Row, answer: Answer) -> RowResult:
        if answer.status is not Status.REJECTED:
            return RowResult(row.line, answer.status, lead_id=answer.lead_id)
        error = CellError(row.line, self.mapping.column_of(answer.field), answer.problem)
        return RowResult(row.line, answer.status, [error], list(row.cells.values()))


@dataclass
class _Chunk:
    """Rows of the file on their way; `position`: the line they end at."""

    position: int
    rows: AbstractMapping[int, Row]
    unreadable: list[RowResult]
    records: Sequence[Record]
    prepared: dict[int, Any] = field(default_factory=dict)
    refused: dict[int, Answer] = field(default_factory=dict)


def source_named(name: str) -> str:
    """The source that a file's name stands for; a file of rejected rows speaks for the file they came from."""
    while name.endswith(".rejected.csv"):
        name = name.removesuffix(".rejected.csv")
    return Path(name).stem


def source_of(path: Path, mapping: Mapping) -> str:
    """The system that the external ids belong to: as the mapping says, else the file's name.

    Raises FileError for a name that is too long.
    """
    source = mapping.source or source_named(path.name)
    if len(source) > MAX_SOURCE_CHARACTERS:
        raise FileError(
            f"The source {quoted(source)} has more than {MAX_SOURCE_CHARACTERS} characters:"
            " name a shorter one in a mapping file."
        )
    return source


def chunks(rows: Iterable[Row | RowError], size: int) -> Iterator[list[Row | RowError]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk

"""What the import commands have in common: their options, the progress bar, the summary."""

import gc
import sys
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as AbstractMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from accounts.principals import SYSTEM
from integrations.files.errors import FileError
from integrations.files.mapping import Mapping, load_mapping
from integrations.files.rejects import RejectWriter
from integrations.files.tables import open_table
from integrations.imports.kinds import ImportKind
from integrations.imports.run import ImportRun, source_of

SHOWN_REJECTIONS = 20
SHOWN_NAMES = 50
INTERRUPTED = 130


class ImportCommand(BaseCommand):
    """A subclass says what a row is."""

    kind: ClassVar[ImportKind]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help=f"{self.kind.name} as CSV, TSV or XLSX")
        parser.add_argument(
            "--mapping", type=Path, metavar="MAP.toml", help="which column is which field; without it, columns named so"
        )
        parser.add_argument("--dry-run", action="store_true", help="show what would happen and write nothing")
        parser.add_argument("--encoding", help="of a text file that is not UTF-8, for example cp1252")

    def handle(
        self, *, file: Path, mapping: Path | None, dry_run: bool, encoding: str | None, verbosity: int, **options: Any
    ) -> None:
        run: ImportRun | None = None
        try:
            table = open_table(file, encoding)
            columns = load_mapping(mapping, self.kind.fields())
            columns.bind(table.headers)
            importer = self.kind.importer(source=source_of(file, columns), by=SYSTEM, at=timezone.now())
            run = ImportRun(table, columns, importer)
            rejects = None if dry_run else RejectWriter(file, table.headers)
            self._write(run, rejects, quiet=verbosity == 0)
        except FileError as error:
            raise CommandError(f"{error}{_so_far(run, dry_run=dry_run)}") from error
        except KeyboardInterrupt as interrupt:
            raise CommandError(f"Interrupted.{_so_far(run, dry_run=dry_run)}", returncode=INTERRUPTED) from interrupt
        if verbosity > 0:
            self._report(run, columns, importer.created(), rejects)

    def _write(self, run: ImportRun, rejects: RejectWriter | None, *, quiet: bool) -> None:
        # tqdm takes None as: only where somebody watches.
        bar = tqdm(total=run.table.size, unit=" lines", file=sys.stderr, disable=True if quiet else None)
        with rejects or _rolled_back(), bar, _all_kept():
            run.write(rejects, told=lambda line: bar.update(line - bar.n), examples=SHOWN_REJECTIONS)

    def _report(
        self,
        run: ImportRun,
        columns: Mapping,
        created: AbstractMapping[str, Sequence[str]],
        rejects: RejectWriter | None,
    ) -> None:
        tally = run.tally
        for rejection in tally.first_rejections:
            self.stdout.write("; ".join(str(error) for error in rejection.errors))
        if tally.rejected > SHOWN_REJECTIONS:
            self.stdout.write(f"… and {tally.rejected - SHOWN_REJECTIONS} more rejected rows")
        self.stdout.write(f"{tally}.")
        named = [f"{what} {_listed(names)}" for what, names in created.items() if names]
        if named:
            self.stdout.write(f"Created: {'; '.join(named)}.")
        if run.table.format.other_sheets:
            others = _listed(run.table.format.other_sheets)
            self.stdout.write(f"Read: sheet {run.table.format.sheet}. Sheets not read: {others}.")
        if columns.ignored:
            self.stdout.write(f"Columns not read: {_listed(columns.ignored)}.")
        if rejects is None:
            self.stdout.write("Dry run: nothing was written.")
        elif tally.rejected:
            self.stdout.write(f"Rejected rows: {rejects.path}")


@contextmanager
def _all_kept() -> Iterator[None]:
    """What is there before the first row stays to the last: looking for garbage in it took a fifth of an import."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _so_far(run: ImportRun | None, *, dry_run: bool) -> str:
    """What has been written all the same when an import ends before its time."""
    if run is None or dry_run or run.tally.rows == 0:
        return ""
    return f" Imported before: {run.tally}. Run it again for the rest."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more

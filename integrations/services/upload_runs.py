"""Uploaded files are imported in the background, a batch at a time, whatever becomes of the workers.

The rows of a batch and what became of them are one transaction, and so is how far the upload is. Whoever works on it
holds a lease, renewed with every batch; when it ends, because the worker did, another goes on from the last batch.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from funnel.inputs import Status
from integrations.files.errors import FileError, RowError
from integrations.files.tables import Row, Table
from integrations.imports.kinds import KINDS
from integrations.imports.run import ImportRun, RowResult
from integrations.models import Upload, UploadedRow
from integrations.services.retrying import passes
from integrations.services.uploads import bound_mapping, may_import, table_of

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
BATCH_ROWS = 200
# A dry run takes each batch back before the next: nobody waits long for it, and few rows do not know of each other.
DRY_BATCH_ROWS = 2000
RECALLED_ROWS = 1000  # the lease is renewed after as many

STATUS_OF = {
    Status.CREATED: UploadedRow.Status.CREATED,
    Status.UPDATED: UploadedRow.Status.UPDATED,
    Status.UNCHANGED: UploadedRow.Status.SKIPPED,
    Status.REJECTED: UploadedRow.Status.REJECTED,
}


class _Taken(Exception):
    """Somebody else works on it now: the lease ended before the batch did."""


def due(now: datetime) -> QuerySet[Upload]:
    waits = Q(state=Upload.State.WAITING)
    return Upload.objects.filter(waits | Q(state=Upload.State.RUNNING, leased_until__lte=now)).order_by("pk")


def run_uploads(*, clock: Callable[[], datetime], until: datetime) -> Counter[str]:
    """Import what waits, the oldest first, until the time is over; answers how many rows came to which end.

    To come to where a large workbook was left takes long itself: from there on it has the whole time.
    """
    done: Counter[str] = Counter()
    while clock() < until and (upload := _claim(clock())):
        done += _work(upload, clock=clock, until=until)
    return done


@transaction.atomic
def _claim(now: datetime) -> Upload | None:
    """Take one for as long as the lease. The attempt is counted before the work: one that kills is given up."""
    skip = connection.features.has_select_for_update_skip_locked
    for upload in due(now).select_for_update(skip_locked=skip, of=("self",)).select_related("by"):
        if upload.attempts >= MAX_ATTEMPTS:
            _finish(upload, f"Its worker ended {MAX_ATTEMPTS} times {_after(upload)}: look at the rows there.", now)
            continue
        upload.state, upload.leased_until = Upload.State.RUNNING, now + LEASE
        upload.attempts += 1
        upload.save(update_fields=["state", "leased_until", "attempts"])
        return upload
    return None


def _work(upload: Upload, *, clock: Callable[[], datetime], until: datetime) -> Counter[str]:
    before = Counter(upload.tally)
    longest = until - clock()
    ends_at = None
    try:
        work = _opened(upload, clock())
        for batch in work.batches(upload.line, hold=partial(_hold, upload, clock)):
            ends_at = ends_at or clock() + longest
            upload = work.do(batch, upload, clock=clock)
            if clock() >= ends_at:
                _give_back(upload, clock())
                return Counter(upload.tally) - before
    except FileError as error:
        so_far = f" It was read up to line {upload.line:,}." if upload.line else ""
        _finish(upload, f"{error}{so_far}", clock())
    except _Taken:
        return Counter()
    except OperationalError as error:
        if not passes(error):
            raise
        _give_back(upload, clock())
    else:
        _finish(upload, "", clock())
    return Counter(upload.tally) - before


@dataclass
class _Work:
    """An upload that is opened: its rows, and what writes them."""

    run: ImportRun
    dry_run: bool

    def batches(self, done: int, *, hold: Callable[[], None]) -> Iterator[list[Row | RowError]]:
        """What is left of the file after the line `done`. The rows before that are recalled, and `hold` is called."""
        left = self._after(done, hold)
        while batch := list(islice(left, DRY_BATCH_ROWS if self.dry_run else BATCH_ROWS)):
            yield batch

    def _after(self, done: int, hold: Callable[[], None]) -> Iterator[Row | RowError]:
        for number, row in enumerate(self.run.table, start=1):
            if row.line > done:
                yield row
                continue
            if isinstance(row, Row):
                self.run.recall(row)
            if number % RECALLED_ROWS == 0:
                hold()

    @transaction.atomic
    def do(self, batch: Sequence[Row | RowError], held: Upload, *, clock: Callable[[], datetime]) -> Upload:
        """Import the batch; answers the upload as it is then. Raises _Taken, and then nothing is written."""
        upload = Upload.objects.select_for_update().get(pk=held.pk)
        if upload.state != Upload.State.RUNNING or upload.leased_until != held.leased_until:
            raise _Taken
        results = tried(self.run, batch) if self.dry_run else self.run.import_chunk(batch)
        UploadedRow.objects.bulk_create(self._row(upload, result) for result in results)
        tally = Counter(upload.tally) + Counter(STATUS_OF[result.status].value for result in results)
        upload.line, upload.tally, upload.attempts = batch[-1].line, dict(tally), 0
        upload.leased_until, upload.created = clock() + LEASE, _merged(upload.created, self.run.importer.created())
        upload.save(update_fields=["line", "tally", "attempts", "leased_until", "created"])
        if self.dry_run:
            self.run.importer.forget()
        return upload

    def _row(self, upload: Upload, result: RowResult) -> UploadedRow:
        return UploadedRow(
            upload=upload,
            line=result.line,
            status=STATUS_OF[result.status],
            lead_id=None if self.dry_run else result.lead_id,
            problems=[[error.column, error.reason] for error in result.errors],
            cells=list(result.cells),
        )


def tried(run: ImportRun, batch: Sequence[Row | RowError]) -> list[RowResult]:
    """What would become of these rows; nothing of it stays, but the importer has yet to be told to forget."""
    with transaction.atomic():
        results = run.import_chunk(batch)
        transaction.set_rollback(True)
    return results


def _opened(upload: Upload, now: datetime) -> _Work:
    """Raises FileError, also where whoever uploaded it may not import any more."""
    kind = KINDS[upload.kind]
    if not may_import(upload.by, kind):
        raise FileError(f"{upload.by.name} may not import {kind.name} any more.")
    run = run_of(upload, table_of(upload), upload.toml, now)
    return _Work(run, dry_run=upload.dry_run)


def run_of(upload: Upload, table: Table, toml: str, now: datetime) -> ImportRun:
    """The import of this table as whoever uploaded it, with this mapping. Raises FileError."""
    mapping = bound_mapping(upload, table, toml)
    source = mapping.source or upload.source
    importer = KINDS[upload.kind].importer(source=source, by=upload.by.principal, at=now)
    return ImportRun(table, mapping, importer)


def _merged(known: Mapping[str, list[str]], new: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {what: list(dict.fromkeys([*known.get(what, []), *new.get(what, [])])) for what in {**known, **new}}


def _hold(upload: Upload, clock: Callable[[], datetime]) -> None:
    """Have the lease for longer. Raises _Taken."""
    held = Upload.objects.filter(pk=upload.pk, state=Upload.State.RUNNING, leased_until=upload.leased_until)
    until = clock() + LEASE
    if not held.update(leased_until=until):
        raise _Taken
    upload.leased_until = until


def _give_back(upload: Upload, now: datetime) -> None:
    """Free for the next round."""
    held = Upload.objects.filter(pk=upload.pk, state=Upload.State.RUNNING, leased_until=upload.leased_until)
    held.update(leased_until=now)


def _finish(upload: Upload, error: str, now: datetime) -> None:
    state = Upload.State.FAILED if error else Upload.State.DONE
    held = Upload.objects.filter(pk=upload.pk, leased_until=upload.leased_until)
    held.update(state=state, error=error[:500], finished_at=now, leased_until=None)


def _after(upload: Upload) -> str:
    return f"after line {upload.line:,}" if upload.line else "before its first rows were done"

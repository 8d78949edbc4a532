"""Files in the browser's import: kept, mapped, started, and forgotten again. What runs them: upload_runs."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import Role
from integrations.files.errors import EncodingUnknown, FileError
from integrations.files.mapping import Mapping, mapping_of
from integrations.files.tables import Table, open_table
from integrations.imports.kinds import KINDS, ImportKind
from integrations.imports.run import source_named, source_of
from integrations.models import SavedMapping, Upload, UploadedRow
from integrations.services import upload_files

MAX_BYTES = 10_000_000
MAX_ROWS = 50_000

State = Upload.State


class TooLarge(FileError):
    """More bytes than a browser may send."""


class NotNow(Exception):
    """The upload is where this cannot be done any more. Its text is a sentence."""


def may_import(user: User, kind: ImportKind) -> bool:
    return user.is_active and user.role in kind.roles


def uploads_of(user: User) -> QuerySet[Upload]:
    """Those that somebody may look at: his own, and an admin everybody's."""
    mine = Upload.objects.filter(kind__in=[kind.name for kind in kinds_for(user)])
    return mine if user.role == Role.ADMIN else mine.filter(by=user)


def kinds_for(user: User) -> list[ImportKind]:
    return [kind for kind in KINDS.values() if may_import(user, kind)]


# --- a file comes in ----------------------------------------------------------------------------------------


def store_upload(*, kind: ImportKind, name: str, size: int, content: Iterable[bytes], by: User, at: datetime) -> Upload:
    """Keep the file and look through it once. Its encoding may still have to be named: then it has no lines yet.

    Raises FileError for what cannot be imported at all, TooLarge among them; then nothing is kept.
    """
    if size > MAX_BYTES:
        raise TooLarge(f"The file is larger than {MAX_BYTES // 1_000_000} MB: split it, or use the commands.")
    shown = upload_files.shown_name(name)
    stored = upload_files.keep(content, ending=".xlsx" if Path(shown).suffix.lower() == ".xlsx" else ".csv")
    upload = Upload(
        kind=kind.name,
        name=shown,
        file=stored.name,
        digest=stored.digest,
        size=stored.size,
        source=source_named(shown)[:50],
        by=by,
        created_at=at,
    )
    try:
        upload.lines = _lines_of(upload)
        upload.save()
    except BaseException:
        upload_files.remove(stored.name)
        raise
    return upload


def name_encoding(upload_id: int, encoding: str) -> None:
    """Say how the text is written. Raises FileError where it is not, NotNow."""
    with transaction.atomic():
        upload = _mappable(upload_id)
        upload.encoding = encoding
        upload.lines = _lines_of(upload)
        upload.save(update_fields=["encoding", "lines"])


def table_of(upload: Upload) -> Table:
    """Raises FileError; EncodingUnknown where the encoding has to be named."""
    path = upload_files.path_of(upload)
    if not path.is_file():
        raise FileError("The file is no longer here: upload it again.")
    return open_table(path, upload.encoding or None)


def _lines_of(upload: Upload) -> int:
    """About how many lines there are, 0 while nobody knows how to read them. Raises FileError."""
    try:
        table = table_of(upload)
        last = 1
        for count, row in enumerate(table, start=1):
            last = row.line
            if count > MAX_ROWS:
                raise FileError(f"The file has more than {MAX_ROWS:,} rows: split it, or use the commands.")
    except EncodingUnknown:
        if upload.encoding:
            raise
        return 0
    return last


# --- its mapping --------------------------------------------------------------------------------------------


def is_mappable(upload: Upload) -> bool:
    """Whether nothing of it has been written, so that its mapping can still change."""
    is_over = upload.state in {State.DONE, State.FAILED}
    return upload.state == State.UPLOADED or (is_over and (upload.dry_run or upload.line == 0))


def bound_mapping(upload: Upload, table: Table, toml: str) -> Mapping:
    """The mapping, checked against the file's columns. Raises FileError."""
    kind = KINDS[upload.kind]
    mapping = mapping_of(toml, kind.fields())
    mapping.bind(table.headers)
    if not any(mapping.reads(field) for field in kind.needs):
        raise FileError(f"Choose a column for {' or '.join(kind.needs)}: each row needs one of them.")
    source_of(Path(upload.name), mapping)
    return mapping


@transaction.atomic
def set_mapping(upload_id: int, toml: str) -> None:
    """Read the file in this way from now on; what a dry run found is forgotten. Raises FileError, NotNow."""
    upload = _mappable(upload_id)
    mapping = bound_mapping(upload, table_of(upload), toml)
    _begin_anew(upload)
    upload.state, upload.dry_run, upload.toml = State.UPLOADED, False, toml
    upload.source = source_of(Path(upload.name), mapping)
    upload.save()


def _mappable(upload_id: int) -> Upload:
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    if not is_mappable(upload):
        raise NotNow("This file is being imported, or has been: upload it again to read it in another way.")
    return upload


# --- run, and forget ----------------------------------------------------------------------------------------


@transaction.atomic
def start(upload_id: int, *, dry_run: bool, by: User, at: datetime) -> None:
    """Have it run as soon as a worker is free; a run that failed midway goes on where it was. Raises NotNow.

    The mapping of a real run is kept for the next file of the source.
    """
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    goes_on = upload.state == State.FAILED and not upload.dry_run and not dry_run and upload.line > 0
    if not upload.toml or not (goes_on or is_mappable(upload)):
        raise NotNow("This file is being imported, or has been, or has no mapping yet.")
    if not goes_on:
        _begin_anew(upload)
        upload.dry_run = dry_run
    upload.state, upload.error, upload.attempts = State.WAITING, "", 0
    upload.leased_until = upload.finished_at = None
    upload.save()
    if not dry_run:
        said = {"toml": upload.toml, "updated_at": at, "updated_by": by}
        SavedMapping.objects.update_or_create(kind=upload.kind, source=upload.source, defaults=said)


def _begin_anew(upload: Upload) -> None:
    upload.rows.all().delete()
    upload.line, upload.tally, upload.created, upload.error, upload.finished_at = 0, {}, {}, "", None


def discard(upload_id: int) -> None:
    """Forget the file and what is known of its rows; what was imported stays. Raises NotNow while it runs."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload_id)
        if upload.state in {State.WAITING, State.RUNNING}:
            raise NotNow("This file is being imported: wait until that is done.")
        upload.delete()
    if upload.file:
        upload_files.remove(upload.file)


def discard_uploads(before: datetime) -> QuerySet[UploadedRow]:
    """Forget the files that came, and were last run, before then; answers the rows that still quote them.

    That there was a file, and how many of its rows came to which end, stays.
    """
    over = Upload.objects.filter(created_at__lt=before).exclude(state__in=[State.WAITING, State.RUNNING])
    old = over.filter(Q(finished_at=None) | Q(finished_at__lt=before))
    for pk, name in old.exclude(file="").values_list("pk", "file"):
        upload_files.remove(name)
        Upload.objects.filter(pk=pk).update(file="")
    upload_files.remove_strays(before)
    return UploadedRow.objects.filter(upload__in=old, status=UploadedRow.Status.REJECTED)

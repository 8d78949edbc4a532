"""Lists as files: who may take how much of them away, and the record of it. Apps register their lists."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from django.http import HttpResponseBase
from django.utils.http import content_disposition_header

from accounts.files import FORMATS, Column, Value
from accounts.http import SignedInRequest
from accounts.models import Export, User
from accounts.roles import Role

Response = TypeVar("Response", bound=HttpResponseBase)

MOST_FOR_A_REP = 500
CHUNK = 500
# Of an address: what chooses the file or a page of the list, and words that may be about a person.
NOT_FILTERS = frozenset({"format", "page", "before", "after"})
WORDS = frozenset({"q"})


class ExportRefused(Exception):
    """There is no file; the sentence says why, and what to do."""

    def __init__(self, sentence: str, *, status: int = 403) -> None:
        self.status = status
        super().__init__(sentence)


@dataclass(frozen=True)
class Contents:
    """What a file will have. Which rows is settled, within the scope of who asks; they are read as they are written."""

    columns: Sequence[Column]
    count: int
    rows: Iterable[Sequence[Value]]


@dataclass(frozen=True)
class ListExport:
    """A list that can be taken away. `name` stands in the address, in the file's name and in the record.

    `prepare` reads the list's own filters from the request, and of a rep's leads leaves only his own. It raises
    ExportRefused, PermissionDenied and Http404. `page`: the name of the URL where the list is.
    """

    name: str
    title: str
    page: str
    prepare: Callable[[SignedInRequest, datetime], Contents]


_LISTS: dict[str, ListExport] = {}


def register(*lists: ListExport) -> None:
    """Apps do so when they are ready."""
    _LISTS.update({one.name: one for one in lists})


def find_list(name: str) -> ListExport | None:
    return _LISTS.get(name)


def registered_lists() -> list[str]:
    """Their names."""
    return sorted(_LISTS)


def take_away(one: ListExport, request: SignedInRequest, *, file_format: str, now: datetime) -> Iterator[bytes]:
    """The file piece by piece; it is on record before there is a piece. Raises what `prepare` raises."""
    if file_format not in FORMATS:
        raise ExportRefused(f"There is no such file. Choose one of: {', '.join(FORMATS)}.", status=400)
    contents = one.prepare(request, now)
    _check_size(contents, request.user, file_format)
    note_export(request.user, one.name, given=request.GET.dict(), file_format=file_format, rows=contents.count, at=now)
    return FORMATS[file_format].write(one.title, contents.columns, contents.rows)


def _check_size(contents: Contents, user: User, file_format: str) -> None:
    most = FORMATS[file_format].most_rows
    if user.role == Role.REP and contents.count > MOST_FOR_A_REP:
        raise ExportRefused(
            f"{contents.count:,} of your leads are in this list, and a file may have {MOST_FOR_A_REP}. Narrow the list "
            "by a filter, or ask your manager for the file."
        )
    if most and contents.count > most:
        raise ExportRefused(
            f"The list has {contents.count:,} rows, and an Excel file may have {most:,}. Take CSV, or narrow the list.",
            status=400,
        )


def note_export(
    user: User, name: str, *, given: Mapping[str, object], file_format: str, rows: int, at: datetime
) -> None:
    """Put on record that somebody takes a file away. `given`: the parameters of its address."""
    filters = {key: value for key, value in given.items() if value and key not in NOT_FILTERS | WORDS}
    searched = [f"{key}=…" for key in sorted(WORDS) if given.get(key)]
    text = "&".join(filter(None, [urlencode(filters), *searched]))
    Export.objects.create(user=user, name=name, filters=text, file_format=file_format, rows=rows, at=at)


def as_download(response: Response, name: str) -> Response:
    """The answer as a file that is saved, and kept nowhere on its way. `name`: with its ending."""
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"  # noqa: FBT003
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


# --- for lists of many rows -----------------------------------------------------------------------------------


def snapshot(ids: Iterable[int]) -> "array[int]":
    """The rows of a list as they are at one moment, each by its key: eight bytes each.

    Whatever others write while the rows are read by these keys, none comes twice and none is missed.
    """
    return array("q", ids)


def in_chunks(ids: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """500 at a time, with the place of the first."""
    for begin in range(0, len(ids), CHUNK):
        yield begin, list(ids[begin : begin + CHUNK])

"""What the kinds of import have in common: a row's values come in, an answer to it goes out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from funnel.inputs import Received, Status

# Dates without an offset may be of any zone of the world.
LATEST = timedelta(days=1)

Prepared = TypeVar("Prepared")


@dataclass(frozen=True, slots=True)
class Record:
    """A row that could be read: its values by field, without those of blank cells."""

    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a row. A rejected one has a sentence, and where one field is to blame its name."""

    status: Status
    field: str = ""
    problem: str = ""
    lead_id: int | None = None

    @classmethod
    def to(cls, received: Received) -> Self:
        """A row that says nothing newer than what is known is skipped, as one that says the same."""
        status = Status.UNCHANGED if received.status is Status.STALE else received.status
        return cls(status, received.field, received.problem, received.lead.pk if received.lead else None)


class RowRefused(Exception):
    """Why a row is rejected, and through which field; without a field the row as a whole is to blame."""

    def __init__(self, field: str, problem: str) -> None:
        self.answer = Answer(Status.REJECTED, field, problem)
        super().__init__(problem)


class Importer(Protocol[Prepared]):
    """One kind of import. Both calls for a chunk are made in one transaction, `write` after all of `prepare`."""

    def prepare(self, record: Record) -> Prepared:
        """Raises RowRefused."""
        ...

    def write(self, prepared: Mapping[int, Prepared]) -> Mapping[int, Answer]:
        """What became of each row, by its line."""
        ...

    def recall(self, record: Record) -> None:
        """A row that an earlier run over this file has dealt with: noted where later rows depend on it.

        Writes nothing. Raises RowRefused where `prepare` or `write` would have.
        """
        ...

    def forget(self) -> None:
        """What was written has been taken back. What is known of the file's rows stays."""
        ...

    def created(self) -> Mapping[str, Sequence[str]]:
        """The names that were not known before, by what they name."""
        ...


@runtime_checkable
class SideBySide(Importer[Prepared], Protocol[Prepared]):
    """One that can write two chunks at once, where no row has a field of `in_order`. `prepare` then writes nothing."""

    in_order: Collection[str]

    def write_apart(self, prepared: Mapping[int, Prepared]) -> Mapping[int, Answer]:
        """As `write`, in transactions of its own and in another process, in which all else that it does is lost."""
        ...

    def note(self, prepared: Mapping[int, Prepared]) -> None:
        """What `write_apart` wrote elsewhere."""
        ...


def check_past(values: Mapping[str, Any], fields: Sequence[str], now: datetime) -> None:
    """Raises RowRefused for a date of what cannot have happened yet."""
    for field in fields:
        if field in values and values[field] > now + LATEST:
            raise RowRefused(field, f"{values[field]:%Y-%m-%d} is in the future.")


def check_currency(values: Mapping[str, Any], field: str) -> None:
    if field in values and "currency" not in values:
        raise RowRefused(field, "Give the currency, in a column or as a constant of the mapping.")

"""Where something about a person is kept: one list, by which he is erased and by which he is told what is known of him.

Each app adds its own places when it is ready. A test walks the fields of all models: one that could hold words about a
person and is in no place fails it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model

from funnel.models import Lead

ERASED = "[erased]"


@dataclass(frozen=True)
class Subject:
    """A person: the lead that he is today, and those that became part of it. `at`: now.

    `marks`: what he is recognised by in texts that are not about one lead alone: his addresses, and other systems' ids
    of him. In lower case.
    """

    lead: Lead
    lead_ids: Sequence[int]
    marks: frozenset[str]
    at: datetime

    def is_in(self, text: str) -> bool:
        """Whether one of his marks stands in a text."""
        lower = text.lower()
        return any(mark in lower for mark in self.marks)


Rows = Callable[[Subject], Iterable[Model]]
Erase = Callable[[Subject], int]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Rows about a person. `fields`: those that may hold his data, or words about him.

    `erase` empties them and answers how many rows it changed; a place without it is history, which keeps ids, codes
    and amounts. `what`: in words, for whoever erases. `told`: the fields of an export, where not all of them.
    """

    model: type[Model]
    what: str
    rows: Rows
    fields: Sequence[str] = ()
    erase: Erase | None = None
    told: Sequence[str] = field(default=())

    @property
    def name(self) -> str:
        return self.model._meta.label

    def row(self, one: Model) -> dict[str, Any]:
        """A row as plain values, foreign keys as ids."""
        names = self.told or [column.attname for column in one._meta.concrete_fields]
        return {name: getattr(one, name) for name in names}


_places: list[Place] = []


def register(*places: Place) -> None:
    """In the order in which they are erased, before those of the apps below: what others are found by comes last."""
    known = {(place.model, place.what) for place in _places}
    _places[:0] = [place for place in places if (place.model, place.what) not in known]


def places() -> Sequence[Place]:
    return tuple(_places)


def what_goes() -> list[str]:
    return list(dict.fromkeys(place.what for place in _places if place.erase))


def what_stays() -> list[str]:
    return list(dict.fromkeys(place.what for place in _places if place.erase is None))

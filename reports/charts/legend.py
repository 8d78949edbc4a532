"""What the colours of a chart mean."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class LegendEntry:
    key: str
    label: str


def legend_of(pairs: Iterable[tuple[str, str]]) -> tuple[LegendEntry, ...]:
    """Each (key, label) once, in the order first met; none where one meaning needs no key."""
    labels = dict(pairs)
    return tuple(LegendEntry(key, label) for key, label in labels.items()) if len(labels) > 1 else ()

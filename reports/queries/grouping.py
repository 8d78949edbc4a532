"""What the rows of a report stand for: a channel, or a campaign within a channel."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# The ids of the channel and, where grouped by campaign, of the campaign; None is “none”.
Key = tuple[int | None, ...]


@dataclass(frozen=True)
class Grouping:
    """`fields` are named alike on leads, touches and spend."""

    fields: tuple[str, ...]

    def key(self, row: Mapping[str, Any], prefix: str = "") -> Key:
        return tuple(row[f"{prefix}{name}"] for name in self.fields)

    @property
    def nothing(self) -> Key:
        return (None,) * len(self.fields)


BY_CHANNEL = Grouping(("channel",))
BY_CAMPAIGN = Grouping(("channel", "campaign"))


def ids_at(keys: Iterable[Key], place: int) -> list[int]:
    """The ids that stand at this place of the keys."""
    return sorted({found for key in keys if len(key) > place and (found := key[place]) is not None})

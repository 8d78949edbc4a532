"""What can be wrong with a change of a lead. Each says in one sentence what to do; entry points show it as it is."""

from collections.abc import Mapping

from funnel.lifecycle import InvalidTransition, NotAllowed

__all__ = ["InvalidTransition", "MissingNeeds", "NotAllowed", "StaleVersion"]


class MissingNeeds(Exception):
    """The move is allowed but not yet complete: field -> what it needs. Nothing is written."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(" ".join(self.fields.values()))


class StaleVersion(Exception):
    """Somebody changed the lead since it was read. The sentence says who did what."""

    def __init__(self, current_version: int, happened: str) -> None:
        self.current_version = current_version
        super().__init__(f"{happened} Look at the lead again before you go on.")

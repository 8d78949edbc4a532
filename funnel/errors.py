"""What can be wrong with a change of a lead. Each says in one sentence what to do; entry points show it as it is."""

from collections.abc import Mapping, Sequence

from funnel.lifecycle import InvalidTransition, NotAllowed

__all__ = ["InvalidTransition", "MissingNeeds", "NotAllowed", "StaleVersion", "TakenAlready"]


class MissingNeeds(Exception):
    """The move is allowed but not yet complete: field -> what it needs. Nothing is written.

    `failed_clauses`: the numbers of the agreement's clauses that a promotion fails.
    """

    def __init__(self, fields: Mapping[str, str], *, failed_clauses: Sequence[int] = ()) -> None:
        self.fields, self.failed_clauses = dict(fields), tuple(failed_clauses)
        super().__init__(" ".join(self.fields.values()))


class StaleVersion(Exception):
    """Somebody changed the lead since it was read. The sentence says who did what."""

    def __init__(self, current_version: int, happened: str) -> None:
        self.current_version = current_version
        super().__init__(f"{happened} Look at the lead again before you go on.")


class TakenAlready(Exception):
    """The lead is in the pool no more. The sentence names whose it is."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        super().__init__(f"{owner} was faster and has this lead now.")

"""A principal is whoever asks or acts: a user, an API key, or LeadFlow itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from accounts.roles import Role


class Kind(StrEnum):
    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"


@dataclass(frozen=True)
class Principal:
    """What the rules need to know of who acts; built anew for each request, so that a lost right is lost at once.

    `team_ids`: a rep's own team, a manager's subtree. `source` and `scopes` belong to API keys alone.
    `user_id` of an API key is the rep it acts for, where it acts for one.
    """

    kind: Kind
    name: str
    role: Role | None = None
    user_id: int | None = None
    team_ids: frozenset[int] = frozenset()
    source: str = ""
    scopes: frozenset[str] = frozenset()

    @property
    def sees_everything(self) -> bool:
        return self.kind is Kind.SYSTEM or self.role in {Role.MARKETING, Role.ADMIN}

    def stand_in(self) -> "tuple[Principal, Mapping[int, int]]":
        """Somebody with the same rights whom keys of nobody stand for, and those keys with the real ones.

        For statements that are written once: they are the same for all who have as many teams.
        """
        teams = sorted(self.team_ids)
        nobodys = range(-2, -2 - len(teams), -1)
        nobody = replace(
            self,
            name="",
            user_id=None if self.user_id is None else -1,
            team_ids=frozenset(nobodys),
            scopes=frozenset(),
        )
        meant = dict(zip(nobodys, teams, strict=True))
        return nobody, meant if self.user_id is None else meant | {-1: self.user_id}


SYSTEM = Principal(kind=Kind.SYSTEM, name="LeadFlow")

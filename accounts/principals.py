"""A principal is whoever asks or acts: a user, an API key, or LeadFlow itself."""

from dataclasses import dataclass
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


SYSTEM = Principal(kind=Kind.SYSTEM, name="LeadFlow")

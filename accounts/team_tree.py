"""The part of the tree of teams that somebody may look into, read once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import Team
from accounts.principals import Principal
from accounts.roles import Role


def leads_people(principal: Principal) -> bool:
    return principal.role in {Role.MANAGER, Role.ADMIN}


@dataclass(frozen=True)
class TeamTree:
    """`teams` by id, in the order of their names. What is above the topmost of them does not exist."""

    teams: dict[int, Team]
    _children: dict[int | None, list[Team]] = field(default_factory=dict)

    @classmethod
    def of(cls, principal: Principal) -> "TeamTree":
        """An admin's is whole, a manager's his subtree, everybody else's empty. One query."""
        teams = Team.objects.select_related("calendar", "manager").order_by("name")
        if principal.role != Role.ADMIN:
            teams = teams.filter(pk__in=principal.team_ids if principal.role == Role.MANAGER else [])
        found = {team.pk: team for team in teams}
        children: dict[int | None, list[Team]] = {}
        for team in found.values():
            children.setdefault(team.parent_id if team.parent_id in found else None, []).append(team)
        return cls(found, children)

    @property
    def roots(self) -> Sequence[Team]:
        return self._children.get(None, [])

    def children(self, team: Team) -> Sequence[Team]:
        return self._children.get(team.pk, [])

    def below(self, team: Team) -> frozenset[int]:
        """The ids of the team and all below it."""
        found: set[int] = set()
        waiting = [team]
        while waiting:
            one = waiting.pop()
            if one.pk not in found:  # a ring of teams, made by hand in the database, must not hang a page
                found.add(one.pk)
                waiting.extend(self.children(one))
        return frozenset(found)

    def path(self, team: Team) -> list[Team]:
        """From the topmost team that may be seen down to this one."""
        way = [team]
        while (above := self.teams.get(way[0].parent_id or 0)) and above not in way:
            way.insert(0, above)
        return way

"""Who is told when a rep does not answer: the managers above him, the nearest first."""

from functools import cached_property

from accounts.models import Team, User
from accounts.roles import Role


class Superiors:
    """The tree of teams with its managers, read once: make one for a batch of leads."""

    @cached_property
    def _teams(self) -> dict[int, Team]:
        teams = Team.objects.select_related("manager__team__calendar", "calendar")
        return {team.pk: team for team in teams}

    @cached_property
    def admins(self) -> list[User]:
        admins = User.objects.filter(role=Role.ADMIN, is_active=True)
        return list(admins.select_related("team__calendar").order_by("pk"))

    def of(self, *, owner: User | None, team_id: int | None) -> list[User]:
        """The active managers above the owner, else above the team, each once; the owner himself is none of them."""
        above: list[User] = []
        seen: set[int] = set()  # a ring of teams, made by hand in the database, must not hang the sweep
        at = (owner.team_id if owner else None) or team_id
        while at is not None and at not in seen:
            seen.add(at)
            team = self._teams[at]
            if team.manager and team.manager.is_active and team.manager != owner and team.manager not in above:
                above.append(team.manager)
            at = team.parent_id
        return above

    def told(self, level: int, *, owner: User | None, team_id: int | None) -> list[User]:
        """Whom to tell at this level: 1 the manager, 2 the manager's manager. Where there is none the one below,
        and where nobody manages the team, the admins."""
        above = self.of(owner=owner, team_id=team_id)
        return [above[min(level, len(above)) - 1]] if above else self.admins

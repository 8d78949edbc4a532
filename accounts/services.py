"""People and teams as files name them: found where they are known, added where they are not."""

import re
from collections import defaultdict
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.models import Team, User
from accounts.roles import Role

MAX_NAME_CHARACTERS = 150
MAX_TEAM_CHARACTERS = 100
# Between spaces only: R/D is a name.
TEAM_SEPARATOR = re.compile(r"(?:^|(?<=\s))/(?=\s|$)")


class PersonUnclear(ValueError):
    """A name that nobody can be found or added by. The sentence says what to do."""


class TeamRefused(ValueError):
    """A team that the tree has no place for. The sentence says why."""


class People:
    """Everybody there is, read once and kept true as people are added. Make one for each import.

    `created`: who was added by it. `writes`: how many rows it wrote.
    """

    def __init__(self) -> None:
        self.created: list[User] = []
        self.writes = 0
        self._by_email: dict[str, User] = {}
        self._by_name: dict[str, list[User]] = defaultdict(list)
        for user in User.objects.select_related("team__calendar").order_by("pk"):
            self._remember(user)

    def named(self, text: str) -> User | None:
        """Whoever has this e-mail address or exactly this name. Raises PersonUnclear where several have."""
        email, name = _email_or_name(text)
        return self.find(email=email, name=name)

    def named_or_new(self, text: str, *, role: Role) -> User:
        """Somebody new has `role` and cannot sign in until a password is set. Raises PersonUnclear."""
        email, name = _email_or_name(text)
        return self.find(email=email, name=name) or self.add(email=email, name=name or email, role=role)

    def find(self, *, email: str = "", name: str = "") -> User | None:
        """By e-mail address; else by name. Whoever has the name and another address is somebody else.

        Raises PersonUnclear.
        """
        if email.lower() in self._by_email:
            return self._by_email[email.lower()]
        namesakes = [user for user in self._by_name.get(name, ()) if not (email and user.email)]
        if len(namesakes) > 1:
            raise PersonUnclear(f"“{name}” is the name of {len(namesakes)} people: give the e-mail address.")
        return namesakes[0] if namesakes else None

    def add(self, *, name: str, email: str = "", role: Role = Role.REP, **fields: Any) -> User:
        """Raises PersonUnclear for a name that is too long."""
        if len(name) > MAX_NAME_CHARACTERS:
            raise PersonUnclear(f"“{name[:60]}…” is longer than {MAX_NAME_CHARACTERS} characters.")
        user = User.objects.create_user(email, name=name, role=role, **fields)
        self.writes += 1
        self.created.append(user)
        self._remember(user)
        return user

    def complete(self, user: User, **given: Any) -> None:
        """Take over what is given and not blank. Whoever manages a team is at least a sales manager."""
        if given.get("role") == Role.REP and user.managed_teams.exists():
            given["role"] = Role.MANAGER
        new = {name: value for name, value in given.items() if value and value != getattr(user, name)}
        if not new:
            return
        self._forget(user)
        for name, value in new.items():
            setattr(user, name, value)
        user.save(update_fields=list(new))
        self.writes += 1
        self._remember(user)

    def _remember(self, user: User) -> None:
        self._by_name[user.name].append(user)
        if user.email:
            self._by_email[user.email] = user

    def _forget(self, user: User) -> None:
        self._by_name[user.name].remove(user)


class Teams:
    """The tree of teams, read once and kept true as teams are added. A team's name is its own in the whole tree.

    A path such as `Sales / West` names a team and those above it. `created`, `writes`: as in People.
    """

    def __init__(self) -> None:
        self.created: list[Team] = []
        self.writes = 0
        teams = list(Team.objects.select_related("calendar", "parent"))
        self._by_name = {team.name: team for team in teams}
        self._parents = {team.name: team.parent.name if team.parent else "" for team in teams}

    def name_of(self, path: str) -> str:
        """The name of the team at the end of the path. Raises TeamRefused where `find_or_add` would."""
        return self._checked(path)[-1]

    def has(self, path: str) -> bool:
        """Whether the team at the end of the path is known, where the path says. Raises TeamRefused."""
        names = self._checked(path)
        are_known = all(name in self._by_name for name in names)
        return are_known and all(self._parents[name] == above for above, name in pairwise(names))

    def find_or_add(self, path: str) -> Team:
        """The team at the end of the path; what is missing of the path is added.

        A team that is below none yet comes below the one before it; one that is below another stays there and
        raises TeamRefused.
        """
        first, *others = self._checked(path)
        team = self._below(None, first)
        for name in others:
            team = self._below(team, name)
        return team

    def appoint(self, team: Team, manager: User, people: People) -> None:
        """Make `manager` the manager of the team, and a rep a sales manager."""
        if team.manager_id != manager.pk:
            team.manager = manager
            team.save(update_fields=["manager"])
            self.writes += 1
        if manager.role == Role.REP:
            people.complete(manager, role=Role.MANAGER)

    def _checked(self, path: str) -> list[str]:
        names = [" ".join(name.split()) for name in TEAM_SEPARATOR.split(path)]
        if not all(names) or len(set(names)) < len(names):
            raise TeamRefused(f"“{path}” is no path of teams: write it like Sales / West.")
        longest = max(names, key=len)
        if len(longest) > MAX_TEAM_CHARACTERS:
            raise TeamRefused(f"“{longest[:60]}…” is longer than {MAX_TEAM_CHARACTERS} characters.")
        for above, name in pairwise(names):
            self._check_parent(name, above)
            if any(name in self._all_above(one) for one in names[: names.index(name)]):
                raise TeamRefused(f"“{name}” cannot be below “{above}”, which is below it.")
        return names

    def _check_parent(self, name: str, above: str) -> None:
        parent = self._parents.get(name)
        if parent and parent != above:
            raise TeamRefused(f"“{name}” is below “{parent}” already: give this team another name.")

    def _all_above(self, name: str) -> list[str]:
        found: list[str] = []
        while (name := self._parents.get(name, "")) and name not in found:
            found.append(name)
        return found

    def _below(self, parent: Team | None, name: str) -> Team:
        team = self._by_name.get(name)
        if team is None:
            team = self._by_name[name] = Team.objects.create(name=name, parent=parent)
            self.created.append(team)
            self.writes += 1
        elif parent and team.parent_id is None:
            team.parent = parent
            team.save(update_fields=["parent"])
            self.writes += 1
        self._parents[name] = team.parent.name if team.parent else ""
        return team


def _email_or_name(text: str) -> tuple[str, str]:
    plain = " ".join(text.split())
    try:
        validate_email(plain)
    except ValidationError:
        return "", plain
    return plain, ""

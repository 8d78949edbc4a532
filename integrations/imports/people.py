"""People and the tree of their teams, from a file."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from accounts.principals import Principal
from accounts.roles import Role
from accounts.services import People, PersonUnclear, TeamRefused, Teams
from funnel.inputs import Status
from integrations.imports.records import Answer, Record, RowRefused
from integrations.imports.rights import check_role


class PeopleImporter:
    """The same person twice in a file is fine where both rows say the same."""

    def __init__(self, *, by: Principal) -> None:
        self._by = by
        self._people, self._teams = People(), Teams()
        self._managers: dict[str, tuple[int, str]] = {}
        self._rows: dict[str, Record] = {}
        self._named: list[User] = []

    def prepare(self, record: Record) -> Record:
        values = record.values
        if not values.keys() & {"name", "email"}:
            raise RowRefused("", "Give a name or an e-mail address.")
        if "manager" in values and "team" not in values:
            raise RowRefused("manager", "Give the team that this is the manager of.")
        return record

    def write(self, prepared: Mapping[int, Record]) -> Mapping[int, Answer]:
        return {line: self._answer(record) for line, record in prepared.items()}

    def recall(self, record: Record) -> None:
        self._check(self.prepare(record))

    def forget(self) -> None:
        self._people, self._teams, self._named = People(), Teams(), []

    def created(self) -> Mapping[str, Sequence[str]]:
        known = {user.pk for user in self._named}
        return {
            "managers": [user.name for user in self._people.created if user.pk not in known],
            "teams": [team.name for team in self._teams.created],
        }

    def _answer(self, record: Record) -> Answer:
        try:
            self._check(record)
        except RowRefused as refused:
            return refused.answer
        return Answer(self._save(record.values))

    def _check(self, record: Record) -> None:
        """Everything that can be wrong with the row, before any of it is written."""
        values = record.values
        self._check_repetition(record)
        check_role(self._by, self._find(values), values)
        if "team" in values:
            self._check_team(record)

    def _check_repetition(self, record: Record) -> None:
        key = record.values.get("email", record.values.get("name", "")).lower()
        first = self._rows.setdefault(key, record)
        if first.values != record.values:
            raise RowRefused("", f"duplicate-in-file: line {first.line} says something else of the same person.")

    def _check_team(self, record: Record) -> None:
        team = self._checked_team(record.values)
        if "manager" not in record.values:
            return
        manager = record.values["manager"]
        try:
            self._people.named(manager)
        except PersonUnclear as unclear:
            raise RowRefused("manager", str(unclear)) from unclear
        line, first = self._managers.setdefault(team, (record.line, manager))
        if first.lower() != manager.lower():
            raise RowRefused("manager", f"Line {line} names another manager of this team: a team has one.")

    def _checked_team(self, values: Mapping[str, Any]) -> str:
        """The team's own name."""
        try:
            return self._teams.name_of(values["team"])
        except TeamRefused as refused:
            raise RowRefused("team", str(refused)) from refused

    def _find(self, values: Mapping[str, Any]) -> User | None:
        try:
            return self._people.find(email=values.get("email", ""), name=values.get("name", ""))
        except PersonUnclear as unclear:
            raise RowRefused("name", str(unclear)) from unclear

    def _save(self, values: Mapping[str, Any]) -> Status:
        writes = self._writes()
        given = {field: values[field] for field in ("name", "email", "time_zone") if field in values}
        if "role" in values:
            given["role"] = Role(values["role"])
        if "team" in values:
            given["team"] = self._teams.find_or_add(values["team"])
        user = self._find(values)
        if user is None:
            self._named.append(self._people.add(**{"name": values.get("email"), **given}))
        else:
            self._people.complete(user, **given)
        if "manager" in values:
            manager = self._people.named_or_new(values["manager"], role=Role.MANAGER)
            self._teams.appoint(given["team"], manager, self._people)
        if user is None:
            return Status.CREATED
        return Status.UPDATED if self._writes() > writes else Status.UNCHANGED

    def _writes(self) -> int:
        return self._people.writes + self._teams.writes

"""The filters of a page, kept under a name: for oneself, or for a team and all teams below it. Any page may use it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.models import SavedView, Team, User
from accounts.roles import Role

LONGEST_NAME = 80
LONGEST_QUERY = 2_000
MOST = 50


class ViewRefused(Exception):
    """It cannot be kept so. `field` names what is wrong; the sentence says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True)
class Shown:
    """A saved view as its page shows it. `url` is relative to the page."""

    view: SavedView
    url: str
    active: bool
    is_mine: bool


def views_for(user: User, page: str, *, query: str = "") -> list[Shown]:
    """Somebody's own views of a page and those shared with him, by name. `query`: what is open now. Two queries."""
    found = visible_views(user).filter(page=page).select_related("owner", "team")
    return [Shown(one, f"?{one.query}", active=one.query == query, is_mine=one.owner_id == user.pk) for one in found]


def visible_views(user: User) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(owner=user) | Q(team__in=_teams_above(user)) | Q(role=user.role))


def teams_to_share_with(user: User) -> QuerySet[Team]:
    """A manager's teams; marketing's and an admin's: any. A rep shares with nobody."""
    if user.principal.sees_everything:
        return Team.objects.all()
    return Team.objects.filter(pk__in=user.principal.team_ids if user.role == Role.MANAGER else ())


def roles_to_share_with(user: User) -> Sequence[Role]:
    """Marketing's and an admin's: any."""
    return list(Role) if user.principal.sees_everything else []


def save_view(
    *, owner: User, page: str, name: str, query: str, team: Team | None, at: datetime, role: Role | None = None
) -> SavedView:
    """Keep a filter under a name. `team` or `role`: who else sees it, if anybody. Raises ViewRefused."""
    if role and role not in roles_to_share_with(owner):
        raise ViewRefused("team", "Only marketing and admins share a view with everybody of a role.")
    if team and not teams_to_share_with(owner).filter(pk=team.pk).exists():
        raise ViewRefused("team", "You can share a view with your own teams only.")
    if len(query) > LONGEST_QUERY:
        raise ViewRefused("name", "These filters are too long to be kept.")
    if SavedView.objects.filter(owner=owner, page=page).count() >= MOST:
        raise ViewRefused("name", f"You have {MOST} views here already: delete one of them first.")
    view = SavedView(
        owner=owner, page=page, name=_checked_name(name), query=query, team=team, role=role or "", created_at=at
    )
    _write(view)
    return view


def rename_view(view: SavedView, *, name: str) -> None:
    """Raises ViewRefused."""
    view.name = _checked_name(name)
    _write(view)


def _checked_name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain:
        raise ViewRefused("name", "Give the view a name.")
    if len(plain) > LONGEST_NAME:
        raise ViewRefused("name", f"The name has more than {LONGEST_NAME} characters: shorten it.")
    return plain


def _write(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as taken:
        raise ViewRefused("name", f"You have a view “{view.name}” here already: give this one another name.") from taken


def _teams_above(user: User) -> Sequence[int]:
    """His team, the teams he manages, and all above them: what is shared with one of them reaches him."""
    parents: dict[int, int | None] = {}
    waiting: list[int] = [user.team_id] if user.team_id else []
    for pk, parent_id, manager_id in Team.objects.values_list("pk", "parent_id", "manager_id"):
        parents[pk] = parent_id
        if manager_id == user.pk:
            waiting.append(pk)
    found: set[int] = set()
    while waiting:
        team_id = waiting.pop()
        if team_id not in found:  # a ring of teams, made by hand in the database, must not hang a page
            found.add(team_id)
            above = parents.get(team_id)
            waiting.extend([above] if above else [])
    return sorted(found)

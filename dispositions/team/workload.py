"""Who has how much to do: each rep's leads against his cap, what waits, what he did, and whether he is there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.models import User
from accounts.presence import Presence, presence
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from dispositions.team.activity import Activity
from dispositions.team.outlook import Outlook
from dispositions.team.standing import Standing, Standings, together
from funnel.lifecycle import Stage

EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Load:
    """One rep. `bar` is out of `full`: his cap, without one the most that anybody here has.

    `last_at`: when he last said what happened.
    """

    user: User
    standing: Standing
    activity: Activity
    presence: Presence
    last_at: datetime | None
    full: int

    @property
    def open(self) -> int:
        return self.standing.load

    @property
    def answer_now(self) -> int:
        return self.standing.stages[Stage.MQL].count

    @property
    def bar(self) -> int:
        return min(self.open, self.full)

    @property
    def is_full(self) -> bool:
        return self.user.lead_cap is not None and self.open >= self.user.lead_cap


SORTS: Mapping[str, Any] = {
    "name": lambda load: load.user.name.casefold(),
    "open": lambda load: load.open,
    "answer": lambda load: load.answer_now,
    "overdue": lambda load: load.standing.overdue,
    "today": lambda load: load.activity.attempts_today + load.activity.conversations_today,
    "week": lambda load: load.activity.attempts + load.activity.conversations,
    "last": lambda load: load.last_at or EVER,
}
DEFAULT_SORT = "-overdue"


def people_of(outlook: Outlook, standings: Standings) -> dict[int, Any]:
    """The reps of these teams and everybody else who has or had leads here, by name, with `last_at`. One query."""
    said = Disposition.objects.filter(by=OuterRef("pk")).exclude(outcome=Outcome.UNDO).order_by("-at")
    reps = outlook.reps(also={owner for _, owner in standings if owner}).annotate(
        last_at=Subquery(said.values("at")[:1])
    )
    return {user.pk: user for user in reps}


def workload(
    outlook: Outlook,
    standings: Standings,
    people: Mapping[int, Any],
    done: Mapping[int, Activity],
    *,
    now: datetime,
    sort: str = DEFAULT_SORT,
) -> Sequence[Load]:
    """`sort`: one of SORTS, with a minus the largest first; those alike by name."""
    of_owner: dict[int, list[Standing]] = {}
    for (_, owner), standing in standings.items():
        of_owner.setdefault(owner or 0, []).append(standing)
    stand = {pk: together(of_owner.get(pk, ())) for pk in people}
    most = max((one.load for one in stand.values()), default=0)
    loads = [
        Load(
            user,
            stand[pk],
            done.get(pk, Activity()),
            presence_of(user, outlook, now),
            user.last_at,
            full=max(most if user.lead_cap is None else user.lead_cap, 1),
        )
        for pk, user in people.items()
        if stand[pk].load or outlook.has_rep(user)
    ]
    return _sorted(loads, sort)


def _sorted(loads: Iterable[Load], sort: str) -> list[Load]:
    by_name = sorted(loads, key=SORTS["name"])
    return sorted(by_name, key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))


def presence_of(user: User, outlook: Outlook, now: datetime) -> Presence:
    """By the date where the person works, as the choice of the next rep reckons it."""
    return presence(
        now.astimezone(outlook.rules.hours(None, user.team).time_zone).date(),
        is_active=user.is_active,
        is_on_duty=user.is_on_duty,
        away_from=user.away_from,
        away_until=user.away_until,
    )

"""The weekly report by mail: early on Monday, to whoever leads people, one page for each of his teams."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.formats import as_read_by, whole
from accounts.models import Mail, Mails, Team, User, subtree_ids
from accounts.roles import Role
from reports.engine import find_entry
from reports.letter import page_of
from reports.page import address
from reports.renderers import table
from reports.report import Report
from reports.weeks import Week

logger = logging.getLogger(__name__)

EARLY = time(6)
# A company has hundreds of teams; a mail of so many pages is cut by every reader. The others are reached by links.
PAGES_AT_MOST = 20


def write_weekly_mails(*, now: datetime) -> Counter[str]:
    """The sweep's step: write the mail of everybody whose Monday morning has come; answers how many.

    Of the last full week alone: a server that was away writes that one late, and none of weeks before it. Run twice,
    or by two workers at once: each reader gets one mail of a week.
    """
    week = Week.last_full(now)
    done: Counter[str] = Counter()
    for reader in _waiting(week, now):
        try:
            done += _write(reader, week, now)
        except Exception:  # one mail at fault must not keep the others' from being written
            logger.exception("The weekly report of user %s could not be written.", reader.pk)
            done["weekly reports failed"] += 1
    return done


def _waiting(week: Week, now: datetime) -> list[User]:
    """The readers whose morning has come, and who have none of this week yet."""
    people = User.objects.filter(is_active=True, email__isnull=False).exclude(mails=Mails.NEVER).exclude(role=Role.REP)
    people = people.select_related("team__calendar").prefetch_related("managed_teams")
    due = {_key(week, one): one for one in people if one.gets_weekly_report and _morning(week, one) <= now}
    written = set(Mail.objects.filter(key__in=due).values_list("key", flat=True))
    return [reader for key, reader in due.items() if key not in written]


def _morning(week: Week, reader: User) -> datetime:
    """Of the Monday after, on the reader's clock. Where that comes before the company's week is over, he waits."""
    return datetime.combine(week.following.monday, EARLY, reader.zone).astimezone(UTC)


def _key(week: Week, reader: User) -> str:
    return f"weekly:{week}:{reader.pk}"


def _write(reader: User, week: Week, now: datetime) -> Counter[str]:
    """Nothing for whoever has no team with people."""
    teams = _teams_of(reader)
    if not teams:
        return Counter()
    with as_read_by(reader):
        mail = _mail(reader, week, teams, now)
    _, is_new = Mail.objects.get_or_create(key=_key(week, reader), defaults=mail)
    return Counter({"weekly reports": 1}) if is_new else Counter()


# --- one page for each team -----------------------------------------------------------------------------------


def _teams_of(reader: User) -> list[tuple[Team, bool]]:
    """His teams with reps in them or below, those above first; each with whether there are teams below it."""
    teams = {team.pk: team for team in Team.objects.order_by("name")}
    below: dict[int | None, list[int]] = {}
    for team in teams.values():
        below.setdefault(team.parent_id, []).append(team.pk)
    staffed = set(User.objects.filter(role=Role.REP, is_active=True).values_list("team", flat=True))
    his = _ids_of(reader, teams)
    found: list[tuple[Team, bool]] = []
    seen: set[int] = set()

    def walk(pk: int) -> bool:
        """Whether anybody works there."""
        if pk in seen:  # a ring of teams, made by hand in the database, must not hang the sweep
            return False
        seen.add(pk)
        place = len(found)
        people_below = [walk(one) for one in below.get(pk, ()) if one in his]
        if has_people := pk in staffed or any(people_below):
            found.insert(place, (teams[pk], any(people_below)))
        return has_people

    for pk, team in teams.items():
        if pk in his and team.parent_id not in his:
            walk(pk)
    return found


def _ids_of(reader: User, teams: dict[int, Team]) -> frozenset[int]:
    """Whoever leads teams reads of those; marketing and admins who lead none read of all."""
    if reader.role == Role.MANAGER:
        return reader.principal.team_ids
    managed = {team.pk for team in reader.managed_teams.all()}
    return subtree_ids(managed) if managed else frozenset(teams)


def _mail(reader: User, week: Week, teams: Sequence[tuple[Team, bool]], now: datetime) -> dict[str, object]:
    reports = list(_reports(reader, week, teams[:PAGES_AT_MOST], now))
    pages = [page_of(team.name, report, link) for team, report, link in reports]
    others = [(team.name, _link(_asked(week, team, is_parent))) for team, is_parent in teams[PAGES_AT_MOST:]]
    context = {"week": week, "pages": pages, "others": others, "base_url": settings.BASE_URL, "as_of": now}
    return {
        "to": reader.email,
        "subject": _subject(week, reports[0][1]),
        "text": _text(week, reports, others),
        "html": render_to_string("letters/weekly.html", context),
        "created_at": now,
        "next_attempt_at": now,
    }


def _reports(
    reader: User, week: Week, teams: Sequence[tuple[Team, bool]], now: datetime
) -> Iterator[tuple[Team, Report, str]]:
    """Just what the page shows under the link."""
    entry = find_entry("weekly", reader.principal)
    for team, is_parent in teams:
        asked = _asked(week, team, is_parent)
        yield team, entry.report(asked, principal=reader.principal, now=now), _link(asked)


def _asked(week: Week, team: Team, is_parent: bool) -> dict[str, str]:  # noqa: FBT001  # of a pair
    """A team with teams below it shows these, any other its reps."""
    return {"week": str(week), "team": str(team.pk), **({"by": "team"} if is_parent else {})}


def _link(asked: dict[str, str]) -> str:
    return f"{settings.BASE_URL}{reverse('report', args=['weekly'])}{address(asked)}"


def _subject(week: Week, report: Report) -> str:
    value = {one.key: int(one.value or 0) for one in report.headline if isinstance(one.value, int)}
    told = ", ".join(f"{whole(value[key])} {key}" for key in ("attempts", "conversations", "qualified", "won"))
    return f"Weekly report {week}: {told}"


def _text(week: Week, reports: Sequence[tuple[Team, Report, str]], others: Sequence[tuple[str, str]]) -> str:
    parts = [f"Weekly report {week}", reports[0][1].contents.remarks[0]]
    for team, report, link in reports:
        parts.append(f"{team.name}\n{'=' * len(team.name)}\n{link}\n\n{table.render(report).decode().strip()}")
    parts += [f"{name}: {link}" for name, link in others]
    parts.append("Nobody filled this in: it is read off the dispositions.")
    parts.append(f"Whether you get it: {settings.BASE_URL}/me/\n")
    return "\n\n".join(parts)

"""What marketing and sales of the demo company mean to reach: last quarter, this one and the next.

Marketing promised a little less than it hands over; sales promised to follow up and to win more than it does.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import Team, User
from accounts.principals import SYSTEM
from leadflow.demo.staff import Staff
from reports.days import company_day, end_of
from reports.engine import find_entry
from reports.facts.refresh import catch_up
from reports.queries.amounts import Rates
from reports.queries.scorecard import ScoreFacts, score_facts
from reports.selection import select
from reports.target_periods import TargetPeriod, quarter_of
from reports.targets.agreeing import Figures, confirm_target, set_target

# Quarters ahead → how much marketing promised of what last quarter brought; and how much better sales meant to be.
_VOLUME = {-1: Decimal("0.96"), 0: Decimal("1.02"), 1: Decimal("1.08")}
_FOLLOWED_UP = Decimal("0.97")
_ACCEPTED = Decimal("0.85")
_BETTER_AT_QUALIFYING, _BETTER_AT_WINNING = Decimal("1.02"), Decimal("1.08")
# Where last quarter says nothing, as in a small demo company.
_QUALIFIED, _WON, _VALUE = Decimal("0.4"), Decimal("0.3"), Decimal(20_000)
_SET_BEFORE = timedelta(days=14)
_AGREED_AFTER = timedelta(days=3)


def set_targets(staff: Staff, *, now: datetime) -> None:
    """Those of the company, of all sales and of each region; sales has not agreed to the next quarter's yet."""
    catch_up()
    present = quarter_of(company_day(now))
    selection = select(SYSTEM, find_entry("scorecard", SYSTEM).parse({}, SYSTEM), now)
    by_team = score_facts(selection, present.shifted(-1).days, Rates())
    wholes: Sequence[tuple[Team | None, User, ScoreFacts]] = [
        (None, staff.head_of_sales, sum(by_team.values(), ScoreFacts())),
        (staff.sales, staff.head_of_sales, sum((by_team[pk] for pk in by_team if pk), ScoreFacts())),
        *((team, _manager(team, staff), by_team.get(team.pk, ScoreFacts())) for team in staff.teams.values()),
    ]
    for team, manager, before in wholes:
        for ahead, volume in _VOLUME.items():
            _agree(team, present.shifted(ahead), _figures(before, volume), staff.marketers[0], manager, now)


def _manager(team: Team, staff: Staff) -> User:
    return team.manager or staff.head_of_sales


def _agree(
    team: Team | None, period: TargetPeriod, figures: Figures, marketer: User, manager: User, now: datetime
) -> None:
    is_to_come = period.first > company_day(now)
    at = now - _AGREED_AFTER if is_to_come else end_of(period.first) - _SET_BEFORE
    target = set_target(period=period, team=team, figures=figures, seen=0, by=marketer, at=at)
    if not is_to_come:
        confirm_target(target_id=target.pk, seen=target.version, by=manager, at=at + _AGREED_AFTER)


def _figures(before: ScoreFacts, volume: Decimal) -> Figures:
    """Rounded as people round what they promise."""
    mqls = _round(before["mqls"] * volume, 5)
    qualification = _share(before["qualified"], before["accepted"], _BETTER_AT_QUALIFYING, _QUALIFIED)
    winning = _share(before["won"], before["qualified"], _BETTER_AT_WINNING, _WON)
    value = before.revenue.total / before["won"] if before["won"] else _VALUE
    pipeline = before.pipeline.total * volume
    return {
        "leads": _round(before["leads"] * volume, 10),
        "mqls": mqls,
        "pipeline": Decimal(_round(pipeline, 5_000)),
        "follow_up": _FOLLOWED_UP,
        "acceptance": _ACCEPTED,
        "qualification": qualification,
        "winning": winning,
        "revenue": Decimal(_round(mqls * _FOLLOWED_UP * _ACCEPTED * qualification * winning * value, 1_000)),
    }


def _share(part: int, whole: int, better: Decimal, otherwise: Decimal) -> Decimal:
    """In whole percent, never all of them."""
    found = Decimal(part) / whole * better if part and whole else otherwise
    return min(found, Decimal("0.9")).quantize(Decimal("0.01"))


def _round(number: Decimal, to: int) -> int:
    """To the next multiple, and no less than one."""
    return max(int(number / to + Decimal("0.5")), 1) * to

"""The life of a target: marketing sets it, sales agrees; nothing is overwritten unseen, and all of it is on record."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Team, User
from accounts.roles import Role
from reports.models import Target, TargetChange
from reports.models.targets import FIGURES
from reports.target_periods import TargetPeriod

Figures = Mapping[str, int | Decimal | None]


class TargetRefused(Exception):
    """What was asked of a target cannot be done as it stands. The sentence says why, and what to do."""


@dataclass(frozen=True)
class Copied:
    """How many targets were copied, and how many were there already and stayed as they are."""

    made: int
    kept: int


# --- who may ----------------------------------------------------------------------------------------------------


def may_set(user: User) -> bool:
    """A marketing leader: somebody of marketing who may sign."""
    return user.role == Role.MARKETING and user.can_sign and user.is_active


def may_see(user: User, target: Target) -> bool:
    """A manager sees those of the company and of his own teams."""
    if user.role == Role.MANAGER:
        return target.team_id is None or target.team_id in user.principal.team_ids
    return user.role in {Role.MARKETING, Role.ADMIN}


def may_confirm(user: User, target: Target) -> bool:
    """A sales manager: of a team for its target, one who may sign for that of the company."""
    if user.role != Role.MANAGER or not user.is_active:
        return False
    return user.can_sign if target.team_id is None else target.team_id in user.principal.team_ids


# --- what they do -----------------------------------------------------------------------------------------------


@transaction.atomic
def set_target(
    *, period: TargetPeriod, team: Team | None, figures: Figures, seen: int, by: User, at: datetime
) -> Target:
    """Set the figures of a period, or change them: then sales has to agree again.

    `figures`: each of FIGURES, None for no target. `seen`: the version that was shown, 0 for none. The same figures
    again change nothing. Raises TargetRefused where somebody else has changed them meanwhile.
    """
    target = _locked(period, team)
    if (target.version if target else 0) != seen:
        raise TargetRefused(_changed_meanwhile(target))
    if not any(figures.get(name) is not None for name in FIGURES):
        raise TargetRefused("Give at least one target.")
    if target is None:
        return _create(period, team, figures, TargetChange.Kind.SET, by, at)
    before = written(target.figures)
    for name in FIGURES:
        setattr(target, name, figures.get(name))
    if written(target.figures) == before:
        return target
    target.version += 1
    target.marketing, target.marketing_at, target.sales, target.sales_at = by, at, None, None
    target.save()
    _note(target, TargetChange.Kind.CHANGED, by, at, before)
    return target


@transaction.atomic
def confirm_target(*, target_id: int, seen: int, by: User, at: datetime) -> Target:
    """Agree to it by name. `seen`: the version that was read, so that nobody agrees to what he has not seen.

    Raises TargetRefused; Target.DoesNotExist.
    """
    target = Target.objects.select_for_update().get(pk=target_id)
    if target.version != seen:
        raise TargetRefused(_changed_meanwhile(target))
    if target.sales:
        raise TargetRefused(f"{target.sales.name} has agreed to it already.")
    target.sales, target.sales_at = by, at
    target.save(update_fields=["sales", "sales_at"])
    _note(target, TargetChange.Kind.CONFIRMED, by, at, written(target.figures))
    return target


@transaction.atomic
def copy_targets(*, to: TargetPeriod, by: User, at: datetime) -> Copied:
    """Propose for a period what was set for the one before it. What is set already stays as it is.

    Raises TargetRefused where there is nothing to copy.
    """
    before, made, kept = to.shifted(-1), 0, 0
    templates = Target.objects.filter(first_day=before.first, months=before.months).select_related("team")
    for template in templates:
        if _locked(to, template.team):
            kept += 1
            continue
        _create(to, template.team, template.figures, TargetChange.Kind.COPIED, by, at)
        made += 1
    if not made and not kept:
        raise TargetRefused(f"No target is set for {before.label}: there is nothing to copy.")
    return Copied(made, kept)


def written(figures: Figures) -> dict[str, Any]:
    """As they are kept on record: numbers as text, without zeros at their end, so that equal figures look equal."""
    return {name: None if value is None else f"{Decimal(value).normalize():f}" for name, value in figures.items()}


def _locked(period: TargetPeriod, team: Team | None) -> Target | None:
    found = Target.objects.select_for_update(of=("self",)).filter(first_day=period.first, months=period.months)
    return found.filter(team=team).first()


def _create(
    period: TargetPeriod, team: Team | None, figures: Figures, kind: TargetChange.Kind, by: User, at: datetime
) -> Target:
    target = Target(
        team=team,
        first_day=period.first,
        months=period.months,
        marketing=by,
        marketing_at=at,
        **{name: figures.get(name) for name in FIGURES},
    )
    try:
        with transaction.atomic():
            target.save(force_insert=True)
    except IntegrityError as taken:
        raise TargetRefused(_changed_meanwhile(None)) from taken
    _note(target, kind, by, at, {})
    return target


def _note(target: Target, kind: TargetChange.Kind, by: User, at: datetime, before: Mapping[str, Any]) -> None:
    after = written(target.figures)
    TargetChange.objects.create(
        target=target, kind=kind, version=target.version, by=by, at=at, before=dict(before), after=after
    )


def _changed_meanwhile(target: Target | None) -> str:
    if target is None:
        return "Somebody else has just set this target: nothing of yours was saved. Look at it, then change it."
    return (
        f"{target.marketing.name} has changed this target since you opened it: nothing of yours was saved. "
        "Look at it as it is now, then decide."
    )

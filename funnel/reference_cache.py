"""Small lists that every page reads (reasons, clauses of a signed agreement, …), kept in this process for a moment.

What it promises: whoever saves or deletes a row through the models sees it in this process at once; every other
process, and every change that sends no signal (`update()`, `bulk_create`, SQL), is seen within 10 seconds. What is
kept is copied for each reader: he may change his own. What decides about a lead (who may, what is missing) is never
read from here; the admin's limits are: clocks that start within those seconds may still run by the old ones.
"""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.core.cache import caches
from django.db import models, transaction
from django.db.models.signals import post_delete, post_save

from accounts.models import WorkingCalendar
from funnel.lifecycle import Stage
from funnel.models import Campaign, Channel, Clause, Reason, Signature, StageDefinition

P = ParamSpec("P")
T = TypeVar("T")
Named = TypeVar("Named", Channel, Campaign)

_MISSING = object()


def kept(*tables: type[models.Model]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a reading function answers, by its arguments, until one of these tables changes."""

    def keep(read: Callable[P, T]) -> Callable[P, T]:
        name = f"{read.__module__}.{read.__qualname__}"

        @wraps(read)
        def answer(*args: P.args, **kwargs: P.kwargs) -> T:
            key = _key(name, *args, *sorted(kwargs.items()))
            found: Any = caches["reference"].get(key, _MISSING)
            if found is _MISSING:
                found = read(*args, **kwargs)
                caches["reference"].set(key, found)
            answered: T = found
            return answered

        return answer

    _watch(*tables)
    return keep


def _watch(*tables: type[models.Model]) -> None:
    for table in tables:
        post_save.connect(_changed, sender=table, dispatch_uid="reference_cache")
        post_delete.connect(_changed, sender=table, dispatch_uid="reference_cache")


def forget() -> None:
    """Whatever is asked for next is read anew."""
    caches["reference"].clear()


def _changed(sender: type[models.Model], using: str, **_signal: object) -> None:  # noqa: ARG001
    """At once for whoever reads in the same transaction; and again once the others can see it."""
    forget()
    transaction.on_commit(forget, using=using)


def _key(*parts: Hashable) -> str:
    return ":".join(str(part) for part in parts)


# --- what funnel itself has to keep -----------------------------------------------------------------------------


_watch(Channel, Campaign)


def by_slug(table: type[Named], slugs: Collection[str]) -> dict[str, Named]:
    """The channels or campaigns of these slugs that there are: one query for all that are not kept yet.

    A row is kept once the transaction that has read it is committed: it may have been made in it.
    """
    cache = caches["reference"]
    keys = {slug: _key(table._meta.label, slug) for slug in slugs}
    kept_rows = cache.get_many(keys.values())
    found = {slug: kept_rows[key] for slug, key in keys.items() if key in kept_rows}
    if missing := keys.keys() - found.keys():
        read = table.objects.in_bulk(missing, field_name="slug")
        transaction.on_commit(lambda: cache.set_many({keys[slug]: row for slug, row in read.items()}))
        found |= read
    return found


@kept(Reason)
def every_reason() -> list[Reason]:
    """Also those that are given no more: history names them."""
    return list(Reason.objects.all())


@kept(StageDefinition)
def stage_definition(stage: Stage) -> StageDefinition | None:
    return StageDefinition.objects.filter(stage=stage).first()


@kept(StageDefinition)
def stale_after_days() -> dict[str, int]:
    """Days of silence per stage that the admin has set."""
    kept = StageDefinition.objects.order_by().values_list("stage", "stale_after_days")
    return {stage: days for stage, days in kept if days}


@kept(WorkingCalendar)
def company_calendar() -> WorkingCalendar:
    """The default one; where the admin keeps none, Monday to Friday 9 to 17 UTC."""
    return WorkingCalendar.objects.filter(is_default=True).first() or WorkingCalendar()


@kept(Clause)
def clauses_of(agreement_id: int) -> list[Clause]:
    """By number."""
    return list(Clause.objects.filter(agreement=agreement_id))


@dataclass(frozen=True)
class Signed:
    """A leader's name under an agreement. `side` in words."""

    side: str
    name: str
    at: datetime


@kept(Signature)
def signatures_of(agreement_id: int) -> list[Signed]:
    """Marketing's first."""
    found = Signature.objects.filter(agreement=agreement_id).select_related("user").order_by("side")
    return [Signed(one.get_side_display(), one.user.name, one.at) for one in found]

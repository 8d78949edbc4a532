"""Two leads side by side before they become one: what differs, which can stay, and why the other cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from accounts.principals import Principal
from dispositions.leads.conflict import shown
from dispositions.leads.timeline_words import FIELD_NAMES
from funnel.errors import NotAllowed
from funnel.lifecycle import SALES_STAGES, Stage
from funnel.models import Lead
from funnel.services.merge import FIELDS, MergeRefused, check_merge

CHOSEN = "field-"


@dataclass(frozen=True)
class Side:
    """One of the two. `why_not`: why it cannot be the one that stays; blank if it can."""

    lead: Lead
    touches: int
    hand_offs: int
    why_not: str

    @property
    def stage(self) -> Stage:
        return Stage(self.lead.stage)


@dataclass(frozen=True)
class Line:
    """A field of both. `is_choice`: they differ, and one has to be chosen; `chosen`: the lead whose value stays."""

    name: str
    label: str
    values: Sequence[str]
    is_choice: bool
    chosen: int


@dataclass(frozen=True)
class Pair:
    sides: Sequence[Side]
    keep: int
    lines: Sequence[Line]

    @property
    def is_possible(self) -> bool:
        return any(not side.why_not for side in self.sides)


def pair_of(lead: Lead, other: Lead, principal: Principal, *, given: Mapping[str, str] | None = None) -> Pair:
    """`given`: what was chosen so far, on the page that came back."""
    given = given or {}
    both = (lead, other)
    counts = _counts(both)
    sides = [Side(one, *counts[one.pk], _why_not(one, two, principal)) for one, two in (both, both[::-1])]
    keep = _keep(sides, given.get("keep", ""))
    return Pair(sides, keep, [line for name in FIELDS if (line := _line(name, both, keep, given))])


def taken_from(loser_id: int, data: Mapping[str, str]) -> list[str]:
    """The fields for which the value of the lead that ends was chosen."""
    return [name for name in FIELDS if data.get(f"{CHOSEN}{name}") == str(loser_id)]


def _counts(leads: Sequence[Lead]) -> dict[int, tuple[int, int]]:
    counted = Lead.objects.filter(pk__in=[lead.pk for lead in leads]).order_by()
    numbers = counted.annotate(touched=Count("touches", distinct=True), handed=Count("hand_offs", distinct=True))
    return {pk: (touched, handed) for pk, touched, handed in numbers.values_list("pk", "touched", "handed")}


def _why_not(winner: Lead, loser: Lead, principal: Principal) -> str:
    try:
        check_merge(winner, loser, principal)
    except (MergeRefused, NotAllowed) as refused:
        return str(refused)
    return ""


def _keep(sides: Sequence[Side], asked: str) -> int:
    """The one asked for; else, of those that can stay, the one that is further on, or was there first."""
    possible = [side.lead for side in sides if not side.why_not] or [side.lead for side in sides]
    chosen = next((lead for lead in possible if str(lead.pk) == asked), None)
    if chosen:
        return chosen.pk
    return max(possible, key=_weight).pk


def _weight(lead: Lead) -> tuple[int, bool, int]:
    with_sales = [stage for stage in Stage if stage in SALES_STAGES]
    how_far = with_sales.index(Stage(lead.stage)) if lead.stage in SALES_STAGES else -1
    return how_far, lead.owner_id is not None, -lead.pk


def _line(name: str, both: Sequence[Lead], keep: int, given: Mapping[str, str]) -> Line | None:
    values: list[Any] = [getattr(lead, name) for lead in both]
    known = [value not in ("", None) for value in values]
    if not any(known):
        return None
    is_choice = all(known) and values[0] != values[1]
    asked = given.get(f"{CHOSEN}{name}", "")
    filled = keep if not any(known) or all(known) else both[known.index(True)].pk
    chosen = int(asked) if is_choice and asked in {str(lead.pk) for lead in both} else filled
    texts = [
        _money(lead, value) if name == "expected_value" else shown(value)
        for lead, value in zip(both, values, strict=True)
    ]
    return Line(name, FIELD_NAMES[name].capitalize(), texts, is_choice, chosen)


def _money(lead: Lead, value: Any) -> str:
    return f"{shown(value)} {lead.currency}".strip() if value is not None else shown(value)

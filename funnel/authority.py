"""Who may say what a field holds: the table of the fields and the rule over it. Pure.

A claim is a side and the time at which it was so. Marketing's systems never set what sales has claimed; within one side
the later time wins, whatever came first; what a person himself agreed to belongs to no side. Times are aware.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from accounts.principals import Kind, Principal
from accounts.roles import Role


class Side(StrEnum):
    MARKETING = "marketing"
    SALES = "sales"


class Belongs(StrEnum):
    """To whom a field belongs. FIRST: to marketing, until somebody of sales edits it; from then on to sales."""

    FIRST = "marketing's until sales edits it"
    MARKETING = "marketing's"
    SALES = "sales'"
    PERSON = "the person's own word"


CONTACT = ("email", "first_name", "last_name", "title", "phone", "time_zone")
COMPANY = ("name", "domain", "naics", "annual_revenue", "employees", "locations", "country")
CONSENTS = ("email", "phone")

FIELDS: Mapping[str, Belongs] = {
    **dict.fromkeys(CONTACT, Belongs.FIRST),
    "company": Belongs.FIRST,
    **{f"company.{name}": Belongs.FIRST for name in COMPANY},
    "self_reported_source": Belongs.FIRST,
    "expected_value": Belongs.FIRST,
    "currency": Belongs.FIRST,
    "score": Belongs.MARKETING,
    "campaign": Belongs.MARKETING,
    "amount": Belongs.SALES,
    "expected_close_on": Belongs.SALES,
    "closed_on": Belongs.SALES,
    "next_action_at": Belongs.SALES,
    "competitor": Belongs.SALES,
    **{f"consent.{channel}": Belongs.PERSON for channel in CONSENTS},
}
# What a lead was created with: who said it and when, of every field that has no claim of its own.
ALL = "*"


@dataclass(frozen=True)
class Claim:
    side: Side
    at: datetime


class Verdict(StrEnum):
    """What becomes of a value that somebody tells."""

    TAKEN = "taken"
    STALE = "ignored-stale"
    OF_SALES = "owned-by-sales"
    BY_HAND = "learned-by-hand"


@dataclass(frozen=True)
class Ignored:
    """A value that was told and not taken, by the name of its field, and why."""

    field: str
    why: Verdict


# {field: [side, ISO time]}, as it is kept in a JSON column.
Kept = Mapping[str, object]


def side_of(by: Principal) -> Side:
    """For whom somebody speaks: users of sales and admins for sales; marketing, its systems and files for marketing."""
    is_sales = by.kind is Kind.USER and by.role in {Role.REP, Role.MANAGER, Role.ADMIN}
    return Side.SALES if is_sales else Side.MARKETING


def judge(field: str, *, held: Claim | None, told: Claim) -> Verdict:
    """Whether a value that is told replaces the one that is held. Of two at the same time the later told is taken."""
    belongs = FIELDS[field]
    if belongs is Belongs.SALES and told.side is Side.MARKETING:
        return Verdict.OF_SALES
    if held is None:
        return Verdict.TAKEN
    if belongs is Belongs.FIRST and held.side is not told.side:
        return Verdict.TAKEN if told.side is Side.SALES else Verdict.OF_SALES
    return Verdict.TAKEN if told.at >= held.at else Verdict.STALE


def held(kept: Kept, field: str, *, is_blank: bool) -> Claim | None:
    """The claim on a field. A blank one is nobody's, unless somebody blanked it himself."""
    own = _read(kept.get(field))
    return own if own or is_blank else _read(kept.get(ALL))


def _read(entry: object) -> Claim | None:
    if not isinstance(entry, list) or len(entry) != 2:
        return None
    return Claim(Side(entry[0]), datetime.fromisoformat(entry[1]))


def written(claim: Claim) -> list[str]:
    return [claim.side.value, claim.at.astimezone(UTC).isoformat()]


def claimed(kept: Kept, fields: Iterable[str], claim: Claim) -> dict[str, object]:
    """What is kept once these fields are claimed."""
    return {**kept, **dict.fromkeys(fields, written(claim))}


def taken_over(ours: Kept, theirs: Kept, fields: Iterable[str]) -> dict[str, object]:
    """What is kept of a lead that got the values of these fields from another, with whoever claims them there."""
    claims = {name: _read(theirs.get(name)) or _read(theirs.get(ALL)) for name in fields}
    return {**ours, **{name: written(claim) for name, claim in claims.items() if claim}}

"""What became of leads like one that a rep has before him. The app that counts them registers who tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from funnel.models import Lead


@dataclass(frozen=True)
class Likeness:
    """By what a lead is compared with others; what is not known is empty. `employees` of its company."""

    title: str
    naics: str
    employees: int | None
    country: str
    channel_id: int


@dataclass(frozen=True)
class Precedent:
    """One kind of leads in words, and how often they were won: “31 % won, 24–39 %, n = 212”."""

    kind: str
    record: str


@dataclass(frozen=True)
class Precedents:
    """`chance`: the share of leads like it that were won, 0 to 1; None while too few are over. `basis`: how it comes
    about, in words.
    """

    segments: Sequence[Precedent] = ()
    chance: float | None = None
    basis: str = ""


class Teller(Protocol):
    """Asks the database seldom: pages ask it for every lead."""

    def tell(self, like: Likeness) -> Precedents: ...

    def chances(self, likes: Sequence[Likeness]) -> Sequence[float | None]:
        """That of each, in their order."""


_tellers: list[Teller] = []


def register(teller: Teller) -> Teller:
    if teller not in _tellers:
        _tellers.append(teller)
    return teller


# What `likeness` needs of a lead, for pages that read plain values.
COLUMNS = ("title", "company__naics", "company__employees", "company__country", "channel_id")


def likeness(found: Mapping[str, Any]) -> Likeness:
    """`found`: the COLUMNS of a lead; one without a company has None in those of it."""
    return Likeness(
        title=found["title"],
        naics=found["company__naics"] or "",
        employees=found["company__employees"],
        country=found["company__country"] or "",
        channel_id=found["channel_id"],
    )


def precedents_of(lead: Lead) -> Precedents:
    """Nothing where nobody tells. Needs the lead's company."""
    company = lead.company
    like = Likeness(
        title=lead.title,
        naics=company.naics if company else "",
        employees=company.employees if company else None,
        country=company.country if company else "",
        channel_id=lead.channel_id,
    )
    return next((teller.tell(like) for teller in _tellers), Precedents())


def chances_of(likes: Sequence[Likeness]) -> Sequence[float | None]:
    """The share of leads like each that were won; None where too few are over, or nobody tells."""
    return next((teller.chances(likes) for teller in _tellers), [None] * len(likes))

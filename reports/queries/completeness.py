"""How well prepared hand-offs were, what kind of lead they were of, and what became of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from funnel.attributes import Attribute
from funnel.models import HandOff
from reports.attributes import BITS, are_known
from reports.queries.ends import ended
from reports.rows import RowsBy
from reports.selection import Selection


@dataclass(frozen=True)
class OutcomeFacts:
    """`counts`: by the names of `conditions`, and the sum of the attributes known."""

    counts: Counter[str] = field(default_factory=Counter)

    def __add__(self, more: "OutcomeFacts") -> "OutcomeFacts":
        return OutcomeFacts(self.counts + more.counts)

    def __getitem__(self, name: str) -> int:
        return self.counts[name]


def conditions(selection: Selection) -> Mapping[str, Q]:
    """`answered`: sales accepted or refused it. `over`: it ended, one way or another."""
    accepted, refused = selection.happened("accepted_at"), ended(selection, HandOff.Outcome.REFUSED)
    return {
        "hand_offs": Q(),
        "accepted": accepted,
        "refused": refused,
        "answered": accepted | refused,
        "qualified": selection.happened("qualified_at"),
        "won": ended(selection, HandOff.Outcome.WON),
        "fell": selection.happened("fell_at"),
        "over": ended(selection),
    }


def counted(selection: Selection, name: str) -> "QuerySet[Any]":
    """The hand-offs that one of the conditions counts."""
    return selection.cycles().filter(conditions(selection)[name])


def outcome_facts(selection: Selection, kind: RowsBy) -> dict[Any, OutcomeFacts]:
    """By what a row stands for."""
    counts = {name: Count("pk", filter=one) if one else Count("pk") for name, one in conditions(selection).items()}
    rows = kind.of(selection.cycles()).order_by().values("row")
    found = {}
    for row in rows.annotate(attributes_known=Sum("attributes"), **counts):
        key = row.pop("row")
        found[key] = OutcomeFacts(Counter(row))
    return found


def by_attribute(masks: Mapping[int, OutcomeFacts]) -> dict[str, OutcomeFacts]:
    """Those in which an attribute was known, and those in which it was not: each hand-off is in one row of every pair.

    `masks`: the hand-offs by the attributes known, a bit each.
    """
    found: dict[str, OutcomeFacts] = {}
    for attribute in Attribute:
        for is_known in (True, False):
            facts = [one for bits, one in masks.items() if are_known(bits, attribute) is is_known]
            if facts:
                found[code_of(attribute, is_known=is_known)] = sum(facts, start=OutcomeFacts())
    return found


def code_of(attribute: Attribute, *, is_known: bool) -> str:
    return f"{attribute}:{'known' if is_known else 'not_known'}"


def with_attribute(facts: "QuerySet[Any]", code: str) -> "QuerySet[Any]":
    """The hand-offs of such a row; none where there is no such attribute."""
    slug, _, state = code.partition(":")
    if slug not in set(Attribute) or state not in {"known", "not_known"}:
        return facts.none()
    marked = facts.annotate(bit=F("known").bitand(BITS[Attribute(slug)]))
    return marked.filter(bit__gt=0) if state == "known" else marked.filter(bit=0)

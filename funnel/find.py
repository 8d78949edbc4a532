"""Finds leads by what somebody types: a name, a company, an e-mail address, a phone number, or a lead's number."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

from accounts.principals import Principal
from accounts.roles import SALES_ROLES
from funnel.identity import InvalidEmail, email_key
from funnel.models import Lead, LeadSearch
from funnel.one_of import OneOf
from funnel.querysets import LeadQuerySet
from funnel.search import has_number, is_short, rank, search_words, telling_part

SHOWN = 200
# Matches that are put in order. Of a word that more leads have, these are whichever the database comes upon first.
LOOKED_AT = SHOWN
# A scope of so few leads is looked through lead by lead: no index of words is as fast for a common word.
NARROW = 5_000
LONGEST = 200


@dataclass(frozen=True)
class Found:
    """The numbers of the leads, the best match first; `more`: others match too."""

    ids: Sequence[int]
    more: bool = False


def find_leads(asked: str, principal: Principal, *, among: LeadQuerySet | None = None) -> Found:
    """Up to 200 leads that have every word of `asked`, in the principal's scope; a blank finds none.

    `among`: leads of that scope to look through, where not all. The work is bounded whatever is typed: no count, no
    sorting of all that match. Three queries at most.
    """
    words = search_words(asked[:LONGEST])
    if not words:
        return Found([])
    leads = (Lead.objects.visible_to(principal) if among is None else among).order_by()
    named = _named(asked.strip(), leads)
    if named and "@" in asked:
        return Found(named)  # an address is somebody's: who else has it within his own is not meant
    rows = _matches(words, leads, principal, whole=principal.sees_everything and among is None)
    rows.sort(key=lambda row: (rank(row[1], asked), row[1], row[0]))
    ids = list(dict.fromkeys([*named, *(pk for pk, _ in rows)]))
    return Found(ids[:SHOWN], more=len(ids) > SHOWN)


def all_leads_with(asked: str, leads: LeadQuerySet) -> LeadQuerySet:
    """Every one of these leads that `find_leads` could find: for a file, which may take its time."""
    words = search_words(asked[:LONGEST])
    if not words:
        return leads.none()
    lines = _lines(words).filter(lead=OuterRef("pk"))
    matches = Q(Exists(lines))
    if named := _named(asked.strip(), leads.order_by()):
        matches |= Q(pk__in=named)
    return leads.filter(matches)


def _named(asked: str, leads: LeadQuerySet) -> list[int]:
    """The one with this very address, or with this number."""
    condition = Q()
    if "@" in asked:
        try:
            condition |= Q(email_key=email_key(asked))
        except InvalidEmail:
            return []
    elif asked.isdecimal() and len(asked) < 19:
        condition |= Q(pk=int(asked))
    return list(leads.filter(condition).values_list("pk", flat=True)) if condition else []


def _matches(words: Sequence[str], leads: LeadQuerySet, principal: Principal, *, whole: bool) -> list[tuple[int, str]]:
    """Number and stored line of leads that have every word."""
    near = [] if whole else _some_of(leads, principal)
    lines = _lines(words)
    if not whole and len(near) <= NARROW:
        return list(lines.filter(OneOf("lead_id", near)).values_list("lead_id", "text"))
    # Asked of each line that has the words: SQLite would take `lead__in` for a reason to list all those leads first.
    visible = Exists(leads.filter(pk=OuterRef("lead")))
    return list(lines.filter(visible).values_list("lead_id", "text")[: LOOKED_AT + 1])


def _some_of(leads: LeadQuerySet, principal: Principal) -> list[int]:
    """As many as a narrow scope may have, and one more where it has more."""
    if principal.role not in SALES_ROLES or principal.user_id is None:
        return list(leads.values_list("pk", flat=True)[: NARROW + 1])
    # PostgreSQL takes a rep's own leads and his pool in one condition for a great many, and reads all leads there are.
    own, teams = (part.values_list("pk", flat=True) for part in leads.in_scope_apart(principal))
    return list(own.union(teams, all=True)[: NARROW + 1])


def _lines(words: Sequence[str]) -> QuerySet[LeadSearch]:
    """Those with every word. Where one of them is a number few have it: then only that one is looked up."""
    numbers = [word for word in words if has_number(word)]
    looked_up = {max(numbers, key=len)} if numbers else set(words)
    return LeadSearch.objects.filter(*(_has(word) if word in looked_up else _stands_in(word) for word in words))


def _stands_in(word: str) -> Q:
    """As `_has`, but read in each line, not looked up: an index gives all lines that have a common word first."""
    if is_short(word):
        return Q(GreaterThan(StrIndex(Concat(Value(" "), "text"), Value(f" {word}")), 0))
    return Q(GreaterThan(StrIndex("text", Value(word)), 0))


def _has(word: str) -> Q:
    """Somewhere in a lead's words. Of fewer than three letters no index knows: those begin a word."""
    if is_short(word):
        return Q(text__startswith=word) | Q(text__contains=f" {word}")
    part = telling_part(word)
    if part == word:
        return Q(text__contains=word)
    # Each three letters more are one more look into the index; an address has dozens, and most of them many have.
    return Q(text__contains=part) & _stands_in(word)

"""Leads as rows of a file. A column that an import reads is named and written as the import reads it."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.exports import Contents, in_chunks
from accounts.files import Column, Value
from accounts.files.values import DAY, MOMENT, MONEY, WHOLE
from accounts.principals import Principal
from accounts.roles import Role
from dispositions.leads.listing import last_said
from funnel.attributes import Attribute
from funnel.models import Evidence, Flag, Lead, LeadIdentity, LeadText
from funnel.querysets import LeadQuerySet

# Heading -> where the lead has it. What stands under `None` is read beside the leads.
_HEADINGS: Mapping[str, str | None] = {
    "id": "pk",
    "first_name": "first_name",
    "last_name": "last_name",
    "title": "title",
    "email": "email",
    "phone": "phone",
    "company.name": "company__name",
    "company.domain": "company__domain",
    "company.country": "company__country",
    "company.naics": "company__naics",
    "company.annual_revenue": "company__annual_revenue",
    "company.employees": "company__employees",
    "company.locations": "company__locations",
    "stage": "stage",
    "stage_entered_at": "stage_entered_at",
    "owner": None,
    "owner_name": "owner__name",
    "team": "team__name",
    "due_at": "due_at",
    "waits_for": None,
    "flag": None,
    "last_outcome": None,
    "last_reason": None,
    "last_said_at": None,
    "hand_offs": "cycle",
    "channel": "channel__slug",
    "campaign": "campaign__slug",
    "self_reported_source": "self_reported_source",
    "score": "score",
    "amount": "amount",
    "expected_value": "expected_value",
    "currency": "currency",
    "expected_close_on": "expected_close_on",
    "closed_on": "closed_on",
    "competitor": "competitor",
    "created_at": "created_at",
    "last_touch_at": "last_touch_at",
    "next_action_at": "next_action_at",
    "wake_at": "wake_at",
    **{f"attributes.{attribute}": None for attribute in Attribute.values},
    "known_as": None,
    "last_learned": None,
}
NOTE = "last_note"
_FORMATS = {
    "company.annual_revenue": MONEY,
    "company.employees": WHOLE,
    "company.locations": WHOLE,
    "amount": MONEY,
    "expected_value": MONEY,
}
_WIDTHS = {"id": 9, "email": 28, "company.name": 24, NOTE: 40, "last_learned": 40, "known_as": 24}
_FROM_LEAD = {heading: path for heading, path in _HEADINGS.items() if path}
_CLOCKS = {clock.value: clock.label for clock in Lead.Clock}


def lead_contents(principal: Principal, ids: Sequence[int]) -> Contents:
    """These leads, in this order."""
    headings = headings_for(principal)
    return Contents([_column(one) for one in headings], len(ids), (row for _, row in _rows(ids, headings)))


def lane_contents(principal: Principal, found: "QuerySet[Any]", titles: Mapping[int, str]) -> Contents:
    """Leads of several lanes, each under the title of its own.

    `found`: leads with the number of their `lane`; asked once, so that nobody is seen in two lanes or between them.
    """
    ids, lanes = array("q"), array("b")
    for lane, pk in found.values_list("lane", "pk").iterator():
        ids.append(pk)
        lanes.append(lane)
    contents = lead_contents(principal, ids)
    rows = _rows(ids, headings_for(principal))
    return Contents(
        [Column("lane"), *contents.columns], len(ids), ([titles[lanes[place]], *row] for place, row in rows)
    )


def headings_for(principal: Principal) -> list[str]:
    """What sales notes for itself, marketing never reads."""
    return [*_HEADINGS] if principal.role == Role.MARKETING else [*_HEADINGS, NOTE]


def own_alone(leads: LeadQuerySet, principal: Principal) -> LeadQuerySet:
    """What may leave the house: of a rep the leads that are his, not those that wait in his team's pool."""
    return leads.filter(owner=principal.user_id) if principal.role == Role.REP else leads


def _column(heading: str) -> Column:
    moment = heading.endswith("_at")
    day = heading.endswith("_on")
    usual = MOMENT if moment else DAY if day else _FORMATS.get(heading)
    width = _WIDTHS.get(heading, 20 if moment else 14)
    return Column(heading, usual, width) if usual else Column(heading, width=width)


def _rows(ids: Sequence[int], headings: Sequence[str]) -> Iterator[tuple[int, list[Value]]]:
    """Each with its place. Seven queries for every 500 leads."""
    for begin, some in in_chunks(ids):
        found = _read(some, with_notes=NOTE in headings)
        yield from ((place, [found[pk].get(one) for one in headings]) for place, pk in enumerate(some, begin))


def _read(ids: Sequence[int], *, with_notes: bool) -> Mapping[int, dict[str, Any]]:
    columns = dict.fromkeys([*_FROM_LEAD.values(), "owner__email", "due_clock"])
    leads = {one["pk"]: one for one in Lead.objects.filter(pk__in=ids).order_by().values(*columns)}
    rows = {pk: _own_values(one) for pk, one in leads.items()}
    for pk, kind in Flag.objects.filter(lead__in=ids, cleared_at=None).order_by().values_list("lead", "kind"):
        rows[pk]["flag"] = kind
    for pk, said in last_said(ids).items():
        reason = said.reason.slug if said.reason else ""
        rows[pk] |= {"last_outcome": said.outcome, "last_reason": reason, "last_said_at": said.at}
    _add_what_is_known(rows, ids)
    _add_texts(rows, ids, with_notes=with_notes)
    return rows


def _own_values(lead: Mapping[str, Any]) -> dict[str, Any]:
    values = {heading: lead[path] for heading, path in _FROM_LEAD.items()}
    values["owner"] = lead["owner__email"] or lead["owner__name"]  # an import finds people by either
    values["waits_for"] = _CLOCKS.get(lead["due_clock"], "")
    return values


def _add_what_is_known(rows: Mapping[int, dict[str, Any]], ids: Sequence[int]) -> None:
    """The newest evidence of each attribute, and the names under which other systems know the lead."""
    evidence = Evidence.objects.filter(lead__in=ids).order_by("learned_at", "pk")
    for pk, attribute, text in evidence.values_list("lead", "attribute", "text"):
        rows[pk][f"attributes.{attribute}"] = text
    for one in LeadIdentity.objects.filter(lead__in=ids).order_by("pk"):
        known = rows[one.lead_id].get("known_as")
        rows[one.lead_id]["known_as"] = f"{known}; {one}" if known else str(one)


def _add_texts(rows: Mapping[int, dict[str, Any]], ids: Sequence[int], *, with_notes: bool) -> None:
    headings = {LeadText.Kind.LEARNED: "last_learned"} | ({LeadText.Kind.NOTE: NOTE} if with_notes else {})
    texts = LeadText.objects.filter(lead__in=ids, kind__in=headings).order_by("seq")
    for pk, kind, text in texts.values_list("lead", "kind", "text"):
        rows[pk][headings[LeadText.Kind(kind)]] = text

"""Somebody else changed the lead while it was edited: who did what, and both values of each field side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString

from dispositions.leads.forms import SectionForm, present_values, section_form
from dispositions.leads.timeline_words import event_title, words_for
from funnel.models import Evidence, Lead, LeadEvent
from funnel.services.edit import Section

KEEP, THEIRS = "keep-", "theirs"
SHOWN = 20


@dataclass(frozen=True)
class Doing:
    """Something that happened to the lead meanwhile."""

    who: str
    what: str
    at: datetime


@dataclass(frozen=True)
class Clash:
    """A field that the person changed. `typed`: as it came. `is_theirs_too`: somebody else changed it as well."""

    field: BoundField
    typed: str
    mine: str
    theirs: str
    is_theirs_too: bool

    @property
    def seen(self) -> SafeString:
        """What the field says now, as what its form was opened with."""
        return self.field.as_hidden(only_initial=True)


@dataclass(frozen=True)
class Conflict:
    """`untouched`: the other fields of the section, as they are now, so that saving again changes none of them."""

    doings: Sequence[Doing]
    clashes: Sequence[Clash]
    untouched: Sequence[SafeString]
    form: SectionForm


def chosen(data: QueryDict) -> QueryDict:
    """What the conflict page sends: where the other's value was chosen, it is as if nothing had been typed."""
    settled = data.copy()
    for name in [name.removeprefix(KEEP) for name, choice in data.items() if choice == THEIRS]:
        settled[name] = settled.get(f"initial-{name}", "")
    return settled


def conflict_of(lead: Lead, section: Section, refused: SectionForm) -> Conflict:
    """`refused`: the valid form that came too late."""
    fresh = section_form(lead, section)
    now = present_values(lead, section)
    known = _latest_evidence(lead) if section is Section.KNOWN else {}
    changes = refused.changes
    return Conflict(
        doings=_doings(lead, refused.cleaned_data["seen"]),
        clashes=[
            _clash(fresh[name], refused, now.get(name, known.get(name, "")), is_added=section is Section.KNOWN)
            for name in changes
        ],
        untouched=[
            fresh[name].as_hidden(only_initial=only_initial)
            for name in fresh.edited
            if name not in changes
            for only_initial in (False, True)
        ],
        form=fresh,
    )


def _clash(field: BoundField, refused: SectionForm, now: Any, *, is_added: bool) -> Clash:
    name = field.name
    seen = refused.data.get(f"initial-{name}", "")  # when the form was opened
    return Clash(
        field=field,
        typed=refused[name].data or "",
        mine=shown(refused.cleaned_data[name]),
        theirs=shown(now),
        is_theirs_too=not is_added and refused.fields[name].has_changed(now, seen),
    )


def shown(value: Any) -> str:
    """A value as its reader writes it."""
    if value in ("", None):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, (int, Decimal)):
        return number_format(value, use_l10n=True, force_grouping=True)
    return str(value)


def _doings(lead: Lead, seen: int | None) -> list[Doing]:
    """The newest first; all that happened since the form was opened, whoever did it."""
    events = LeadEvent.objects.filter(lead=lead, seq__gt=seen or 0).select_related("actor").order_by("-seq")
    found = list(events[:SHOWN])
    words = words_for(found, sees_notes=False)
    return [Doing(one.actor.name if one.actor else one.actor_name, event_title(one, words), one.at) for one in found]


def _latest_evidence(lead: Lead) -> Mapping[str, str]:
    rows = Evidence.objects.filter(lead=lead).order_by("learned_at", "id")
    return dict(rows.values_list("attribute", "text"))

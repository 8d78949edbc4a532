"""How each thing of a lead's timeline is told, and the rows its words are in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from accounts.models import User
from dispositions.desk.noted import noted_title
from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from funnel.attributes import Attribute
from funnel.clauses import read_numbered_lines
from funnel.lifecycle import Stage
from funnel.models import Assignment, Escalation, LeadEvent, LeadText, Reason, SourceRuling, Touch
from funnel.services.lookups import spoken_name

FIELD_NAMES: Mapping[str, str] = {
    "first_name": "first name",
    "last_name": "last name",
    "title": "title",
    "email": "e-mail",
    "email_key": "e-mail",
    "phone": "phone",
    "time_zone": "time zone",
    "company": "company",
    "company_name": "name of the company",
    "company_domain": "domain of the company",
    "naics": "NAICS code",
    "country": "country",
    "employees": "employees",
    "annual_revenue": "revenue",
    "locations": "locations",
    "campaign": "campaign",
    "channel": "channel",
    "consent": "consent",
    "self_reported_source": "self-reported source",
    "expected_value": "expected value",
    "currency": "currency",
    "next_action_at": "next step",
    "wake_at": "wake-up date",
    "amount": "amount",
    "expected_close_on": "expected close",
    "competitor": "competitor",
    "score": "score",
    **{attribute.value: attribute.label.lower() for attribute in Attribute},
}
_CLOCKS = {"accept": "accept or refuse", "first_attempt": "first attempt"}
_MARKETING_STAGES = {Stage.INQUIRY, Stage.MQL}
_SALES_KINDS = {LeadEvent.Kind.DISPOSITIONED, LeadEvent.Kind.ASSIGNED}
_PLAIN = {
    LeadEvent.Kind.CREATED: "Came in",
    LeadEvent.Kind.BLACK_HOLE: "Fell into the Black Hole",
    LeadEvent.Kind.RECOVERED: "Recovered from the Black Hole",
    LeadEvent.Kind.STALE: "Became stale",
    LeadEvent.Kind.WOKEN: "Woke up",
}
_WORDS_IN_ORDER = (LeadText.Kind.EVIDENCE, LeadText.Kind.LEARNED, LeadText.Kind.NOTE)

Place = tuple[int, int]


@dataclass(frozen=True)
class Words:
    """What belongs to the events of one page: by lead and seq; names by their number or slug."""

    texts: Mapping[Place, Mapping[str, str]]
    dispositions: Mapping[Place, Disposition]
    assignments: Mapping[tuple[int, Any], Assignment]
    reasons: Mapping[str, str]
    people: Mapping[int, str]

    def text_of(self, event: LeadEvent) -> str:
        said = self.texts.get((event.lead_id, event.seq), {})
        texts = [said[kind] for kind in _WORDS_IN_ORDER if kind in said]
        if event.kind == LeadEvent.Kind.ASSIGNED:
            assignment = self.assignments.get((event.lead_id, event.at))
            texts += [assignment.why] if assignment else []
        return " ".join(texts)

    def is_private(self, event: LeadEvent) -> bool:
        """Whether what is said here is hidden from marketing."""
        return LeadText.Kind.NOTE in self.texts.get((event.lead_id, event.seq), {})


def words_for(things: Sequence[Any], *, sees_notes: bool) -> Words:
    """Five queries. Without `sees_notes` what is private to sales is left out."""
    events = [one for one in things if isinstance(one, LeadEvent)]
    if not events:
        return Words({}, {}, {}, {}, {})
    places = _at_places(events)
    kinds = _WORDS_IN_ORDER if sees_notes else _WORDS_IN_ORDER[:2]
    texts: dict[Place, dict[str, str]] = {}
    for text in LeadText.objects.filter(places, kind__in=kinds):
        texts.setdefault((text.lead_id, text.seq), {})[text.kind] = _spoken(text)
    ids = {event.lead_id for event in events}
    assignments = Assignment.objects.filter(lead__in=ids, at__in={event.at for event in events})
    owners = {event.data.get("owner") for event in events if event.kind == LeadEvent.Kind.ASSIGNED}
    return Words(
        texts,
        {(one.lead_id, one.seq): one for one in Disposition.objects.filter(places).select_related("corrects")},
        {(one.lead_id, one.at): one for one in assignments.order_by("pk")},
        dict(Reason.objects.values_list("slug", "label")),
        dict(User.objects.filter(pk__in=owners).values_list("pk", "name")),
    )


def _at_places(events: Iterable[LeadEvent]) -> Q:
    by_lead: dict[int, list[int]] = {}
    for event in events:
        by_lead.setdefault(event.lead_id, []).append(event.seq)
    return reduce(or_, (Q(lead=lead_id, seq__in=seqs) for lead_id, seqs in by_lead.items()))


def _spoken(text: LeadText) -> str:
    if text.kind != LeadText.Kind.EVIDENCE:
        return text.text
    return " ".join(f"Clause {number}: {said.rstrip('.')}." for number, said in read_numbered_lines(text.text).items())


# --- titles ---------------------------------------------------------------------------------------------------


def touch_title(touch: Touch) -> str:
    return f"{touch.get_kind_display()} · {touch.channel.name}"


def escalation_title(step: Escalation) -> str:
    clock = step.get_clock_display().lower()
    told = "Deadline told to the manager" if step.share == 100 else "Told to the manager's manager"
    return f"{'Reminder' if step.share < 100 else told}: {step.share} % of the time to {clock}"


def event_side(event: LeadEvent) -> str:
    if event.kind in _SALES_KINDS:
        return "sales"
    if event.kind == LeadEvent.Kind.CREATED:
        return "marketing"
    is_marketings = event.kind == LeadEvent.Kind.STAGE_CHANGED and event.data["new"] in _MARKETING_STAGES
    return "marketing" if is_marketings else ""


def event_title(event: LeadEvent, words: Words) -> str:
    kind = LeadEvent.Kind(event.kind)
    return _TITLES[kind](event, words) if kind in _TITLES else _PLAIN.get(kind, kind.label)


def field_names(fields: Iterable[str]) -> str:
    """Each once, in words: e-mail, phone."""
    return ", ".join(dict.fromkeys(FIELD_NAMES.get(name, name.replace("_", " ")) for name in fields)) or "nothing"


def _assigned(event: LeadEvent, words: Words) -> str:
    owner = words.people.get(event.data.get("owner"))
    return f"Assigned to {owner}" if owner else "Back to the pool"


def _edited(event: LeadEvent, _words: Words) -> str:
    # Evidence added by hand counts as learned; the conflict page alone tells of it here.
    said = [*event.data.get("fields", ()), *event.data.get("evidence", ())]
    if ruling := event.data.get("ruling"):
        return _ruled(ruling, event.data["channel"], event.data["because"])
    return f"Edited: {field_names(said)}"


def _ruled(ruling: str, channel: Mapping[str, str], because: str) -> str:
    old, new = spoken_name(channel["before"]), spoken_name(channel["after"])
    if ruling == SourceRuling.Kind.UNKNOWABLE:
        return f"Source: {old}, and it cannot be known"
    why = SourceRuling.Because(because).label.lower() if because else "taken back"
    return f"Source: {old} to {new} · {why}"


def _merged(event: LeadEvent, _words: Words) -> str:
    into = event.data.get("into")
    return f"Merged into lead {into}" if into else f"Lead {event.data.get('merged')} was merged into this one"


def _noted(event: LeadEvent, _words: Words) -> str:
    return noted_title(event.data)


def _outcome(event: LeadEvent, words: Words) -> str:
    data = event.data
    said = [Outcome(data["outcome"]).label]
    if reason := words.reasons.get(data.get("reason") or ""):
        said.append(reason.lower())
    disposition = words.dispositions.get((event.lead_id, event.seq))
    if disposition and disposition.channel:
        said.append(disposition.get_channel_display().lower())
    return " · ".join(said)


def _taken_back(event: LeadEvent, words: Words) -> str:
    undo = words.dispositions.get((event.lead_id, event.seq))
    return f"Taken back: {undo.corrects.get_outcome_display()}" if undo and undo.corrects else "Corrected"


def _moved(event: LeadEvent, words: Words) -> str:
    data = event.data
    new, old = Stage(data["new"]).label, data.get("old")
    title = f"{Stage(old).label} to {new}" if old else f"Became {new}"
    reason = words.reasons.get(data.get("reason") or "")
    inferred = " (date inferred)" if data.get("inferred") else ""
    return f"{title}{inferred}" + (f" · {reason.lower()}" if reason else "")


_TITLES: Mapping[LeadEvent.Kind, Callable[[LeadEvent, Words], str]] = {
    LeadEvent.Kind.DISPOSITIONED: _outcome,
    LeadEvent.Kind.STAGE_CHANGED: _moved,
    LeadEvent.Kind.ASSIGNED: _assigned,
    LeadEvent.Kind.EDITED: _edited,
    LeadEvent.Kind.CORRECTED: _taken_back,
    LeadEvent.Kind.MERGED: _merged,
    LeadEvent.Kind.NOTED: _noted,
}

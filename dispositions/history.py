"""What happened to a lead, in one line of time: touches, moves, dispositions, flags. Read off its ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dispositions.outcomes import Outcome
from funnel.clauses import read_numbered_lines
from funnel.lifecycle import Stage
from funnel.models import HandOff, Lead, LeadEvent, LeadText, Reason, Touch

TOUCHES_SHOWN = 12
ENTRIES_SHOWN = 60

_MARKETING_MOVES = {Stage.INQUIRY, Stage.MQL}
_TOLD = (
    LeadEvent.Kind.CREATED,
    LeadEvent.Kind.STAGE_CHANGED,
    LeadEvent.Kind.DISPOSITIONED,
    LeadEvent.Kind.CORRECTED,
    LeadEvent.Kind.BLACK_HOLE,
    LeadEvent.Kind.RECOVERED,
    LeadEvent.Kind.STALE,
    LeadEvent.Kind.WOKEN,
    LeadEvent.Kind.ASSIGNED,
)


@dataclass(frozen=True)
class Entry:
    """One line of the history. `side` is marketing, sales or none: it colours the line."""

    at: datetime
    title: str
    side: str = ""
    text: str = ""


@dataclass(frozen=True)
class Texts:
    """The words that belong to a lead's events, by seq; of its hand-offs' clauses, what was found."""

    said: Mapping[int, str] = field(default_factory=dict)
    clauses: Sequence[LeadText] = ()

    def found_at(self, hand_off: HandOff | None) -> dict[int, str]:
        """What was found of each clause when this hand-off was opened; nothing where it was erased."""
        for text in self.clauses:
            if hand_off and text.at == hand_off.opened_at:
                return read_numbered_lines(text.text)
        return {}


def texts_of(lead: Lead, *, sees_notes: bool) -> Texts:
    """One query. Notes are private to sales."""
    said: dict[int, str] = {}
    clauses = []
    for text in LeadText.objects.filter(lead=lead):
        if text.kind == LeadText.Kind.CLAUSES:
            clauses.append(text)
        elif sees_notes or text.kind != LeadText.Kind.NOTE:
            said[text.seq] = " ".join(filter(None, (said.get(text.seq), _words(text))))
    return Texts(said, clauses)


def _words(text: LeadText) -> str:
    if text.kind != LeadText.Kind.EVIDENCE:
        return text.text
    return " ".join(f"Clause {number}: {said.rstrip('.')}." for number, said in read_numbered_lines(text.text).items())


def history_of(lead: Lead, texts: Texts, reasons: Iterable[Reason]) -> list[Entry]:
    """The newest first. Two queries: touches, and the events of the ledger that people know a word for."""
    labels = {reason.slug: reason.label for reason in reasons}
    events = LeadEvent.objects.filter(lead=lead, kind__in=_TOLD).select_related("actor")
    entries = [*_touches(lead), *(_entry(event, texts, labels) for event in events)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:ENTRIES_SHOWN]


def _touches(lead: Lead) -> list[Entry]:
    touches = Touch.objects.filter(lead=lead).select_related("channel").order_by("-at", "-id")[:TOUCHES_SHOWN]
    return [
        Entry(touch.at, f"{touch.get_kind_display()}, {touch.channel.name}", "marketing", touch.subject)
        for touch in touches
    ]


def _entry(event: LeadEvent, texts: Texts, labels: Mapping[str, str]) -> Entry:
    by = f" · {event.actor.name}" if event.actor else ""
    text = texts.said.get(event.seq, "")
    if event.kind == LeadEvent.Kind.DISPOSITIONED:
        reason = labels.get(event.data["reason"] or "")
        said = Outcome(event.data["outcome"]).label
        return Entry(event.at, f"{said}: {reason}{by}" if reason else f"{said}{by}", "sales", text)
    if event.kind == LeadEvent.Kind.STAGE_CHANGED:
        new = Stage(event.data["new"])
        inferred = " (date inferred)" if event.data.get("inferred") else ""
        return Entry(event.at, f"Became {new.label}{by}{inferred}", _side(new), text)
    if event.kind == LeadEvent.Kind.CREATED:
        return Entry(event.at, f"Came in{by}", "marketing", text)
    return Entry(event.at, f"{event.get_kind_display()}{by}", text=text)


def _side(new: Stage) -> str:
    return "marketing" if new in _MARKETING_MOVES else ""

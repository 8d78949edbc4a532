"""What happened to a lead, in lines that people read: moves, dispositions, flags. Read off its story. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dispositions.desk.noted import noted_title
from dispositions.desk.story import Happened, Said
from dispositions.outcomes import Outcome
from funnel.clauses import read_numbered_lines
from funnel.lifecycle import Stage
from funnel.models import HandOff, LeadEvent, LeadText, Reason

_MARKETING_MOVES = {Stage.INQUIRY, Stage.MQL}


@dataclass(frozen=True)
class Entry:
    """One line of the history. `side` is marketing, sales or none: it colours the line."""

    at: datetime
    title: str
    side: str = ""
    text: str = ""


def history_of(events: Iterable[Happened], texts: Iterable[Said], reasons: Iterable[Reason]) -> list[Entry]:
    """In the order of the events, each with the words that belong to it. A note without words is left out."""
    labels = {reason.slug: reason.label for reason in reasons}
    said = _words_by_event(texts)
    told = (event for event in events if event.kind != LeadEvent.Kind.NOTED or event.seq in said)
    return [_entry(event, said.get(event.seq, ""), labels) for event in told]


def clause_evidence(texts: Iterable[Said], hand_off: HandOff | None) -> dict[int, str]:
    """What was found of each clause when this hand-off was opened; nothing where it was erased."""
    for one in texts:
        if hand_off and one.kind == LeadText.Kind.CLAUSES and one.at == hand_off.opened_at:
            return read_numbered_lines(one.text)
    return {}


def _words_by_event(texts: Iterable[Said]) -> Mapping[int, str]:
    said: dict[int, list[str]] = {}
    for one in texts:
        if one.kind != LeadText.Kind.CLAUSES:
            said.setdefault(one.seq, []).append(_words(one))
    return {seq: " ".join(filter(None, words)) for seq, words in said.items()}


def _words(text: Said) -> str:
    if text.kind != LeadText.Kind.EVIDENCE:
        return text.text
    return " ".join(f"Clause {number}: {said.rstrip('.')}." for number, said in read_numbered_lines(text.text).items())


def _entry(event: Happened, text: str, labels: Mapping[str, str]) -> Entry:
    by = f" · {event.by}" if event.by else ""
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
    if event.kind == LeadEvent.Kind.NOTED:
        return Entry(event.at, f"{noted_title(event.data)}{by}", text=text)
    return Entry(event.at, f"{event.kind.label}{by}", text=text)


def _side(new: Stage) -> str:
    return "marketing" if new in _MARKETING_MOVES else ""

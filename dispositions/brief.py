"""What a rep needs to know before he calls: who it is, how they came, what is known, what happened so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.principals import Principal
from accounts.roles import Role
from dispositions.countdown import Countdown, countdown
from dispositions.forms import Ask, StatementForm, ask
from dispositions.models import Disposition
from dispositions.outcomes import RULES, Outcome, Rule, possible_at
from funnel.attributes import BANT, Attribute
from funnel.lifecycle import Stage
from funnel.models import Evidence, Flag, HandOff, Lead, LeadEvent, LeadText, Reason, StageChange, Touch
from funnel.services.needs import known_attributes

TOUCHES_SHOWN = 12
EVENTS_SHOWN = 60


@dataclass(frozen=True)
class Known:
    """One of the ten attributes, and what is known of it."""

    attribute: Attribute
    is_known: bool
    evidence: Evidence | None


@dataclass(frozen=True)
class Entry:
    """One line of the history. `side` is marketing, sales or none: it colours the line."""

    at: datetime
    title: str
    side: str = ""
    text: str = ""


@dataclass(frozen=True)
class Brief:
    lead: Lead
    countdown: Countdown | None
    flag: Flag | None
    hand_off: HandOff | None
    known: Sequence[Known]
    bant: Sequence[tuple[str, bool]]
    history: Sequence[Entry]
    rules: Sequence[Rule]
    asks: Sequence[Ask]

    @property
    def known_count(self) -> int:
        return sum(one.is_known for one in self.known)


@dataclass(frozen=True)
class Answered:
    """A statement that could not be recorded: its outcome and its form with the errors."""

    outcome: Outcome
    form: StatementForm


def brief_of(
    lead: Lead,
    principal: Principal,
    *,
    now: datetime,
    answered: Answered | None = None,
    opened: Outcome | None = None,
) -> Brief:
    """A constant number of queries. `answered`: what the rep just tried to say, shown again with what it lacks.

    `opened`: the panel to show at once, where there is no JavaScript to open it.
    """
    may_act = principal.role in {Role.REP, Role.MANAGER, Role.ADMIN}
    rules = possible_at(Stage(lead.stage)) if may_act else []
    known = _known(lead)
    unknown_bant = [one.attribute for one in known if one.attribute in BANT.values() and not one.is_known]
    reasons = list(Reason.objects.filter(is_active=True))
    forms = {answered.outcome: answered.form} if answered else {}
    # What could not be recorded is shown in any case, also where the lead has moved on and it fits no more.
    asking = [rule for rule in RULES.values() if rule.outcome in forms or (rule.asks and rule in rules)]
    return Brief(
        lead=lead,
        countdown=countdown(lead.due_at, now),
        flag=Flag.objects.filter(lead=lead, cleared_at=None).first(),
        hand_off=lead.hand_off,
        known=known,
        bant=[(name, attribute not in unknown_bant) for name, attribute in BANT.items()],
        history=_history(lead, sees_notes=principal.role != Role.MARKETING),
        rules=rules,
        asks=[
            ask(
                lead, rule, reasons, unknown_bant, now=now, form=forms.get(rule.outcome), is_open=rule.outcome == opened
            )
            for rule in asking
        ],
    )


def _known(lead: Lead) -> list[Known]:
    evidence: dict[str, Evidence] = {}
    for one in lead.evidence.select_related("learned_by").order_by("learned_at", "id"):
        evidence[one.attribute] = one
    known = known_attributes(lead, evidence.keys())
    return [Known(attribute, attribute in known, evidence.get(attribute)) for attribute in Attribute]


def _history(lead: Lead, *, sees_notes: bool) -> list[Entry]:
    """Touches, moves and dispositions in one line of time, the newest first."""
    texts = _texts(lead, sees_notes=sees_notes)
    entries = [*_touches(lead), *_dispositions(lead, texts), *_moves(lead), *_other_events(lead)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:EVENTS_SHOWN]


def _texts(lead: Lead, *, sees_notes: bool) -> dict[int, str]:
    kinds = list(LeadText.Kind) if sees_notes else [LeadText.Kind.LEARNED]
    texts: dict[int, str] = {}
    for text in LeadText.objects.filter(lead=lead, kind__in=kinds):
        texts[text.seq] = f"{texts[text.seq]} {text.text}" if text.seq in texts else text.text
    return texts


def _touches(lead: Lead) -> list[Entry]:
    touches = Touch.objects.filter(lead=lead).select_related("channel").order_by("-at", "-id")[:TOUCHES_SHOWN]
    return [
        Entry(touch.at, f"{touch.get_kind_display()}, {touch.channel.name}", "marketing", touch.subject)
        for touch in touches
    ]


def _dispositions(lead: Lead, texts: dict[int, str]) -> list[Entry]:
    rows = Disposition.objects.filter(lead=lead).select_related("by", "reason")
    return [Entry(row.at, f"{_said(row)} · {row.by.name}", "sales", texts.get(row.seq, "")) for row in rows]


def _said(row: Disposition) -> str:
    return f"{row.get_outcome_display()}: {row.reason.label}" if row.reason else row.get_outcome_display()


def _moves(lead: Lead) -> list[Entry]:
    rows = StageChange.objects.filter(lead=lead).select_related("by")
    return [Entry(row.at, _moved(row), "marketing" if row.new in _MARKETING_MOVES else "") for row in rows]


_MARKETING_MOVES = {Stage.INQUIRY, Stage.MQL}


def _moved(row: StageChange) -> str:
    stage = Stage(row.new).label
    text = f"Became {stage}" if row.old else "Came in"
    inferred = " (date inferred)" if row.inferred else ""
    return f"{text}{f' · {row.by.name}' if row.by else ''}{inferred}"


_TOLD = (
    LeadEvent.Kind.BLACK_HOLE,
    LeadEvent.Kind.RECOVERED,
    LeadEvent.Kind.STALE,
    LeadEvent.Kind.WOKEN,
    LeadEvent.Kind.ASSIGNED,
)


def _other_events(lead: Lead) -> list[Entry]:
    events = LeadEvent.objects.filter(lead=lead, kind__in=_TOLD)
    return [Entry(event.at, event.get_kind_display()) for event in events]

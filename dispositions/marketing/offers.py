"""What marketing and managers may do with a lead, beside the outcomes that sales reports: each move with its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms

from accounts.principals import Principal
from accounts.roles import Role
from dispositions.desk.forms import morning
from funnel.errors import MissingNeeds
from funnel.lifecycle import TRANSITIONS, InvalidTransition, Move, Stage, Transition
from funnel.models import Lead, Reason
from funnel.services.moves import parties_to
from funnel.services.needs import MoveDetails


@dataclass(frozen=True)
class Kind:
    """`reasons_of`: the outcome of sales whose reasons it shares."""

    move: Move
    label: str
    hint: str
    asks: tuple[str, ...]
    reasons_of: str = ""


_KINDS = (
    Kind(Move.SELF_SOURCE, "Accept as SAL", "Found by sales itself: no hand-off, no agreement.", ()),
    Kind(Move.PROMOTE, "Hand over to sales", "Opens a hand-off; the agreement's clock starts.", ("override_reason",)),
    Kind(
        Move.PARK,
        "Park in nurture",
        "Not ready yet: it sleeps until the date.",
        ("reason", "wake_at", "learned"),
        "recycle",
    ),
    Kind(Move.DISCARD, "Disqualify", "Never was a buyer.", ("reason", "learned"), "disqualify"),
    Kind(
        Move.WITHDRAW, "Take back from sales", "It should not have been handed over.", ("reason", "learned"), "refuse"
    ),
    Kind(
        Move.REOPEN,
        "Reopen in nurture",
        "Closed, but worth another try later.",
        ("reason", "wake_at", "learned"),
        "recycle",
    ),
    Kind(Move.CORRECT, "Correct", "It was closed by mistake.", ("reason", "learned"), "step_back"),
)
KINDS: Mapping[Move, Kind] = {kind.move: kind for kind in _KINDS}


class MoveForm(forms.Form):
    """What the person gives with a move. What is missing is judged by the service, which names all of it at once."""

    move = forms.ChoiceField(choices=[(move.value, kind.label) for move, kind in KINDS.items()])
    version = forms.IntegerField(required=False)
    reason = forms.CharField(required=False, max_length=50)
    wake_at = forms.DateField(label="Wake up on", required=False, widget=forms.DateInput({"type": "date"}))
    learned = forms.CharField(label="Note, for marketing and sales", max_length=2000, required=False)
    override_reason = forms.CharField(
        label="Clauses fail: why shall it go to sales all the same?", max_length=500, required=False
    )

    def __init__(self, *args: Any, kind: Kind | None = None, reasons: Sequence[Reason] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fitting = [(reason.slug, reason.label) for reason in reasons if kind and kind.reasons_of in reason.outcomes]
        self.fields["reason"].widget = forms.Select(choices=[("", "–"), *fitting])

    def details(self, kind: Kind, at: datetime) -> MoveDetails:
        """What a valid form says.

        Raises MissingNeeds for a date that is past, and for a reason that does not fit or that lacks its note.
        """
        given = self.cleaned_data
        reason = _reason(kind, given["reason"], given["learned"])
        wake_at = morning(given["wake_at"])
        if wake_at is None and kind.move is Move.PARK and reason and reason.wake_after_days:
            wake_at = at + timedelta(days=reason.wake_after_days)
        if wake_at and wake_at <= at:
            raise MissingNeeds({"wake_at": "The wake-up date must lie in the future."})
        return MoveDetails(
            reason=reason, wake_at=wake_at, learned=given["learned"], override_reason=given["override_reason"]
        )

    def add_missing(self, missing: Mapping[str, str]) -> None:
        for name, sentence in missing.items():
            self.add_error(name if name in self.fields else None, sentence)


def _reason(kind: Kind, slug: str, note: str) -> Reason | None:
    if not slug:
        return None
    reason = Reason.objects.filter(slug=slug, is_active=True).first()
    if reason is None or kind.reasons_of not in reason.outcomes:
        raise MissingNeeds({"reason": f"“{slug}” is not a reason for this. Choose one of the list."})
    if reason.note_required and not note.strip():
        raise MissingNeeds({"learned": f"“{reason.label}” needs a note that says what happened."})
    return reason


@dataclass(frozen=True)
class Offer:
    """A move that this person may make with this lead now, and its form. `is_open`: it came back with errors."""

    kind: Kind
    new: Stage
    form: MoveForm
    is_open: bool = False

    @property
    def fields(self) -> list[forms.BoundField]:
        return [self.form[name] for name in self.kind.asks]

    @property
    def is_promotion(self) -> bool:
        return self.kind.move is Move.PROMOTE


def offers(
    lead: Lead, principal: Principal, reasons: Sequence[Reason], *, answered: tuple[Move, MoveForm] | None = None
) -> list[Offer]:
    """In the order of the table. `answered`: the move that could not be made, with its form."""
    return [_offer(row, lead, reasons, answered) for row in TRANSITIONS if _is_offered(row, lead, principal)]


def _is_offered(row: Transition, lead: Lead, principal: Principal) -> bool:
    if row.move is Move.SELF_SOURCE and principal.role == Role.ADMIN:
        return False  # an admin's move needs a reason, and what sales found has none
    return row.move in KINDS and row.old == lead.stage and bool(row.by & parties_to(lead, principal))


def _offer(row: Transition, lead: Lead, reasons: Sequence[Reason], answered: tuple[Move, MoveForm] | None) -> Offer:
    kind = KINDS[row.move]
    if answered and answered[0] is row.move:
        return Offer(kind, row.new, answered[1], is_open=True)
    initial = {"move": row.move.value, "version": lead.version}
    return Offer(kind, row.new, MoveForm(initial=initial, auto_id=f"{row.move.name}-%s", kind=kind, reasons=reasons))


def target_of(move: Move, old: Stage) -> Stage:
    """Where this move takes a lead in `old`. Raises InvalidTransition where it takes it nowhere."""
    rows = [row for row in TRANSITIONS if row.move is move]
    for row in rows:
        if row.old == old:
            return row.new
    raise InvalidTransition(old, rows[0].new)

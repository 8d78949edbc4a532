"""One panel per outcome, with only the fields it needs; and what the rep has said, ready for the services."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone

from dispositions.clause_list import ClauseChoice, ClauseFound, ReasonChoice, clause_choices, reason_choices
from dispositions.outcomes import Channel, Outcome, Rule
from dispositions.services.record import Statement
from dispositions.services.refuse import refuses
from funnel.attributes import Attribute
from funnel.models import Lead, Reason

DIGITS = "1234567890"
LONGEST_CLAUSE_EVIDENCE = 500


class ClauseNumbers(forms.Field):
    """The clauses that were marked, by number."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[int, ...]:
        numbers = value or ()
        if not all(number.isdecimal() and len(number) < 6 for number in numbers):
            raise forms.ValidationError("Clauses are marked by their numbers.")
        return tuple(int(number) for number in numbers)


class StatementForm(forms.Form):
    """What the rep says of a lead. What is missing is judged by the service, which names all of it at once."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(required=False, max_length=50)
    failed_clauses = ClauseNumbers(required=False)
    channel = forms.ChoiceField(choices=[("", "–"), *Channel.choices], required=False)
    amount = forms.DecimalField(min_value=0, max_digits=14, decimal_places=2, required=False)
    currency = forms.RegexField(
        r"^[A-Z]{3}$", required=False, error_messages={"invalid": "Give three capital letters, for example EUR."}
    )
    expected_close_on = forms.DateField(label="Expected to close on", required=False)
    closed_on = forms.DateField(label="Closed on", required=False)
    wake_at = forms.DateField(label="Wake up on", required=False, help_text="Empty: as the reason proposes.")
    next_action_at = forms.DateTimeField(label="Next step at", required=False)
    competitor = forms.CharField(label="Bought from", max_length=100, required=False)
    learned = forms.CharField(label="What was learned, for marketing", max_length=2000, required=False)
    note = forms.CharField(label="Note, private to sales", max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for attribute in Attribute:
            self.fields[attribute] = forms.CharField(label=attribute.label, max_length=2000, required=False)
        for name in ("expected_close_on", "closed_on", "wake_at"):
            self.fields[name].widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        self.fields["next_action_at"].widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def clean_failed_clauses(self) -> tuple[int, ...]:
        if any(len(text) > LONGEST_CLAUSE_EVIDENCE for text in self.typed_evidence().values()):
            raise forms.ValidationError(f"Say it in {LONGEST_CLAUSE_EVIDENCE} characters for each clause.")
        marked: tuple[int, ...] = self.cleaned_data["failed_clauses"]
        return marked

    def typed_evidence(self) -> dict[int, str]:
        """What was typed beside each clause, as it came."""
        prefix = "clause-evidence-"
        typed = {name.removeprefix(prefix): str(text).strip() for name, text in self.data.items() if prefix in name}
        return {int(number): text for number, text in typed.items() if number.isdecimal() and text}

    def statement(self, outcome: Outcome) -> Statement:
        """What a valid form says. Evidence is what was typed for an attribute."""
        given = self.cleaned_data
        return Statement(
            outcome=outcome,
            reason=given["reason"],
            channel=given["channel"],
            note=given["note"],
            learned=given["learned"],
            evidence={name: given[name] for name in Attribute.values if given[name]},
            next_action_at=given["next_action_at"],
            wake_at=morning(given["wake_at"]),
            amount=given["amount"],
            currency=given["currency"],
            expected_close_on=given["expected_close_on"],
            closed_on=given["closed_on"],
            competitor=given["competitor"],
            failed_clauses=given["failed_clauses"],
            clause_evidence=self.typed_evidence(),
        )

    def add_missing(self, missing: Mapping[str, str]) -> None:
        """Show the service's sentences beside their fields; what has no field here goes to the top."""
        for name, sentence in missing.items():
            self.add_error(name if name in self.fields else None, sentence)


def morning(day: date | None) -> datetime | None:
    """A date means its morning in the viewer's zone."""
    return timezone.make_aware(datetime.combine(day, time(8))) if day else None


@dataclass(frozen=True)
class Ask:
    """The panel of an outcome that asks for more than its key. `is_open`: shown without JavaScript."""

    rule: Rule
    form: StatementForm
    unknown_bant: Sequence[Attribute]
    reasons: Sequence[ReasonChoice]
    clauses: Sequence[ClauseChoice] = ()
    is_open: bool = False

    @property
    def numbered_reasons(self) -> list[tuple[str, ReasonChoice]]:
        """Each reason with the digit that chooses it; beyond ten there is none left."""
        return [(DIGITS[place] if place < len(DIGITS) else "", choice) for place, choice in enumerate(self.reasons)]

    @property
    def fields(self) -> list[BoundField]:
        """Only what this outcome needs and nobody knows yet. Reasons are buttons, not a field."""
        names = [name for name in self.rule.asks if name not in {"reason", "evidence"}]
        evidence = list(self.unknown_bant) if "evidence" in self.rule.asks else []
        return [self.form[name] for name in (*evidence, *names, "note")]


def ask(
    lead: Lead,
    rule: Rule,
    reasons: Iterable[Reason],
    unknown_bant: Sequence[Attribute],
    *,
    now: datetime,
    found: Sequence[ClauseFound] = (),
    form: StatementForm | None = None,
    is_open: bool = False,
) -> Ask:
    """The panel, prefilled with what is known. `form`: one that came back with errors, shown open.

    `found`: the clauses of the hand-off, where the outcome refuses it.
    """
    fitting = [reason for reason in reasons if rule.outcome in reason.outcomes] if "reason" in rule.asks else []
    initial = {
        "version": lead.version,
        "amount": lead.amount,
        "currency": lead.currency or settings.REPORTING_CURRENCY,
        "expected_close_on": lead.expected_close_on,
        "closed_on": timezone.localdate(now),
        "competitor": lead.competitor,
    }
    shown = form or StatementForm(initial=initial, auto_id=f"{rule.outcome}-%s")
    cites = found if refuses(rule, lead) else ()
    return Ask(
        rule,
        shown,
        unknown_bant,
        reason_choices(fitting, lead.hand_off, cites),
        _choices(cites, form),
        is_open=is_open or form is not None,
    )


def _choices(found: Sequence[ClauseFound], form: StatementForm | None) -> list[ClauseChoice]:
    if form is None:
        return clause_choices(found)
    marked = form.cleaned_data.get("failed_clauses", ()) if form.is_bound else None
    return clause_choices(found, marked=marked, typed=form.typed_evidence())

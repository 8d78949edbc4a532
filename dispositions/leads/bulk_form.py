"""What is said of many leads at once, or who gets them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from dispositions.desk.forms import morning
from dispositions.outcomes import Outcome
from dispositions.services.bulk import OUTCOMES
from dispositions.services.record import Statement
from funnel.models import Reason

_BETWEEN = ":"


class BulkForm(forms.Form):
    """`said` is an outcome with its reason, chosen together: `refuse:no_budget`."""

    said = forms.ChoiceField(label="What happened", error_messages={"required": "Say what happened: choose a reason."})
    wake_at = forms.DateField(
        label="Wake up on", required=False, help_text="Of recycled leads. Empty: as the reason proposes."
    )
    note = forms.CharField(label="Note, private to sales", max_length=2000, required=False)

    def __init__(self, *args: Any, reasons: Iterable[Reason], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["said"].choices = [("", "What happened…"), *_choices(list(reasons))]  # type: ignore[attr-defined]
        self.fields["wake_at"].widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")

    def statement(self) -> Statement:
        """What a valid form says."""
        given = self.cleaned_data
        outcome, _, reason = given["said"].partition(_BETWEEN)
        return Statement(outcome=Outcome(outcome), reason=reason, note=given["note"], wake_at=morning(given["wake_at"]))

    @property
    def says(self) -> str:
        """A valid form's outcome and reason, as people read it."""
        groups: Any = self.fields["said"].choices  # type: ignore[attr-defined]
        return str(dict(option for _, options in groups[1:] for option in options)[self.cleaned_data["said"]])


def _choices(reasons: Sequence[Reason]) -> list[tuple[str, list[tuple[str, str]]]]:
    grouped = [
        (
            outcome.label,
            [
                (f"{outcome}{_BETWEEN}{one.slug}", f"{outcome.label}: {one.label.lower()}")
                for one in reasons
                if outcome in one.outcomes
            ],
        )
        for outcome in OUTCOMES
    ]
    return [(label, options) for label, options in grouped if options]


def chosen(values: Iterable[str]) -> list[int]:
    """The leads that were ticked; what is no number is left out."""
    return list(dict.fromkeys(int(one) for one in values if one.isdecimal() and len(one) < 19))

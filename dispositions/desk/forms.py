"""What the rep says of a lead, as it comes from the page, made ready for the services."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, cast

from django import forms
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from accounts.form_fields import AmountField
from dispositions.models import Forecast
from dispositions.outcomes import Channel, Outcome
from dispositions.services.learned import Addition
from dispositions.services.record import Statement
from funnel.attributes import Attribute

FORECASTS = [*((str(chance), f"{chance} %") for chance in Forecast.CHANCES), *Forecast.Because.choices]
LONGEST_CLAUSE_EVIDENCE = 500
DIGITS = "1234567890"


class ClauseNumbers(forms.Field):
    """The clauses that were marked, by number."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[int, ...]:
        numbers = value or ()
        if not all(number.isdecimal() and len(number) < 6 for number in numbers):
            raise forms.ValidationError("Clauses are marked by their numbers.")
        return tuple(int(number) for number in numbers)


class ShownField(forms.BoundField):
    """A field as a page shows it, with label, help and errors: rendered once for as long as somebody keeps it."""

    component = "components/field.html"

    @cached_property
    def html(self) -> SafeString:
        return render_to_string(self.component, {"field": self})

    def prefilled(self, value: object, help_text: str = "") -> "ShownField":
        """The same field with this in it; itself where there is nothing to put in."""
        if value in (None, "") and not help_text:
            return self
        field = type(self)(self.form, self.field, self.name)
        field.initial, field.help_text = value, help_text or self.help_text
        return field


class ShownForecast(ShownField):
    component = "dispositions/_forecast_choice.html"


class ForecastField(forms.ChoiceField):
    bound_field_class = ShownForecast


class LearnedForm(forms.Form):
    """What a conversation taught, and how it goes on. Also by itself, added to what is recorded already."""

    bound_field_class = ShownField

    learned = forms.CharField(label="What was learned, for marketing", max_length=2000, required=False)
    next_action_at = forms.DateTimeField(label="Next step at", required=False)
    note = forms.CharField(label="Note, private to sales", max_length=2000, required=False)
    forecast = ForecastField(label="Will it close?", choices=[("", "–"), *FORECASTS], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for attribute in Attribute:
            self.fields[attribute] = forms.CharField(label=attribute.label, max_length=2000, required=False)
        self.fields["next_action_at"].widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __getitem__(self, name: str) -> ShownField:
        return cast("ShownField", super().__getitem__(name))

    @property
    def evidence(self) -> dict[str, str]:
        """What was typed for an attribute."""
        return {name: self.cleaned_data[name] for name in Attribute.values if self.cleaned_data[name]}

    @property
    def belief(self) -> tuple[int | None, str]:
        """The chance in percent, or why he cannot say."""
        return read_forecast(self.cleaned_data["forecast"])

    def addition(self) -> Addition:
        """What a valid form adds."""
        given = self.cleaned_data
        chance, because = self.belief
        return Addition(
            evidence=self.evidence,
            learned=given["learned"],
            note=given["note"],
            next_action_at=given["next_action_at"],
            forecast=chance,
            forecast_because=because,
        )

    def add_missing(self, missing: Mapping[str, str]) -> None:
        """Show the service's sentences beside their fields; what has no field here goes to the top."""
        for name, sentence in missing.items():
            self.add_error(name if name in self.fields else None, sentence)


class StatementForm(LearnedForm):
    """What the rep says of a lead. What is missing is judged by the service, which names all of it at once."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(required=False, max_length=50)
    failed_clauses = ClauseNumbers(required=False)
    channel = forms.ChoiceField(choices=[("", "–"), *Channel.choices], required=False)
    amount = AmountField(required=False)
    currency = forms.RegexField(
        r"^[A-Z]{3}$", required=False, error_messages={"invalid": "Give three capital letters, for example EUR."}
    )
    expected_close_on = forms.DateField(label="Expected to close on", required=False)
    closed_on = forms.DateField(label="Closed on", required=False)
    wake_at = forms.DateField(label="Wake up on", required=False, help_text="Empty: as the reason proposes.")
    competitor = forms.CharField(label="Bought from", max_length=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("expected_close_on", "closed_on", "wake_at"):
            self.fields[name].widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")

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
        chance, because = self.belief
        return Statement(
            outcome=outcome,
            reason=given["reason"],
            channel=given["channel"],
            note=given["note"],
            learned=given["learned"],
            evidence=self.evidence,
            next_action_at=given["next_action_at"],
            wake_at=morning(given["wake_at"]),
            amount=given["amount"],
            currency=given["currency"],
            expected_close_on=given["expected_close_on"],
            closed_on=given["closed_on"],
            competitor=given["competitor"],
            failed_clauses=given["failed_clauses"],
            clause_evidence=self.typed_evidence(),
            forecast=chance,
            forecast_because=because,
        )


def read_forecast(value: str) -> tuple[int | None, str]:
    """A choice of the page: “50” or “too_early”. Nothing: neither."""
    return (int(value), "") if value.isdecimal() else (None, value)


def morning(day: date | None) -> datetime | None:
    """A date means its morning in the viewer's zone."""
    return timezone.make_aware(datetime.combine(day, time(8))) if day else None

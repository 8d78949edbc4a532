"""The draft of an agreement as a form: its limits, and its clauses as a set of rows that works without JavaScript."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils import timezone

from accounts.models import Team
from funnel.attributes import Attribute
from funnel.clauses import FIELDS, KINDS, InvalidArguments, arguments_of
from funnel.models import Agreement, Channel, Clause
from funnel.services.agreements import ClauseTerms, Terms

EMPTY_ROWS = 3
_LIMITS = (
    *("attempts_required", "attempts_within_days", "channels_required", "team", "channel", "country", "reassigns"),
)


class NewAgreementForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="For example: MQL-to-SAL agreement, or Partners.")


class TermsForm(forms.Form):
    accept_within_hours = forms.DecimalField(
        label="Accept or refuse within", min_value=0.25, max_value=400, decimal_places=2, help_text="Working hours."
    )
    first_attempt_within_hours = forms.DecimalField(
        label="First attempt within", min_value=0.25, max_value=400, decimal_places=2, help_text="Working hours."
    )
    attempts_required = forms.IntegerField(label="Attempts", min_value=1, max_value=50)
    attempts_within_days = forms.IntegerField(
        label="Over", min_value=1, max_value=250, help_text="Working days from the first to the last attempt."
    )
    channels_required = forms.IntegerField(label="On channels", min_value=1, max_value=4)
    escalation_shares = forms.CharField(
        label="Escalation", max_length=60, help_text="In percent of the time allowed, for example 50, 80, 100, 200."
    )
    reassigns = forms.BooleanField(label="At the last step the lead goes to the next rep", required=False)
    team = forms.ModelChoiceField(Team.objects.all(), required=False, empty_label="Any team")
    channel = forms.ModelChoiceField(Channel.objects.all(), required=False, empty_label="Any channel")
    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        required=False,
        help_text="Two letters. Team, channel and country all empty: the default agreement.",
        error_messages={"invalid": "Give a country code of two letters, for example DE."},
    )
    in_force_from = forms.DateField(
        label="In force from",
        required=False,
        help_text="Empty: as soon as both have signed.",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()

    def clean_escalation_shares(self) -> list[int]:
        parts = [part.strip(" %") for part in self.cleaned_data["escalation_shares"].split(",")]
        if not all(part.isdecimal() and 0 < int(part) <= 1000 for part in parts):
            raise forms.ValidationError("Give whole numbers from 1 to 1000, with commas between them.")
        shares = [int(part) for part in parts]
        if shares != sorted(set(shares)):
            raise forms.ValidationError("Give each step once, the smallest first.")
        return shares

    def terms(self) -> Terms:
        given = self.cleaned_data
        day = given["in_force_from"]
        return Terms(
            accept_within_minutes=round(given["accept_within_hours"] * 60),
            first_attempt_within_minutes=round(given["first_attempt_within_hours"] * 60),
            escalation_shares=given["escalation_shares"],
            in_force_from=timezone.make_aware(datetime.combine(day, time())) if day else None,
            **{name: given[name] for name in _LIMITS},
        )


def terms_form(agreement: Agreement, data: Any = None) -> TermsForm:
    initial = {name: getattr(agreement, name) for name in _LIMITS} | {
        "accept_within_hours": f"{agreement.accept_within_minutes / 60:g}",
        "first_attempt_within_hours": f"{agreement.first_attempt_within_minutes / 60:g}",
        "escalation_shares": ", ".join(map(str, agreement.escalation_shares)),
        "in_force_from": timezone.localdate(agreement.in_force_from) if agreement.in_force_from else None,
    }
    return TermsForm(data, initial=initial)


class ClauseForm(forms.Form):
    """One clause. A row without a sentence is no clause: emptying it takes the clause out."""

    sentence = forms.CharField(max_length=300, required=False, label="What the lead must meet")
    test = forms.ChoiceField(
        label="LeadFlow checks", choices=[(slug, kind.label) for slug, kind in KINDS.items()], required=False
    )
    subject = forms.ChoiceField(
        label="Of",
        choices=[("", "–"), ("Attributes", Attribute.choices), ("Fields", list(FIELDS.items()))],
        required=False,
    )
    operand = forms.CharField(label="Compared with", max_length=300, required=False)
    remark = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)
    position = forms.IntegerField(min_value=1, max_value=999, required=False, label="Number")

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("sentence"):
            try:
                given["arguments"] = arguments_of(
                    given.get("test", ""), subject=given.get("subject", ""), operand=given.get("operand", "")
                )
            except InvalidArguments as invalid:
                for name, problem in invalid.problems.items():
                    self.add_error(_FIELD_OF.get(name, "operand"), problem)
        elif given.get("test") or given.get("operand"):
            self.add_error("sentence", "Say in a sentence what the lead must meet.")
        return given


if TYPE_CHECKING:
    _FormSet = forms.BaseFormSet[ClauseForm]
else:
    _FormSet = forms.BaseFormSet

_FIELD_OF = {"test": "test", "attribute": "subject", "field": "subject", "about": "subject"}


class BaseClauseSet(_FormSet):
    def clauses(self) -> list[ClauseTerms]:
        """In the order of their numbers; rows that share one stay as they stand."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("sentence")]
        rows.sort(key=lambda row: row.get("position") or 1000)
        return [
            ClauseTerms(
                sentence=row["sentence"], test=row["test"], arguments=row["arguments"], remark=row.get("remark", "")
            )
            for row in rows
        ]


ClauseSet = forms.formset_factory(ClauseForm, formset=BaseClauseSet, extra=EMPTY_ROWS, max_num=100)


def clause_set(clauses: Iterable[Clause], data: Any = None) -> BaseClauseSet:
    return cast("BaseClauseSet", ClauseSet(data, initial=[_initial(one) for one in clauses], prefix="clauses"))


def _initial(clause: Clause) -> dict[str, Any]:
    kind = KINDS[clause.test]
    operand = clause.arguments.get(kind.operand, "")
    return {
        "position": clause.number,
        "sentence": clause.sentence,
        "remark": clause.remark,
        "test": clause.test,
        "subject": clause.arguments.get(kind.subject, ""),
        "operand": ", ".join(operand) if isinstance(operand, list) else operand,
    }

"""Forms by which marketing connects tools, endpoints and programs."""

import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.principals import Principal
from integrations.models import ApiKey, Endpoint, Source
from integrations.outbound.events import KINDS
from integrations.pages.guides import Guide
from integrations.services.keys import LONGEST_TEXT, scopes_to_give

NEVER = "never"


class ConnectForm(forms.Form):
    """A source of one adapter; whose guide says whether the tool has a secret of its own."""

    name = forms.CharField(max_length=100, help_text="What it is called here, for example Mautic of the shop.")
    secret = forms.CharField(max_length=200, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    settings = forms.CharField(
        label="Field map and options",
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        help_text="TOML with the tables field_map, channel_rules and options. Empty: what the tool's own fields say.",
    )

    def __init__(self, given: Any, *, guide: Guide) -> None:
        super().__init__(given)
        self.fields["secret"].required = bool(guide.word)
        self.fields["secret"].label = guide.word or "Secret"
        self.fields["secret"].help_text = guide.word_help or "Empty: LeadFlow makes one and shows it once."

    def clean_settings(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.cleaned_data["settings"])
        except tomllib.TOMLDecodeError as error:
            raise ValidationError(f"This is not TOML: {error}.") from error


class EndpointForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="Who listens there, for example CRM.")
    url = forms.CharField(
        label="Address", max_length=500, widget=forms.TextInput({"inputmode": "url"}), help_text="Begins with https://"
    )
    kinds = forms.MultipleChoiceField(
        label="Events",
        required=False,
        choices=[(kind.value, kind.label) for kind in KINDS],
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all of them.",
    )
    source = forms.ChoiceField(
        label="Leads", required=False, help_text="Of a source: those that it knows, with its ids of them."
    )

    def __init__(self, given: Any, *, endpoint: Endpoint | None = None) -> None:
        known = {"name": endpoint.name, "url": endpoint.url, "kinds": endpoint.kinds} if endpoint else None
        super().__init__(given, initial=known)
        if endpoint:
            del self.fields["source"]  # its receiver knows the ids of one
        else:
            choices = [("", "Every lead"), *((slug, f"Known to {slug}") for slug in known_sources())]
            self.fields["source"] = forms.ChoiceField(
                label="Leads", required=False, choices=choices, help_text=self.base_fields["source"].help_text
            )

    def clean(self) -> dict[str, Any]:
        """A form that is sent twice makes one endpoint."""
        given: dict[str, Any] = super().clean() or {}
        is_new = "source" in self.fields and not self.errors
        if is_new and Endpoint.objects.filter(**{name: given[name] for name in ("name", "url", "source")}).exists():
            self.add_error("url", "An endpoint of this name and address hears of these leads already.")
        return given


def known_sources() -> list[str]:
    """The systems that leads come from: those with a hook, and those with a key."""
    slugs = set(Source.objects.values_list("slug", flat=True)) | set(ApiKey.objects.values_list("source", flat=True))
    return sorted(slugs)


class CatchUpForm(forms.Form):
    since = forms.DateTimeField(
        label="Since",
        widget=forms.DateTimeInput({"type": "datetime-local"}),
        error_messages={"required": "Say since when.", "invalid": "Give a day and a time."},
    )


class KeyForm(forms.Form):
    name = forms.CharField(max_length=LONGEST_TEXT, help_text="What the key is called in lists and timelines.")
    source = forms.CharField(max_length=LONGEST_TEXT, help_text="The system that will use it: it sees its own leads.")
    scopes = forms.MultipleChoiceField(label="It may", widget=forms.CheckboxSelectMultiple)
    lasts = forms.ChoiceField(
        label="Good for", choices=[("90", "90 days"), ("365", "a year"), (NEVER, "until it is revoked")]
    )

    def __init__(self, given: Any, *, by: Principal) -> None:
        super().__init__(given)
        self.fields["scopes"] = forms.MultipleChoiceField(
            label="It may",
            choices=[(scope.value, SCOPE_LABELS[scope.value]) for scope in scopes_to_give(by)],
            widget=forms.CheckboxSelectMultiple,
        )

    def expires_at(self, now: datetime) -> datetime | None:
        lasts = self.cleaned_data["lasts"]
        return None if lasts == NEVER else now + timedelta(days=int(lasts))


SCOPE_LABELS = {
    "leads:read": "read leads",
    "leads:write": "send leads and touches",
    "dispositions:write": "say for a rep what happened",
    "reports:read": "read reports",
    "endpoints:write": "keep endpoints",
}


class RenewForm(forms.Form):
    keep_old = forms.ChoiceField(
        label="The old key ends",
        choices=[("0", "at once"), ("1", "in an hour"), ("24", "in a day"), ("168", "in a week")],
    )


def add_problem(form: forms.Form, field: str, sentence: str) -> None:
    """A service's refusal, where the form has such a field at it, else above it."""
    form.add_error(field if field in form.fields else None, sentence)


def chosen(name: str, values: Iterable[str]) -> str | None:
    """`name`, where it is one of the values."""
    return name if name in set(values) else None

"""What marketing writes down at the nurture desk: a touch with what it taught, and the date on which to go on."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.forms import BoundField

from dispositions.desk.forms import morning
from funnel.attributes import Attribute
from funnel.errors import MissingNeeds

PAUSES = (("7", "1 week"), ("30", "1 month"), ("91", "3 months"), ("182", "6 months"))


def _date_input() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class DevelopForm(forms.Form):
    """A touch or a note. Which attributes are shown is the desk's to say; all are taken."""

    subject = forms.CharField(
        label="What it was about", max_length=500, required=False, help_text="For sales and marketing to read later."
    )
    next_on = forms.DateField(label="Next step", required=False, widget=_date_input())
    learned = forms.CharField(
        label="Note", max_length=2000, required=False, widget=forms.Textarea({"rows": 2}), help_text="Sales reads it."
    )

    def __init__(self, *args: Any, unknown: Sequence[Attribute] = (), **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "develop-%s"} | kwargs))
        self.unknown = unknown
        for attribute in Attribute:
            self.fields[attribute] = forms.CharField(label=attribute.label, max_length=2000, required=False)

    @property
    def attributes(self) -> list[BoundField]:
        """Those nobody knows yet, and those that were typed into."""
        typed = [name for name in Attribute if self.is_bound and self[name].data]
        return [self[name] for name in Attribute if name in self.unknown or name in typed]

    @property
    def evidence(self) -> dict[str, str]:
        return {name: text for name in Attribute.values if (text := self.cleaned_data[name])}

    @property
    def next_at(self) -> datetime | None:
        """The morning of the next step in the viewer's zone."""
        return morning(self.cleaned_data["next_on"])

    def add_missing(self, missing: MissingNeeds) -> None:
        for name, sentence in missing.fields.items():
            self.add_error(name if name in self.fields else None, sentence)


class SleepForm(forms.Form):
    """Until when a lead sleeps: a pause chosen by its button, or a date."""

    pause = forms.ChoiceField(choices=PAUSES, required=False)
    until = forms.DateField(label="Or until", required=False, widget=_date_input())
    learned = forms.CharField(label="Note", max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "sleep-%s"} | kwargs))

    def until_at(self, today: date) -> datetime:
        """Raises MissingNeeds without either."""
        if pause := self.cleaned_data["pause"]:
            until = morning(today + timedelta(days=int(pause)))
        else:
            until = morning(self.cleaned_data["until"])
        if until is None:
            raise MissingNeeds({"until": "Choose how long it sleeps, or give a date."})
        return until

    @property
    def numbered(self) -> list[tuple[str, str, str]]:
        """Digit, days, label."""
        return [(str(place), days, label) for place, (days, label) in enumerate(PAUSES, 1)]

"""What a manager changes about the people of his teams."""

from django import forms

from accounts.leave import Availability
from accounts.models import User


class AvailabilityForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("away_from", "away_until", "is_on_duty", "lead_cap")
        labels = {
            "away_from": "First day of leave",
            "away_until": "Last day of leave",
            "is_on_duty": "On duty",
            "lead_cap": "Most leads at a time",
        }
        help_texts = {
            "away_from": "From this day on open leads go back to the pool of the team.",
            "away_until": "Empty: the leave has no end yet.",
            "is_on_duty": "Gets new leads. Off duty somebody keeps what he has and gets no more.",
            "lead_cap": "In MQL, SAL and SQL together. Empty: any number.",
        }
        widgets = {
            "away_from": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "away_until": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }

    def availability(self) -> Availability:
        return Availability(**self.cleaned_data)

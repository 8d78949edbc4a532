"""A piece of proof as a form, and which open leads its conditions leave."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.principals import Principal
from dispositions.models import Proof
from funnel.lifecycle import OPEN_STAGES
from funnel.models import Lead

COUNTED_UP_TO = 10_000
FIELDS = (
    *("kind", "title", "summary", "url", "contact", "naics_prefix"),
    *("min_employees", "max_employees", "country", "pains"),
)


if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[Proof]
else:
    _ModelForm = forms.ModelForm  # which takes no type at run time


class ProofForm(_ModelForm):
    url = forms.URLField(
        label="Link",
        max_length=500,
        required=False,
        assume_scheme="https",
        # Not the browser's own kind, which takes no address without https://.
        widget=forms.TextInput({"inputmode": "url"}),
    )

    class Meta:
        model = Proof
        fields = FIELDS
        widgets = {"summary": forms.Textarea({"rows": 2})}
        help_texts = {
            "naics_prefix": "One to six digits, for example 4841. Empty: every industry.",
            "country": "Two letters, for example DE. Empty: every country.",
        }

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).strip().upper()
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise ValidationError("Give a country code of two letters, for example DE.")
        return country


def proof_form(proof: Proof | None, given: Any) -> ProofForm:
    return ProofForm(given, instance=proof or Proof(kind=Proof.Kind.CASE_STUDY))


def fits(proof: Proof, principal: Principal) -> int:
    """How many open leads are of its segment, up to 10,000. Its pains are looked for in each lead's own words."""
    leads = Lead.objects.visible_to(principal).filter(stage__in=OPEN_STAGES)
    conditions = Q()
    if proof.naics_prefix:
        conditions &= Q(company__naics__startswith=proof.naics_prefix)
    if proof.min_employees is not None:
        conditions &= Q(company__employees__gte=proof.min_employees)
    if proof.max_employees is not None:
        conditions &= Q(company__employees__lte=proof.max_employees)
    if proof.country:
        conditions &= Q(company__country__iexact=proof.country)
    return leads.filter(conditions).order_by()[:COUNTED_UP_TO].count()

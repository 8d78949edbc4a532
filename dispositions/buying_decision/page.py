"""The buy-in map as a form: a row for each person, and one for somebody new."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms

from accounts.principals import Principal
from dispositions.buying_decision.state import Buying, buying_of
from dispositions.models import Blocker, BuyIn, Stance
from dispositions.services.buy_in import Stakeholder, may_keep
from funnel.attributes import Attribute
from funnel.errors import MissingNeeds
from funnel.knowledge import known_attributes
from funnel.models import Evidence, Lead


class StakeholderForm(forms.Form):
    """Somebody who must agree. What is missing is judged by the service."""

    person = forms.CharField(label="Who", max_length=150, required=False)
    role = forms.CharField(label="Role", max_length=150, required=False)
    stance = forms.ChoiceField(label="Stance", choices=Stance.choices, initial=Stance.UNKNOWN, required=False)
    blocker = forms.ChoiceField(label="Held by", choices=[("", "Nothing known"), *Blocker.choices], required=False)
    note = forms.CharField(label="Note", max_length=500, required=False)

    def stakeholder(self) -> Stakeholder:
        given = self.cleaned_data
        return Stakeholder(
            person=given["person"],
            role=given["role"],
            stance=given["stance"] or Stance.UNKNOWN,
            blocker=given["blocker"],
            note=given["note"],
        )

    def add_missing(self, missing: MissingNeeds) -> None:
        for name, sentence in missing.fields.items():
            self.add_error(name if name in self.fields else None, sentence)


@dataclass(frozen=True)
class PersonRow:
    """`is_open`: it came back with errors."""

    buy_in: BuyIn
    form: StakeholderForm
    is_open: bool = False


@dataclass(frozen=True)
class BuyingPage:
    lead: Lead
    buying: Buying
    rows: Sequence[PersonRow]
    new: StakeholderForm
    may_keep: bool


def buying_page(
    lead: Lead, principal: Principal, *, refused: tuple[int | None, StakeholderForm] | None = None
) -> BuyingPage:
    """`refused`: whose row (none: the new one) could not be kept, with its form."""
    people = list(BuyIn.objects.filter(lead=lead))
    whose, form = refused or (0, None)
    known = known_attributes(lead, Evidence.objects.filter(lead=lead).values_list("attribute", flat=True))
    return BuyingPage(
        lead=lead,
        buying=buying_of(people, [one for one in Attribute if one not in known]),
        rows=[_row(one, form if one.pk == whose else None) for one in people],
        new=form if form and whose is None else StakeholderForm(auto_id="person-new-%s"),
        may_keep=may_keep(principal),
    )


def form_id(buy_in_id: int | None) -> str:
    return f"person-{buy_in_id or 'new'}-%s"


def _row(buy_in: BuyIn, refused: StakeholderForm | None) -> PersonRow:
    names = ("person", "role", "stance", "blocker", "note")
    initial = {name: getattr(buy_in, name) for name in names}
    return PersonRow(
        buy_in, refused or StakeholderForm(initial=initial, auto_id=form_id(buy_in.pk)), is_open=refused is not None
    )

"""The form by which the author adds to what he has recorded: what was learned, the next step, the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.forms import BoundField

from dispositions.desk.forms import LearnedForm
from dispositions.desk.pursuit import follow_up_of, slot_in_words
from dispositions.models import Disposition, Forecast
from dispositions.outcomes import RULES, Outcome
from dispositions.precedents import Precedents, precedents_of
from dispositions.services.forecasts import OCCASIONS
from funnel.attributes import BANT, Attribute
from funnel.knowledge import known_attributes
from funnel.models import Evidence, Lead


@dataclass(frozen=True)
class AdditionPage:
    """`evidence`: the attributes nobody knows yet, those of BANT first. `proposal`: the next step in words."""

    lead: Lead
    disposition: Disposition
    form: LearnedForm
    fields: Sequence[BoundField]
    evidence: Sequence[BoundField]
    asks_forecast: bool
    proposal: str
    precedents: Precedents


def addition_page(lead: Lead, said: Disposition, now: datetime, form: LearnedForm | None = None) -> AdditionPage:
    """`form`: one that came back with errors."""
    rule = RULES.get(Outcome(said.outcome))
    is_contact = rule is not None and rule.is_contact
    slot = follow_up_of(lead, said.at, now) if is_contact else None
    planned = lead.next_action_at if lead.next_action_at and lead.next_action_at > now else None
    initial = {"next_action_at": planned or (slot.at if slot else None)}
    shown = form or LearnedForm(initial=initial, auto_id="said-%s")
    fields = ["learned", "next_action_at", "note"] if is_contact else ["next_action_at", "note", "learned"]
    return AdditionPage(
        lead,
        said,
        shown,
        fields=[shown[name] for name in fields],
        evidence=[shown[one.value] for one in _unknown(lead)] if is_contact else [],
        asks_forecast=said.occasion in OCCASIONS and not Forecast.objects.filter(disposition=said).exists(),
        proposal=slot_in_words(slot) if slot and not planned else "",
        precedents=precedents_of(lead),
    )


def _unknown(lead: Lead) -> list[Attribute]:
    known = known_attributes(lead, Evidence.objects.filter(lead=lead).values_list("attribute", flat=True))
    bant = list(BANT.values())
    return [one for one in (*bant, *(one for one in Attribute if one not in bant)) if one not in known]

"""Campaigns and spend as forms, and the grid of months as it was typed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.conf import settings

from accounts.form_fields import AmountField, as_the_viewer_writes
from dispositions.marketing.campaigns import Grid, GridRow
from funnel.errors import MissingNeeds
from funnel.models import Campaign, Channel, Spend
from funnel.services.campaigns import CampaignTerms, MonthSpend, SpendTerms

_CURRENCY = re.compile(r"^[A-Z]{3}$")
_WRONG_CURRENCY = "Give three letters, for example EUR."
_MOST = Decimal(10) ** 12


def _date(label: str, *, required: bool, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


class _MoneyForm(forms.Form):
    """What both forms share: a currency, and the service's sentences beside their fields."""

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).strip().upper()
        if currency and not _CURRENCY.match(currency):
            raise forms.ValidationError(_WRONG_CURRENCY)
        return currency

    def add_missing(self, missing: MissingNeeds) -> None:
        for name, sentence in missing.fields.items():
            self.add_error(name if name in self.fields else None, sentence)


class CampaignForm(_MoneyForm):
    name = forms.CharField(max_length=200)
    slug = forms.SlugField(
        label="Short name",
        max_length=100,
        help_text="As other systems call it: letters, digits and dashes. Imports and the API find it by this.",
    )
    channel = forms.ModelChoiceField(Channel.objects.all(), empty_label="Choose a channel")
    starts_on = _date("Starts on", required=False)
    ends_on = _date("Ends on", required=False, help_text="The last day. Empty: it goes on.")
    expected_value = AmountField(
        label="Expected value",
        required=False,
        help_text="What a lead of it is worth when won. Leads without an amount count with it.",
    )
    currency = forms.CharField(max_length=3, required=False, help_text="Three letters, for example EUR.")

    def terms(self) -> CampaignTerms:
        return CampaignTerms(**self.cleaned_data)


def campaign_form(campaign: Campaign | None, given: Any) -> CampaignForm:
    initial: dict[str, Any] = {"currency": settings.REPORTING_CURRENCY}
    if campaign:
        initial = {name: getattr(campaign, name) for name in CampaignForm.base_fields}
    return CampaignForm(given, initial=initial)


class SpendForm(_MoneyForm):
    channel = forms.ModelChoiceField(Channel.objects.all(), empty_label="Choose a channel")
    campaign = forms.ModelChoiceField(
        Campaign.objects.all(), required=False, empty_label="The channel as a whole", help_text="One of this channel."
    )
    starts_on = _date("From", required=True)
    ends_on = _date("To", required=True, help_text="The last day, included. Reports share it out by day.")
    amount = AmountField()
    currency = forms.CharField(max_length=3, help_text="Three letters, for example EUR.")

    def terms(self) -> SpendTerms:
        return SpendTerms(**self.cleaned_data)


def spend_form(spend: Spend | None, given: Any, *, campaign: Campaign | None = None) -> SpendForm:
    initial: dict[str, Any] = {"currency": settings.REPORTING_CURRENCY}
    if campaign:
        initial = {"campaign": campaign.pk, "channel": campaign.channel_id}
        initial["currency"] = campaign.currency or settings.REPORTING_CURRENCY
    if spend:
        initial = {name: getattr(spend, name) for name in SpendForm.base_fields}
    return SpendForm(given, initial=initial)


# --- the grid ---


@dataclass
class TypedGrid:
    """What was typed into the grid: the months that differ, and what is wrong, by field."""

    months: list[MonthSpend] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def read_grid(grid: Grid, given: Mapping[str, str]) -> TypedGrid:
    """Only cells that the person changed: what somebody else wrote meanwhile stays."""
    typed = TypedGrid()
    for row in grid.rows:
        currency = given.get(f"c-{row.key}", row.currency).strip().upper()
        changes = _changes(row, given, currency, typed)
        if changes and not _CURRENCY.match(currency):
            typed.errors[f"c-{row.key}"] = _WRONG_CURRENCY
        typed.months += changes
    return typed


def _changes(row: GridRow, given: Mapping[str, str], currency: str, typed: TypedGrid) -> Sequence[MonthSpend]:
    changes = []
    new_currency = currency != given.get(f"was-c-{row.key}", row.currency)
    for cell in row.cells:
        text = given.get(cell.name, cell.was).strip()
        is_same = text == given.get(f"was-{cell.name}", cell.was)
        if is_same and not (new_currency and cell.own):
            continue
        try:
            amount = read_amount(text)
        except ValueError as wrong:
            typed.errors[cell.name] = str(wrong)
            continue
        changes.append(
            MonthSpend(
                channel_id=row.channel.pk,
                campaign_id=row.campaign.pk if row.campaign else None,
                month=cell.month,
                amount=amount,
                currency=currency,
                spend_id=cell.own.pk if cell.own else None,
            )
        )
    return changes


def read_amount(text: str) -> Decimal | None:
    """1200, 1,200, 1 200.50; nothing for nothing. Raises ValueError with the sentence."""
    plain = as_the_viewer_writes(text)
    if not plain:
        return None
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?", plain) and "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", plain):
        plain = plain.replace(",", ".")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise ValueError(f"“{text}” is no amount. Write it like 1200 or 1200.50.") from None
    if not amount.is_finite() or amount < 0:
        raise ValueError("Give an amount of zero or more.")
    if amount >= _MOST or amount != amount.quantize(Decimal("0.01")):
        raise ValueError("Give at most 12 digits, and two after the point.")
    return amount

"""The figures of a target as a form: shares are typed in percent, amounts in the viewer's formats."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings

from accounts.form_fields import AmountField
from reports.models import Target
from reports.models.targets import COUNTS, FIGURES, MONEY, SHARES
from reports.scorecard.kpis import KPIS, Side

_MOST = 1_000_000_000


class _WholeField(AmountField):
    def __init__(self, **options: Any) -> None:
        super().__init__(**({"min_value": 1, "max_value": _MOST, "decimal_places": 0} | options))


class _PercentField(AmountField):
    def __init__(self, **options: Any) -> None:
        super().__init__(**({"min_value": 1, "max_value": 100, "max_digits": 5, "decimal_places": 2} | options))


_FIELDS = {
    **dict.fromkeys(COUNTS, _WholeField),
    **dict.fromkeys(MONEY, AmountField),
    **dict.fromkeys(SHARES, _PercentField),
}


class TargetForm(forms.Form):
    """One field a figure; empty: no target. `seen`: the version that is shown, 0 where none is set yet."""

    seen = forms.IntegerField(min_value=0, max_value=_MOST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for kpi in KPIS:
            unit = ", %" if kpi.key in SHARES else f", {settings.REPORTING_CURRENCY}" if kpi.key in MONEY else ""
            self.fields[kpi.key] = _FIELDS[kpi.key](label=f"{kpi.label}{unit}", required=False, help_text=kpi.meaning)

    def clean(self) -> dict[str, Any]:
        if not self.errors and all(self.cleaned_data.get(name) is None for name in FIGURES):
            raise forms.ValidationError("Give at least one target.")
        return self.cleaned_data

    def of_side(self, side: Side) -> list[forms.BoundField]:
        return [self[kpi.key] for kpi in KPIS if kpi.side is side]

    @property
    def of_marketing(self) -> list[forms.BoundField]:
        return self.of_side(Side.MARKETING)

    @property
    def of_sales(self) -> list[forms.BoundField]:
        return self.of_side(Side.SALES)

    def figures(self) -> dict[str, int | Decimal | None]:
        """As they are stored: a share as a part of 1."""
        given = self.cleaned_data
        return {name: _stored(name, given[name]) for name in FIGURES}


def _stored(name: str, value: Decimal | None) -> int | Decimal | None:
    if value is None:
        return None
    return value / 100 if name in SHARES else int(value) if name in COUNTS else value


def target_form(target: Target | None, given: Any = None) -> TargetForm:
    initial: dict[str, Any] = {"seen": target.version if target else 0}
    for name, value in (target.figures if target else {}).items():
        initial[name] = Decimal(value) * (100 if name in SHARES else 1) if value is not None else None
    return TargetForm(given, initial=initial)

"""Numbers as people type them: in the formats of the viewer, or plain."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import get_format, number_format


def plain_number(text: str, *, decimal: str, thousand: str) -> str:
    """`text` without separators of thousands and with a point: as the viewer writes it, else as it is. Pure.

    1.234 is a thousand and more for whoever writes 1.234,50; 1234.50 is what it looks like for everybody.
    """
    typed = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    point, comma = re.escape(decimal), re.escape(thousand)
    if re.fullmatch(rf"-?(\d{{1,3}}({comma}\d{{3}})+|\d+)({point}\d*)?", typed):
        return typed.replace(thousand, "").replace(decimal, ".")
    return typed


def as_the_viewer_writes(text: str) -> str:
    return plain_number(text, decimal=get_format("DECIMAL_SEPARATOR"), thousand=get_format("THOUSAND_SEPARATOR"))


class AmountField(forms.DecimalField):
    """An amount of money: typed and shown in the viewer's formats; what a browser's own number field posts is taken
    too.
    """

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"min_value": 0, "max_digits": 14, "decimal_places": 2} | options))

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = as_the_viewer_writes(value)
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        """What was typed stays as it was; what is known is written with cents where it has some."""
        if isinstance(value, Decimal):
            cents = 2 if value % 1 else 0
            return number_format(value, decimal_pos=cents, use_l10n=True, force_grouping=True)
        return value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "decimal", "autocomplete": "off"}

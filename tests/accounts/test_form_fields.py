from decimal import Decimal

import pytest
from django import forms
from django.utils import translation

from accounts.form_fields import AmountField


class Deal(forms.Form):
    amount = AmountField()


@pytest.mark.parametrize(
    ("formats", "typed", "amount"),
    [
        ("en-gb", "1234.50", "1234.50"),
        ("en-gb", "1,234.50", "1234.50"),
        ("en-gb", "1 234 567", "1234567"),
        ("en-gb", "1,234", "1234"),
        ("en-de", "1234.50", "1234.50"),
        ("en-de", "1.234,50", "1234.50"),
        ("en-de", "1234,5", "1234.5"),
        ("en-de", "1.234", "1234"),
        ("en-de", "1.234.567", "1234567"),
        ("en-ca", "12'000.00", "12000.00"),
    ],
)
def test_an_amount_may_be_typed_as_the_viewer_writes_it_or_plain(formats, typed, amount):
    with translation.override(formats):
        form = Deal({"amount": typed})

        assert form.is_valid(), form.errors
        assert form.cleaned_data["amount"] == Decimal(amount)


@pytest.mark.parametrize("typed", ["1,23,4.50", "1.234,50", "-5", "twelve", "1234.567", "NaN", "9" * 15])
def test_what_is_no_amount_is_refused_and_kept(typed):
    with translation.override("en-gb"):
        form = Deal({"amount": typed})

        assert not form.is_valid()
        assert f'value="{typed}"' in str(form["amount"])


@pytest.mark.parametrize(
    ("formats", "shown"), [("en-gb", "1,234.50"), ("en-us", "1,234.50"), ("en-de", "1.234,50"), ("en-ca", "1,234.50")]
)
def test_a_known_amount_is_shown_so_that_it_is_read_back(formats, shown):
    with translation.override(formats):
        field = Deal(initial={"amount": Decimal("1234.50")})["amount"]

        assert f'value="{shown}"' in str(field)
        assert Deal({"amount": shown}).fields["amount"].clean(shown) == Decimal("1234.50")

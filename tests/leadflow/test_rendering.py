"""Inputs and addresses of files are what Django would make of them."""

import pytest
from django import forms
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.forms.renderers import DjangoTemplates
from django.test.html import parse_html

from leadflow.rendering import QuickInputs, StaticFiles

WIDGETS = [
    forms.TextInput(),
    forms.TextInput({"class": "wide", "required": True, "disabled": False}),
    forms.NumberInput({"min": 0, "step": "0.01"}),
    forms.EmailInput(),
    forms.URLInput(),
    forms.HiddenInput(),
    forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    forms.DateTimeInput({"type": "datetime-local"}),
    forms.MultipleHiddenInput(),
    forms.Textarea(),
    forms.CheckboxInput(),
    forms.PasswordInput(),
]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", [None, "", "0", 12, "<b>\"quoted\" & 'so'</b>"])
def test_an_input_is_what_djangos_own_template_makes_of_it(widget, value):
    value = [value] if isinstance(widget, forms.MultipleHiddenInput) and value else value

    ours = widget.render("field", value, {"id": "id_field", "aria-label": 'a "b"'}, renderer=QuickInputs())
    djangos = widget.render("field", value, {"id": "id_field", "aria-label": 'a "b"'}, renderer=DjangoTemplates())

    assert parse_html(ours) == parse_html(djangos)


CHOICES = [
    ("", "Any"),
    ("<b>", "a & b"),
    (12, "Twelve"),
    ("Group & one", [("x", "X"), ("y", "Y")]),
    (None, "Nothing"),
]


@pytest.mark.parametrize("value", ["", "<b>", 12, "x", None])
@pytest.mark.parametrize("attrs", [{}, {"class": "wide", "required": True, "disabled": False}], ids=["bare", "more"])
def test_a_choice_is_what_djangos_own_template_makes_of_it(attrs, value):
    widget = forms.Select(attrs, choices=CHOICES)

    ours = widget.render("field", value, {"id": "id_field", "aria-label": 'a "b"'}, renderer=QuickInputs())
    djangos = widget.render("field", value, {"id": "id_field", "aria-label": 'a "b"'}, renderer=DjangoTemplates())

    assert parse_html(ours) == parse_html(djangos)


def test_of_several_choices_each_is_marked():
    widget = forms.SelectMultiple(choices=CHOICES)

    ours = widget.render("field", ["x", "12"], {}, renderer=QuickInputs())

    assert ours.count(" selected") == 2
    assert parse_html(ours) == parse_html(widget.render("field", ["x", "12"], {}, renderer=DjangoTemplates()))


def test_the_address_of_a_file_stays_what_it_is():
    storage = StaticFiles()

    assert storage.url("img/icons.svg") == storage.url("img/icons.svg") == StaticFilesStorage().url("img/icons.svg")

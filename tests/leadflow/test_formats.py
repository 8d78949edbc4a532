"""Dates and numbers by the viewer's choice: what people read and type, and nothing that programs read."""

import json
import re
from decimal import Decimal

import pytest

from accounts.models import Formats
from funnel.models import Lead
from tests.conftest import signed_in
from tests.factories import NOW, LeadFactory

EVERY = pytest.mark.parametrize("formats", Formats.values)


@pytest.fixture
def viewer(rep):
    """Signs the rep in, with his choice of formats."""

    def choose(formats, user=rep):
        user.formats = formats
        user.save()
        return signed_in(user)

    return choose


@pytest.mark.parametrize(
    ("formats", "amount", "in_force"),
    [
        (Formats.BRITISH, "12,000 EUR", "2 Feb 2026, 10:00"),
        (Formats.AMERICAN, "12,000 EUR", "Feb 2, 2026, 10:00 AM"),
        (Formats.CONTINENTAL, "12.000 EUR", "02.02.2026, 10:00"),
        (Formats.ISO, "12,000 EUR", "2026-02-02, 10:00"),
    ],
)
def test_pages_are_written_as_their_viewer_chose(viewer, rep, formats, amount, in_force):
    lead = LeadFactory(qualified=True, owner=rep)
    browser = viewer(formats)

    assert amount in browser.get(f"/leads/{lead.pk}/").text
    assert in_force in browser.get("/agreement/").text


@pytest.mark.parametrize("typed", ["1.234,50", "1234,50", "1234.50"])
def test_an_amount_may_be_typed_in_german_or_plain(viewer, rep, typed):
    lead = LeadFactory(qualified=True, owner=rep, at=NOW)
    said = {"outcome": "won", "amount": typed, "currency": "EUR", "closed_on": "2026-03-04", "version": lead.version}

    viewer(Formats.CONTINENTAL).post(f"/leads/{lead.pk}/disposition/", said)

    assert Lead.objects.values_list("stage", "amount").get() == ("won", Decimal("1234.50"))


@EVERY
def test_a_date_posted_by_the_browser_is_read_whatever_the_viewer_reads(viewer, rep, formats):
    lead = LeadFactory(qualified=True, owner=rep, at=NOW)
    said = {"outcome": "won", "amount": "1", "currency": "EUR", "closed_on": "2026-03-02", "version": lead.version}

    viewer(formats).post(f"/leads/{lead.pk}/disposition/", said)

    assert Lead.objects.get().closed_on.isoformat() == "2026-03-02"


@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_files_are_the_same_for_everybody(viewer, marketing, file_format):
    LeadFactory(won=True)
    address = f"/reports/closed-loop/?format={file_format}"

    british, german = (viewer(formats, marketing).get(address).text for formats in ("en-gb", "en-de"))

    assert "12000.00" in british
    assert without_the_time(german) == without_the_time(british)


def without_the_time(text):
    return json.loads(text) | {"as_of": ""} if text.startswith("{") else text


def test_charts_are_drawn_with_points(viewer, marketing):
    LeadFactory(won=True)
    LeadFactory.create_batch(2, handed_off=True)

    page = viewer(Formats.CONTINENTAL, marketing).get("/reports/closed-loop/").text

    drawn = "".join(re.findall(r"<svg class=.chart.*?</svg>", page, re.DOTALL))
    assert re.search(r'width="\d+\.\d+%"', drawn)
    assert not re.search(r'="[^"]*\d,\d[^"]*%"', drawn)
    assert "12.000" in page


@EVERY
def test_pages_say_that_they_are_english(viewer, formats):
    answer = viewer(formats).get("/me/")

    assert '<html lang="en">' in answer.text
    assert answer.headers.get("Content-Language", "en") == "en"

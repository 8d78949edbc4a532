"""A rep on a phone: 390 px wide, fingers and no keyboard."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from funnel.lifecycle import Stage
from funnel.models import Evidence, Lead
from tests.browser.test_desk import sign_in
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)

THUMB = 44  # px


@pytest.fixture
def browser_context_args(browser_context_args):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    return browser_context_args | phone


@pytest.fixture
def leads(rep):
    at = timezone.now() - timedelta(days=2)
    made = {name: LeadFactory(handed_off=True, owner=rep, last_name=name, at=at) for name in ("Accepted", "Refused")}
    made |= {"Talked": LeadFactory(accepted=True, owner=rep, last_name="Talked", at=at)}
    return made | {"Won": LeadFactory(qualified=True, owner=rep, last_name="Won", at=at)}


def sees(page, name):
    expect(page.locator("#brief").get_by_role("heading", name=f"Bea {name}", level=2)).to_be_in_viewport()
    expect(page.locator(".desk:is(.is-busy, .is-resting)")).to_have_count(0)


def back_to(page, name):
    page.get_by_role("link", name="Back to the queue").tap()
    row = page.locator("[data-row]").filter(has_text=f"Bea {name}")
    expect(row).to_be_in_viewport()
    row.get_by_role("link").tap()
    sees(page, name)


def test_the_main_path_by_touch(strict_page, live_server, rep, leads):
    page = strict_page
    sign_in(page, live_server, rep)

    page.get_by_role("link", name="Bea Accepted").tap()
    sees(page, "Accepted")
    small = [
        name.inner_text()
        for name in page.locator(".outcome:visible, .desk-back:visible").all()
        if name.bounding_box()["height"] < THUMB
    ]
    page.get_by_role("button", name="Accept", exact=True).tap()
    sees(page, "Refused")
    page.get_by_role("link", name="Refuse", exact=True).tap()
    page.get_by_role("button", name="Bad timing").tap()

    expect(page.locator(".queue-done").filter(has_text="Bea Refused: refuse")).to_have_count(1)
    back_to(page, "Talked")
    page.get_by_role("link", name="Conversation with details").tap()
    panel = page.locator("#ask-conversation")
    panel.locator("details > summary").tap()
    panel.get_by_label("Business pain").fill("Picking errors")
    panel.get_by_role("button", name="Conversation").tap()
    expect(page.locator(".queue-done").filter(has_text="Bea Talked: conversation")).to_have_count(1)

    back_to(page, "Won")
    page.get_by_role("link", name="Won", exact=True).tap()
    page.locator("#ask-won").get_by_role("button", name="Won").tap()
    expect(page.locator(".queue-done").filter(has_text="Bea Won: won")).to_have_count(1)

    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    stages = dict(Lead.objects.values_list("last_name", "stage"))
    assert stages == {"Accepted": Stage.SAL, "Refused": Stage.NURTURE, "Talked": Stage.SAL, "Won": Stage.WON}
    assert Evidence.objects.get(lead=leads["Talked"]).text == "Picking errors"


def test_a_double_tap_tells_of_one_lead_only(strict_page, live_server, rep, leads):
    page = strict_page
    sign_in(page, live_server, rep)
    page.get_by_role("link", name="Bea Accepted").tap()
    sees(page, "Accepted")

    button = page.get_by_role("button", name="Accept", exact=True)
    box = button.bounding_box()
    button.tap()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    sees(page, "Refused")

    leads["Refused"].refresh_from_db()
    assert leads["Refused"].stage == Stage.MQL

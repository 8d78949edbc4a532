"""Somebody of marketing at the desk, in a real browser."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from funnel.lifecycle import Stage
from funnel.models import Evidence, Lead, Touch
from tests.browser.test_desk import sign_in
from tests.factories import AgreementFactory, LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)


def inquiry(name, days=0):
    return LeadFactory(last_name=name, at=timezone.now() - timedelta(days=days))


@pytest.fixture
def desk(strict_page, live_server, marketing):
    AgreementFactory()

    def open_desk(page=strict_page):
        sign_in(page, live_server, marketing)
        page.goto(f"{live_server.url}/nurture/")
        return page

    return open_desk


def heading(page, name):
    return page.locator("#brief").get_by_role("heading", name=name)


def test_a_morning_of_marketing_is_done_by_keys_alone(desk):
    for number in range(6):
        inquiry(f"Number {number}", days=6 - number)
    page = desk()

    for number, key in enumerate("cved"):
        expect(heading(page, f"Bea Number {number}")).to_be_visible()
        page.keyboard.press(key)
        expect(page.locator(".queue-done").last).to_contain_text(f"Bea Number {number}")
    expect(heading(page, "Bea Number 4")).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press(page.locator("#ask-discard [data-digit]").first.get_attribute("data-digit"))
    expect(heading(page, "Bea Number 5")).to_be_visible()
    page.keyboard.press("p")
    expect(page.get_by_text("Bea Number 5 is now MQL.")).to_be_visible()

    kinds = Touch.objects.filter(by__isnull=False).order_by("at").values_list("kind", flat=True)
    assert list(kinds) == ["call", "voicemail", "email", "direct_mail"]
    stages = dict(Lead.objects.values_list("last_name", "stage"))
    assert (stages["Number 4"], stages["Number 5"]) == (Stage.DISQUALIFIED, Stage.MQL)


def test_z_takes_the_last_touch_back_and_j_k_walk_the_list(desk):
    inquiry("First", days=2)
    inquiry("Second", days=1)
    page = desk()
    page.keyboard.press("j")
    expect(heading(page, "Bea Second")).to_be_visible()
    page.keyboard.press("k")
    expect(heading(page, "Bea First")).to_be_visible()

    page.keyboard.press("c")
    expect(page.locator(".queue-done")).to_have_count(1)
    page.keyboard.press("z")

    expect(page.get_by_text("Bea First: taken back.")).to_be_visible()
    assert not Touch.objects.filter(by__isnull=False).exists()


def test_what_was_learned_is_typed_beside_the_call_and_no_key_fires_meanwhile(desk):
    inquiry("Typing")
    page = desk()

    page.keyboard.press("l")
    field = page.locator("#learned").get_by_label("Business pain validated")
    field.press_sequentially("cave: paper sheds x")
    page.keyboard.press("Escape")
    page.keyboard.press("c")

    expect(page.locator(".queue-done")).to_contain_text("Bea Typing: call by marketing")
    assert Evidence.objects.get().text == "cave: paper sheds x"
    assert Touch.objects.filter(by__isnull=False).count() == 1


def test_the_desk_of_marketing_works_on_a_phone_by_touch(desk, strict_page):
    inquiry("Phone")
    strict_page.set_viewport_size({"width": 390, "height": 844})
    page = desk()

    page.get_by_role("link", name="Bea Phone").first.click()
    expect(page).to_have_url(re.compile(r"lead=\d+"))
    page.get_by_role("button", name="Called").click()

    expect(page.locator(".queue-done")).to_contain_text("Bea Phone: call by marketing")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser
def test_the_desk_of_marketing_works_without_javascript(browser, desk):
    lead = inquiry("Plain")
    context = browser.new_context(java_script_enabled=False)
    page = desk(context.new_page())

    page.get_by_role("button", name="E-mail sent").click()
    expect(page.get_by_text("Bea Plain: e-mail sent.")).to_be_visible()
    page.get_by_role("link", name="Asleep").click()
    page.get_by_role("link", name="Disqualify", exact=True).click()
    page.get_by_role("button", name="Student").click()

    expect(page.get_by_text("Bea Plain is now Disqualified.")).to_be_visible()
    lead.refresh_from_db()
    assert lead.stage == Stage.DISQUALIFIED
    context.close()

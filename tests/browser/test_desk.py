"""A rep at the desk, in a real browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispositions.models import Disposition
from funnel.lifecycle import Stage
from funnel.models import Lead
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct-horse-battery"


def sign_in(page, live_server, user):
    user.set_password(PASSWORD)
    user.save()
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/login/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Log in")
    page.wait_for_load_state()


def figure(page, row, column):
    """What a report's table says in this row and column."""
    table = page.get_by_role("table").first
    headers = [text.strip() for text in table.locator("thead tr").last.locator("th").all_inner_texts()]
    cells = table.get_by_role("row").filter(has_text=row).first.locator("th, td").all_inner_texts()
    return cells[headers.index(column)].strip()


def hand_off(rep, name, days=0):
    return LeadFactory(handed_off=True, owner=rep, last_name=name, at=timezone.now() - timedelta(days=days))


def test_a_rep_accepts_with_a_key_refuses_with_a_reason_and_marketing_reads_both(
    strict_page, live_server, rep, marketing
):
    page = strict_page
    accepted, refused = hand_off(rep, "Acceptable", days=2), hand_off(rep, "Refusable")
    sign_in(page, live_server, rep)
    expect(page.get_by_role("heading", name="Bea Acceptable")).to_be_visible()

    page.keyboard.press("a")
    expect(page.locator(f"#lead-{accepted.pk}")).to_contain_text("Bea Acceptable: accept")
    expect(page.get_by_role("heading", name="Bea Refusable")).to_be_visible()
    page.keyboard.press("r")
    page.get_by_role("button", name="No budget").wait_for()
    digit = page.get_by_role("button", name="No budget").get_attribute("data-digit")
    page.keyboard.press(digit)
    expect(page.locator(f"#lead-{refused.pk}")).to_contain_text("Bea Refusable: refuse, no budget")

    accepted.refresh_from_db()
    refused.refresh_from_db()
    assert (accepted.stage, refused.stage) == (Stage.SAL, Stage.NURTURE)
    sign_in(page, live_server, marketing)
    page.goto(f"{live_server.url}/reports/closed-loop/")
    assert figure(page, "Organic search", "Hand-offs") == "2"
    assert figure(page, "Organic search", "Accepted") == "1"
    assert figure(page, "Organic search", "Refused") == "1"


def test_a_queue_of_six_is_cleared_without_the_mouse(strict_page, live_server, rep):
    for number in range(6):
        hand_off(rep, f"Number {number}", days=6 - number)
    sign_in(strict_page, live_server, rep)

    for key, number in zip("avncem", range(6), strict=True):
        expect(strict_page.get_by_role("heading", name=f"Bea Number {number}")).to_be_visible()
        strict_page.keyboard.press(key)
        expect(strict_page.locator(".queue-done")).to_have_count(number + 1)

    said = list(Disposition.objects.order_by("at").values_list("outcome", flat=True))
    assert said == ["accept", "voicemail", "no_answer", "conversation", "email_sent", "meeting_set"]
    assert set(Lead.objects.values_list("stage", flat=True)) == {Stage.SAL}


def test_z_takes_the_last_one_back(strict_page, live_server, rep):
    lead = hand_off(rep, "Again")
    sign_in(strict_page, live_server, rep)

    strict_page.keyboard.press("a")
    expect(strict_page.locator(".queue-done")).to_have_count(1)
    strict_page.keyboard.press("z")

    expect(strict_page.get_by_text("taken back")).to_be_visible()
    lead.refresh_from_db()
    assert lead.stage == Stage.MQL


def test_no_key_fires_while_typing(strict_page, live_server, rep):
    lead = hand_off(rep, "Typing")
    sign_in(strict_page, live_server, rep)

    strict_page.keyboard.press("r")
    strict_page.locator("#ask-refuse").get_by_label("Note").fill("")
    strict_page.locator("#ask-refuse").get_by_label("Note").press_sequentially("a van came")

    expect(strict_page.locator("#ask-refuse").get_by_label("Note")).to_have_value("a van came")
    lead.refresh_from_db()
    assert lead.stage == Stage.MQL


def test_the_desk_works_on_a_phone_by_touch(strict_page, live_server, rep):
    lead = hand_off(rep, "Phone")
    strict_page.set_viewport_size({"width": 390, "height": 844})
    sign_in(strict_page, live_server, rep)

    strict_page.get_by_role("link", name="Bea Phone").first.click()
    strict_page.get_by_role("button", name="Accept").click()

    expect(strict_page.locator(".queue-done")).to_contain_text("Bea Phone: accept")
    wide = strict_page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    lead.refresh_from_db()
    assert lead.stage == Stage.SAL


@pytest.fixture
def page_without_javascript(browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_the_desk_works_without_javascript(page_without_javascript, live_server, rep):
    page = page_without_javascript
    lead = hand_off(rep, "Plain")
    sign_in(page, live_server, rep)

    page.get_by_role("link", name="Refuse", exact=True).click()
    page.get_by_role("button", name="Bad timing").click()

    expect(page.get_by_text("Bea Plain: refuse.")).to_be_visible()
    lead.refresh_from_db()
    assert lead.stage == Stage.NURTURE
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Accept", exact=True).click()
    lead.refresh_from_db()
    assert lead.stage == Stage.SAL
    page.get_by_role("link", name="Qualify", exact=True).click()
    page.locator("#ask-qualify").get_by_label("Amount").fill("12000")
    page.locator("#ask-qualify").get_by_role("button", name="Qualify").click()
    expect(page.locator("#ask-qualify").get_by_label("Amount")).to_have_value("12000")
    page.get_by_role("searchbox", name="Search leads").first.fill("Plain")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_server.url}/leads/?q=Plain")

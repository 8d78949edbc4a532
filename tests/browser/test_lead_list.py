"""Searching, filtering and changing many leads, in a real browser."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import SavedView
from funnel.lifecycle import Stage
from funnel.models import Lead
from tests.browser.test_accessibility import RULES
from tests.browser.test_desk import hand_off, sign_in
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_typing_finds_arrows_walk_and_enter_opens(strict_page, live_server, rep):
    page = strict_page
    for name in ("Zander", "Zimmer", "Quinn"):
        hand_off(rep, name)
    sign_in(page, live_server, rep)
    page.goto(f"{live_server.url}/leads/")

    page.keyboard.press("/")
    page.keyboard.type("bea z")
    expect(page.locator("[data-lead-row]")).to_have_count(2)
    assert page.url.endswith("/leads/?q=bea+z")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Bea Zimmer")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#lead-q")).to_be_focused()
    page.keyboard.type("i")
    expect(page.locator("[data-lead-row]")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Bea Zimmer")).to_be_visible()


def test_a_filter_applies_as_it_is_chosen_and_is_kept_under_a_name(strict_page, live_server, rep):
    page = strict_page
    hand_off(rep, "Waiting")
    LeadFactory(accepted=True, owner=rep, last_name="Working")
    sign_in(page, live_server, rep)
    page.goto(f"{live_server.url}/leads/")

    page.get_by_label("Stage", exact=True).select_option("sal")
    expect(page.locator("[data-lead-row]")).to_have_count(1)
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("At work")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("link", name="At work")).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-lead-row]")).to_have_count(1)
    assert SavedView.objects.get().query == "stage=sal"


def test_many_leads_are_done_in_pieces_with_a_bar(strict_page, live_server, rep):
    page = strict_page
    for number in range(27):
        hand_off(rep, f"Number {number:02}")
    LeadFactory(accepted=True, owner=rep, last_name="Working", at=timezone.now())
    sign_in(page, live_server, rep)
    page.goto(f"{live_server.url}/leads/")

    page.get_by_label("Choose all on this page").check()
    expect(page.locator("[data-chosen-count]")).to_have_text("28")
    page.get_by_label("What happened").select_option("refuse:student")
    page.get_by_role("button", name="Record").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Done for 27, not for 1.")).to_be_visible()
    expect(dialog.locator("[data-result-row]")).to_have_count(28)
    dialog.get_by_role("button", name="Try those again").click()
    expect(dialog.locator(".is-failed")).to_contain_text("does not fit a lead in SAL")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert Lead.objects.filter(stage=Stage.DISQUALIFIED).count() == 27


def test_the_list_works_on_a_phone(strict_page, live_server, manager, west, rep):
    page = strict_page
    to = UserFactory(name="Tom Team", team=west)
    lead = hand_off(rep, "Phone", days=30)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, live_server, manager)
    page.goto(f"{live_server.url}/leads/")

    page.get_by_label("Choose Bea Phone").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Give to another rep").click()
    page.get_by_label("New owner").select_option(str(to.pk))
    page.get_by_role("button", name="Give it").click()

    expect(page.get_by_text("Done for 1 lead.")).to_be_visible()
    lead.refresh_from_db()
    assert lead.owner == to


@pytest.fixture
def page_without_javascript(browser):
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_the_list_works_without_javascript(page_without_javascript, live_server, rep):
    page = page_without_javascript
    lead = hand_off(rep, "Plain")
    hand_off(rep, "Other")
    sign_in(page, live_server, rep)
    page.goto(f"{live_server.url}/leads/")

    page.locator("#lead-q").fill("plain")
    page.get_by_role("button", name="Apply").click()
    page.get_by_label("Choose Bea Plain").check()
    page.get_by_label("What happened").select_option("refuse:student")
    page.get_by_role("button", name="Record").click()

    expect(page.get_by_text("Done for 1 lead.")).to_be_visible()
    lead.refresh_from_db()
    assert lead.stage == Stage.DISQUALIFIED


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_list_breaks_a_rule_of_accessibility(strict_page, live_server, manager, rep, scheme):
    page = strict_page
    lead = hand_off(rep, "Waiting", days=30)
    LeadFactory(won=True, owner=rep, at=timezone.now() - timedelta(days=2))
    view = SavedView.objects.create(
        owner=manager, page="leads", name="Mine", query="stage=mql", created_at=timezone.now()
    )
    page.emulate_media(color_scheme=scheme)
    sign_in(page, live_server, manager)

    for path in (
        *("/leads/", "/leads/?stage=mql&all=1", "/leads/?q=nobody", "/leads/?sort=-amount&country=DE"),
        *(f"/leads/{lead.pk}/reassign/", "/views/?page=leads&query=q", f"/views/{view.pk}/rename/"),
    ):
        page.goto(f"{live_server.url}{path}")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"

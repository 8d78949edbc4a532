"""The lead page in a browser: fields edited in place, two people at once, notes, a new lead, two made one."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from funnel.models import Lead
from tests.browser.test_accessibility import RULES
from tests.browser.test_desk import sign_in
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(rep):
    return LeadFactory(accepted=True, owner=rep, title="Planner")


def edit_contact(page):
    page.get_by_role("navigation", name="Edit").get_by_role("link", name="Contact").click()
    expect(page.get_by_role("heading", name="Contact")).to_be_visible()


def test_of_two_tabs_the_slower_one_chooses_and_loses_nothing(page, live_server, rep, lead):
    sign_in(page, live_server, rep)
    page.goto(f"{live_server.url}/leads/{lead.pk}/")
    edit_contact(page)
    page.get_by_label("Title").fill("Mine")
    page.get_by_role("textbox", name="Phone").fill("+49 30 1")

    faster = page.context.new_page()
    faster.goto(f"{live_server.url}/leads/{lead.pk}/edit/contact/")
    faster.get_by_label("Title").fill("Theirs")
    faster.get_by_role("button", name="Save").click()
    expect(faster.get_by_role("heading", level=1)).to_have_text(lead.name)

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing of yours is lost")
    expect(page.get_by_text("both changed it")).to_be_visible()
    assert Axe().run(page, options=RULES).violations_count == 0
    page.get_by_role("radio", name="Now Theirs").check()
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".lead-edit")).to_be_empty()
    saved = Lead.objects.get(pk=lead.pk)
    assert (saved.title, saved.phone) == ("Theirs", "+49 30 1")


def test_a_note_and_a_filter_change_the_timeline_alone(strict_page, live_server, rep, lead):
    sign_in(strict_page, live_server, rep)
    strict_page.goto(f"{live_server.url}/leads/{lead.pk}/")
    edit_contact(strict_page)

    strict_page.get_by_label("Note", exact=True).fill("Likes tea.")
    strict_page.get_by_role("button", name="Keep note").click()
    expect(strict_page.locator(".timeline-day").get_by_text("Likes tea.")).to_be_visible()
    strict_page.get_by_role("navigation", name="Kinds shown").get_by_role("link", name="Moves").click()

    expect(strict_page.locator(".timeline-day").get_by_text("Likes tea.")).to_have_count(0)
    expect(strict_page.get_by_label("Title")).to_have_value("Planner")


def test_a_double_is_seen_while_typing_and_made_one_later(strict_page, live_server, rep, lead):
    sign_in(strict_page, live_server, rep)
    strict_page.goto(f"{live_server.url}/leads/new/")
    strict_page.get_by_label("First name").fill(lead.first_name)
    strict_page.get_by_label("Last name").fill(lead.last_name)
    expect(strict_page.locator("#duplicates").get_by_role("link", name=lead.name)).to_be_visible()

    strict_page.get_by_role("textbox", name="Phone").fill("+49 30 1234567")
    strict_page.get_by_label("First name").fill("Beatrix")
    expect(strict_page.locator("#duplicates").get_by_role("link", name=lead.name)).to_have_count(0)
    strict_page.get_by_role("button", name="Enter as inquiry").click()
    expect(strict_page.get_by_role("heading", level=1)).to_have_text(f"Beatrix {lead.last_name}")

    strict_page.get_by_role("link", name="Merge a duplicate").click()
    strict_page.get_by_label("Name, company, e-mail or phone").fill(lead.email)
    strict_page.get_by_role("button", name="Search").click()
    strict_page.get_by_role("link", name=f"Compare with {lead.name}").click()
    strict_page.get_by_role("button", name="Make them one").click()

    expect(strict_page.get_by_role("heading", level=1)).to_have_text(lead.name)
    expect(strict_page.get_by_text("was merged into this one")).to_be_visible()
    assert Lead.objects.get(pk=lead.pk).phone == "+49 30 1234567"


def test_without_javascript_a_lead_is_edited_too(browser, live_server, rep, lead):
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, live_server, rep)
    page.goto(f"{live_server.url}/leads/{lead.pk}/")

    page.get_by_role("navigation", name="Edit").get_by_role("link", name="Contact").click()
    page.get_by_label("Title").fill("Boss")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Boss", exact=False).first).to_be_visible()
    assert Lead.objects.get(pk=lead.pk).title == "Boss"

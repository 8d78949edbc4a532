"""The brief in a browser: what is folded away on a phone, and stays there for whoever unfolds it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from funnel.inputs import CompanyInput
from tests.browser.test_desk import sign_in
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leads(rep):
    company = CompanyInput(name="Kalina", domain="kalina.example", employees=80)
    return [
        LeadFactory(handed_off=True, owner=rep, company=company, attributes={"budget": "80k"}, at=timezone.now())
        for _ in range(2)
    ]


def open_brief(page, live_server, rep, lead, width):
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, live_server, rep)
    page.goto(f"{live_server.url}/queue/?lead={lead.pk}")
    return page.locator("#brief")


def test_on_a_desk_all_that_is_known_is_open(strict_page, live_server, rep, leads):
    brief = open_brief(strict_page, live_server, rep, leads[0], 1440)

    expect(brief.get_by_text("kalina.example")).to_be_visible()
    expect(brief.get_by_text("80k")).to_be_visible()


def test_on_a_phone_long_sections_say_their_gist_and_open_at_a_tap(strict_page, live_server, rep, leads):
    brief = open_brief(strict_page, live_server, rep, leads[0], 390)
    expect(brief.get_by_text("kalina.example")).to_be_hidden()
    expect(brief.get_by_text("80k")).to_be_hidden()
    expect(brief.get_by_text("Begin with")).to_be_visible()

    brief.get_by_text("Kalina, 80 employees").click()

    expect(brief.get_by_text("kalina.example")).to_be_visible()


def test_a_brief_that_comes_by_htmx_is_folded_too(strict_page, live_server, rep, leads):
    brief = open_brief(strict_page, live_server, rep, leads[0], 390)
    brief.get_by_text("Kalina, 80 employees").click()

    strict_page.locator(f"#lead-{leads[1].pk} .queue-link").click()

    expect(brief.get_by_role("heading", name=leads[1].last_name, level=2)).to_be_visible()
    expect(brief.get_by_text("kalina.example")).to_be_hidden()

"""After the one key: the forecast by a click, and what was learned."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispositions.models import BuyIn, Disposition, Forecast
from funnel.models import Evidence, Lead
from tests.browser.test_desk import sign_in
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leads(rep):
    at = timezone.now() - timedelta(days=1)
    return [LeadFactory(accepted=True, owner=rep, last_name=name, at=at) for name in ("First", "Second")]


def test_a_conversation_is_recorded_by_a_key_and_told_of_by_another(strict_page, live_server, rep, leads):
    page = strict_page
    sign_in(page, live_server, rep)
    page.get_by_role("heading", name="Bea First").wait_for()

    page.keyboard.press("c")
    row = page.locator(f"#lead-{leads[0].pk}")
    expect(row).to_contain_text("Bea First: conversation")
    expect(page.get_by_role("heading", name="Bea Second")).to_be_visible()
    row.get_by_role("button", name="75 %", exact=True).click()
    expect(row).to_contain_text("Forecast kept: 75 %")
    page.keyboard.press("d")
    page.locator(".addition").get_by_label("Business pain validated").fill("Late vans")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Late vans").first).to_be_visible()

    assert Forecast.objects.get().chance == 75
    assert Evidence.objects.get().text == "Late vans"
    assert Disposition.objects.filter(outcome="conversation").count() == 1


def test_the_panel_takes_everything_at_once_and_a_digit_is_the_forecast(strict_page, live_server, rep, leads):
    page = strict_page
    sign_in(page, live_server, rep)
    page.get_by_role("heading", name="Bea First").wait_for()

    page.keyboard.press("Shift+C")
    panel = page.locator("#ask-conversation")
    panel.get_by_label("What was learned").wait_for()
    page.keyboard.press("3")
    panel.get_by_text("What they told").click()
    panel.get_by_role("textbox", name="Budget").fill("Set aside")
    page.keyboard.press("Enter")
    expect(page.locator(".queue-done")).to_contain_text("Bea First: conversation")

    assert Forecast.objects.get().chance == 50
    assert Evidence.objects.get().attribute == "budget"
    assert Lead.objects.get(pk=leads[0].pk).next_action_at > timezone.now()


def test_the_buying_decision_is_kept_in_place(strict_page, live_server, rep, leads):
    page = strict_page
    sign_in(page, live_server, rep)
    page.get_by_role("heading", name="Bea First").wait_for()
    map_ = page.locator("#buying")

    map_.get_by_role("link", name="Add people").click()
    map_.get_by_role("textbox", name="Who").fill("Dana Finn")
    map_.get_by_label("Stance").select_option("Against")
    map_.get_by_label("Held by").select_option("Old vendor")
    map_.get_by_role("button", name="Add").click()
    expect(map_).to_contain_text("0 of 1 agrees, 1 against; old vendor holds Dana Finn.")
    map_.locator("summary").filter(has_text="Dana Finn").click()
    map_.get_by_role("button", name="Remove Dana Finn").click()
    expect(map_).not_to_contain_text("Dana Finn")
    map_.get_by_role("link", name="Done").click()
    expect(map_).to_contain_text("Nobody is named yet.")

    assert not BuyIn.objects.exists()

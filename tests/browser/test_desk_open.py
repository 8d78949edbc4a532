"""A desk that stays open while others work: two tabs, leads that come meanwhile, clocks that run."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from funnel.lifecycle import Stage
from tests.browser.test_desk import hand_off, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

A_ROUND, FOUR_DAYS = 46_000, 4 * 86_400_000  # ms; the list is asked for anew every 45 seconds


@pytest.fixture
def desk(page, live_server, rep):
    """With a clock of its own, that the test winds on."""
    page.clock.install(time=timezone.now())
    hand_off(rep, "Present")
    sign_in(page, live_server, rep)
    expect(page.get_by_role("heading", name="Bea Present")).to_be_visible()
    return page


def test_a_new_lead_appears_and_disturbs_nobody(desk, rep):
    desk.keyboard.press("r")
    note = desk.locator("#ask-refuse").get_by_label("Note")
    note.press_sequentially("They told me")
    hand_off(rep, "Newcomer", days=3)

    desk.clock.fast_forward(A_ROUND)

    expect(desk.locator(".queue-row.is-new")).to_contain_text("Bea Newcomer")
    expect(desk.locator("#desk-says")).to_have_text("New in your queue: Bea Newcomer.")
    expect(note).to_be_focused()
    expect(note).to_have_value("They told me")
    expect(desk.locator(".is-selected")).to_contain_text("Bea Present")


def test_what_was_just_recorded_keeps_its_undo(desk, rep):
    desk.keyboard.press("r")
    desk.locator("#ask-refuse").get_by_role("button", name="Bad timing").click()
    expect(desk.locator(".queue-done")).to_have_count(1)
    hand_off(rep, "Newcomer")

    desk.clock.fast_forward(A_ROUND)

    expect(desk.get_by_role("heading", name="Bea Newcomer")).to_be_visible()
    expect(desk.locator(".queue-done")).to_contain_text("Bea Present: refuse")
    desk.keyboard.press("z")
    expect(desk.get_by_role("heading", name="Bea Present")).to_be_visible()


def test_whoever_has_an_old_brief_open_is_told(desk, live_server):
    tab = desk.context.new_page()
    tab.goto(f"{live_server.url}/queue/")
    tab.keyboard.press("a")
    expect(tab.locator(".queue-done")).to_have_count(1)
    desk.bring_to_front()

    desk.clock.fast_forward(A_ROUND)

    expect(desk.locator("#brief")).to_contain_text("This lead has changed since you opened it.")
    desk.get_by_role("button", name="Show it as it is now").click()
    expect(desk.locator("#brief .badge-sal")).to_be_visible()


def test_the_clocks_run(desk):
    left = desk.locator("#lanes time").inner_text()

    desk.clock.fast_forward(FOUR_DAYS)

    expect(desk.locator("#lanes time")).not_to_have_text(left)
    expect(desk.locator("#lanes time")).to_contain_text("late")
    expect(desk.locator(".queue-row")).to_have_class("queue-row is-selected is-late")


def test_of_two_tabs_the_second_is_told_who_did_what_and_keeps_its_input(page, live_server, rep):
    """Not a strict page: the browser itself reports the 409 that this is about."""
    lead = hand_off(rep, "Twice")
    sign_in(page, live_server, rep)
    second = page.context.new_page()
    second.goto(f"{live_server.url}/queue/?lead={lead.pk}")
    second.keyboard.press("r")
    second.locator("#ask-refuse").get_by_label("Note").fill("They laughed.")

    page.bring_to_front()
    page.keyboard.press("a")
    expect(page.locator(".queue-done")).to_have_count(1)
    second.bring_to_front()
    second.locator("#ask-refuse").get_by_role("button", name="Bad timing").click()

    expect(second.get_by_role("alert")).to_contain_text("Rita Rep changed this lead")
    expect(second.locator("#ask-refuse").get_by_label("Note")).to_have_value("They laughed.")
    lead.refresh_from_db()
    assert lead.stage == Stage.SAL


@pytest.mark.parametrize("keys", ["Control+a", "Alt+a", "Meta+a", "Shift+A"])
def test_a_key_with_a_modifier_says_nothing(strict_page, live_server, rep, keys):
    lead = hand_off(rep, "Modified", days=1)
    sign_in(strict_page, live_server, rep)

    strict_page.keyboard.press(keys)
    strict_page.keyboard.press("v")

    expect(strict_page.locator(".queue-done")).to_contain_text("voicemail")
    assert lead.dispositions.count() == 1


def test_no_key_fires_in_a_dialog_or_while_letters_are_composed(strict_page, live_server, rep):
    lead = hand_off(rep, "Quiet")
    sign_in(strict_page, live_server, rep)

    strict_page.keyboard.press("?")
    expect(strict_page.get_by_role("dialog", name="Keys")).to_be_visible()
    strict_page.keyboard.press("a")
    strict_page.keyboard.press("Escape")
    composing = "new KeyboardEvent('keydown', {key: 'a', bubbles: true, isComposing: true})"
    strict_page.evaluate(f"document.body.dispatchEvent({composing})")
    strict_page.keyboard.press("n")

    expect(strict_page.locator(".queue-done")).to_contain_text("no answer")
    assert lead.dispositions.count() == 1


def test_a_screen_reader_hears_what_was_recorded_and_who_is_next(strict_page, live_server, rep):
    hand_off(rep, "First", days=2)
    hand_off(rep, "Second", days=1)
    sign_in(strict_page, live_server, rep)

    strict_page.get_by_role("button", name="Accept", exact=True).focus()
    strict_page.keyboard.press("Enter")

    expect(strict_page.locator("#desk-says")).to_have_text("Bea First: accept. Next: Bea Second.")
    expect(strict_page.get_by_role("heading", name="Bea Second")).to_be_focused()

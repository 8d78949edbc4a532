"""A whole day of a rep at the desk, by keyboard alone."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from dispositions.models import Disposition
from dispositions.outcomes import Outcome
from funnel.lifecycle import Stage
from funnel.models import Evidence, Lead
from tests.browser.test_desk import sign_in
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)

HANDED_OFF = ("Accepted", "Rang", "Voicemail", "Mailed", "Refused", "Junk")
ACCEPTED = ("Talked", "Meeting", "Qualified", "Recycled", "Lost")
QUALIFIED = ("Won", "Undecided", "Back")


@pytest.fixture
def leads(rep):
    at = timezone.now() - timedelta(days=2)  # what was said then is not of this day
    made = {name: LeadFactory(handed_off=True, owner=rep, last_name=name, at=at) for name in HANDED_OFF}
    made |= {name: LeadFactory(accepted=True, owner=rep, last_name=name, at=at) for name in ACCEPTED}
    return made | {name: LeadFactory(qualified=True, owner=rep, last_name=name, at=at) for name in QUALIFIED}


@pytest.fixture
def desk(strict_page, live_server, rep, leads):
    sign_in(strict_page, live_server, rep)
    return Desk(strict_page)


class Desk:
    """Somebody who knows the keys, and looks at the list before he presses one."""

    def __init__(self, page):
        self.page = page

    def go_to(self, name):
        rows = self.page.locator("[data-row]")
        names = rows.locator(".queue-name").all_inner_texts()
        classes = rows.evaluate_all("rows => rows.map((row) => row.className)")
        here = next(place for place, one in enumerate(classes) if "is-selected" in one)
        there = names.index(f"Bea {name}")
        for _ in range(abs(there - here)):
            self.page.keyboard.press("j" if there > here else "k")
        self.sees(name)

    def sees(self, name):
        expect(self.page.locator("#brief").get_by_role("heading", name=f"Bea {name}", level=2)).to_be_visible()
        expect(self.page.locator(".desk.is-busy")).to_have_count(0)

    def says(self, name, key, then=None):
        """Press the outcome's key, and what it asks for; wait until it is recorded."""
        self.go_to(name)
        self.page.keyboard.press(key)
        if then:
            expect(self.page.locator("form.ask:not([hidden])")).to_be_visible()
            then()
        expect(self.page.locator(".queue-done").filter(has_text=f"Bea {name}:")).to_be_visible()
        expect(self.page.locator(".desk.is-busy")).to_have_count(0)

    def because(self, reason):
        """The digit of a reason, as its button shows it."""
        button = self.page.locator("form.ask:not([hidden])").get_by_role("button", name=reason)
        return lambda: self.page.keyboard.press(button.get_attribute("data-digit"))

    def tab_to(self, label):
        field = self.page.locator("form.ask:not([hidden])").get_by_label(label).first
        for _ in range(60):
            if field.evaluate("field => field === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"“{label}” is not reached by Tab.")

    def type_into(self, label, text):
        self.tab_to(label)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)


def test_a_whole_day_by_keyboard(desk, leads, live_server):
    page = desk.page

    # The morning: what marketing handed over.
    desk.says("Accepted", "a")
    page.keyboard.press("z")
    expect(page.get_by_text("taken back")).to_be_visible()
    desk.sees("Accepted")
    desk.says("Accepted", "a")
    desk.says("Rang", "n")
    desk.says("Voicemail", "v")
    desk.says("Mailed", "e")
    desk.says("Refused", "r", desk.because("No budget"))
    desk.says("Junk", "x", desk.because("Student"))

    # The day: calls, and what they brought.
    def tell_what_was_learned():
        page.locator("form.ask:not([hidden]) details > summary").focus()
        page.keyboard.press("Enter")
        desk.type_into("Business pain", "Picking errors")
        page.keyboard.press("Enter")

    def tell_what_is_missing():
        for label, text in (
            ("Budget", "80k approved"),
            ("Decision maker engaged", "Met the COO"),
            ("Business pain", "Late deliveries"),
            ("Decision process", "Board in May"),
            ("Amount", "12000"),
        ):
            desk.type_into(label, text)
        desk.tab_to("Expected to close on")
        page.keyboard.type((timezone.localdate() + timedelta(days=30)).strftime("%m%d%Y"))
        page.keyboard.press("Enter")

    desk.says("Talked", "Shift+C", tell_what_was_learned)
    desk.says("Meeting", "m")
    desk.says("Qualified", "q", tell_what_is_missing)
    desk.says("Recycled", "y", desk.because("Bad timing"))
    desk.says("Lost", "l", desk.because("price"))

    # The evening: deals.
    desk.says("Won", "w", lambda: page.keyboard.press("Enter"))
    desk.says("Undecided", "o", desk.because("old vendor"))
    desk.says("Back", "b", desk.because("Reassessed"))
    tally = dict(
        zip(page.locator("#tally dt").all_inner_texts(), page.locator("#tally dd").all_inner_texts(), strict=True)
    )
    page.keyboard.press("/")
    page.keyboard.type("Won")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/leads/\?q=Won"))

    stages = {lead.last_name: lead.stage for lead in Lead.objects.all()}
    assert stages == {
        "Accepted": Stage.SAL,
        "Rang": Stage.SAL,
        "Voicemail": Stage.SAL,
        "Mailed": Stage.SAL,
        "Refused": Stage.NURTURE,
        "Junk": Stage.DISQUALIFIED,
        "Talked": Stage.SAL,
        "Meeting": Stage.SAL,
        "Qualified": Stage.SQL,
        "Recycled": Stage.NURTURE,
        "Lost": Stage.LOST,
        "Won": Stage.WON,
        "Undecided": Stage.NO_DECISION,
        "Back": Stage.SAL,
    }
    said = {
        one.lead.last_name: (one.outcome, one.reason.slug if one.reason else "")
        for one in Disposition.objects.select_related("lead", "reason").order_by("at")
    }
    assert said["Refused"] == (Outcome.REFUSE, "no_budget")
    assert said["Junk"] == (Outcome.DISQUALIFY, "student")
    assert said["Recycled"] == (Outcome.RECYCLE, "bad_timing")
    assert said["Undecided"] == (Outcome.NO_DECISION, "blocked_old_vendor")
    assert said["Lost"] == (Outcome.LOST, "lost_price")
    assert Disposition.objects.filter(lead=leads["Accepted"], outcome=Outcome.UNDO).count() == 1
    assert Evidence.objects.get(lead=leads["Talked"]).text == "Picking errors"
    assert Lead.objects.get(last_name="Qualified").amount == Decimal(12000)
    counted = {"attempts": "3", "conversations": "2", "accepted": "4", "refused": "1", "qualified": "1", "won": "1"}
    assert tally == counted

"""A manager's pages in a real browser: by the rules of WCAG 2.2 AA, on a phone, and without JavaScript."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from accounts.models import WorkingCalendar
from funnel.models import Lead
from funnel.sweep import run_sweep
from tests.browser.test_accessibility import RULES
from tests.browser.test_desk import sign_in
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(rep, manager):
    """Something to see on every page; all of it is due round the clock."""
    WorkingCalendar.objects.update_or_create(
        is_default=True, defaults={"name": "Always", "opening_hours": "Mon-Sun 00:00-24:00"}
    )
    now = timezone.now()
    LeadFactory(handed_off=True, owner=rep, at=now - timedelta(hours=7))
    LeadFactory(handed_off=True, owner=rep, at=now - timedelta(days=30))
    LeadFactory(won=True, owner=rep, at=now)
    away = {"away_from": now.date() + timedelta(days=3), "away_until": now.date() + timedelta(days=5)}
    UserFactory(name="Carl Colleague", team=rep.team, lead_cap=40, **away)
    run_sweep(now=now)


def addresses(rep):
    about = ("reps/{}/", "reps/{}/hand-over/", "calendar/{}/")
    return [
        "/team/",
        f"/team/?team={rep.team_id}",
        "/team/calendar/",
        *(f"/team/{one.format(rep.pk)}" for one in about),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_manager_breaks_a_rule_of_accessibility(strict_page, live_server, rep, manager, world, scheme):
    strict_page.emulate_media(color_scheme=scheme)
    sign_in(strict_page, live_server, manager)

    for path in addresses(rep):
        strict_page.goto(f"{live_server.url}{path}")
        found = Axe().run(strict_page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def test_no_page_of_a_manager_scrolls_sideways_on_a_phone(strict_page, live_server, rep, manager, world):
    strict_page.set_viewport_size({"width": 390, "height": 844})
    sign_in(strict_page, live_server, manager)

    for path in addresses(rep):
        strict_page.goto(f"{live_server.url}{path}")
        assert strict_page.evaluate("document.documentElement.scrollWidth") == 390, path


def test_all_leads_of_a_rep_are_handed_over_without_javascript(browser, live_server, rep, manager, world):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, manager)

    page.goto(f"{live_server.url}/team/reps/{rep.pk}/")
    page.get_by_role("link", name="Hand over all leads").click()
    page.get_by_label("New owner").select_option(str(manager.pk))
    page.get_by_role("button", name="Hand over the chosen leads").click()

    assert "Done for 2 leads." in page.content()
    assert set(Lead.objects.filter(due_at__isnull=False).values_list("owner__name", flat=True)) == {"Mia Manager"}
    context.close()

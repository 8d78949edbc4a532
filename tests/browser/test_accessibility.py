"""Every page, in light and dark, by the rules of WCAG 2.2 AA."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from funnel.lifecycle import Stage
from funnel.models import Lead, Reason
from funnel.services.edit import Section
from funnel.services.moves import move_lead
from funnel.services.needs import MoveDetails
from funnel.services.notes import add_note
from funnel.sweep import run_sweep
from tests.browser.test_desk import sign_in
from tests.factories import LeadFactory
from tests.scope_world import a_proof, spend_of_a_campaign

pytestmark = pytest.mark.django_db(transaction=True)

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def world(manager):
    LeadFactory(handed_off=True, owner=manager, at=timezone.now() - timedelta(days=30))
    LeadFactory(accepted=True, owner=manager, at=timezone.now())
    LeadFactory(won=True, owner=manager, at=timezone.now() - timedelta(days=3))
    run_sweep(now=timezone.now())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility(strict_page, live_server, manager, world, scheme):
    strict_page.emulate_media(color_scheme=scheme)
    sign_in(strict_page, live_server, manager)
    pages = ["/queue/", "/black-hole/", "/reports/", "/reports/closed-loop/", f"/leads/{Lead.objects.first().pk}/"]

    for path in pages:
        strict_page.goto(f"{live_server.url}{path}")
        found = Axe().run(strict_page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_marketing_breaks_a_rule_of_accessibility(strict_page, live_server, marketing, world, scheme):
    lead = LeadFactory(at=timezone.now())
    parked = LeadFactory(at=timezone.now() - timedelta(days=200))
    reason = Reason.objects.get(slug="no_budget")
    at = timezone.now() - timedelta(days=100)
    details = MoveDetails(reason=reason, wake_at=at + timedelta(days=90))
    move_lead(lead_id=parked.pk, to=Stage.NURTURE, by=marketing.principal, at=at, details=details)
    strict_page.emulate_media(color_scheme=scheme)
    sign_in(strict_page, live_server, marketing)

    campaign = spend_of_a_campaign().campaign
    a_proof()
    pages = [
        *("/nurture/", f"/nurture/?lead={parked.pk}&panel=sleep", "/nurture/?panel=discard", "/nurture/?panel=learned"),
        *("/nurture/tracks/", "/campaigns/", "/campaigns/new/", f"/campaigns/{campaign.pk}/"),
        *("/campaigns/spend/?from=2026-01", "/campaigns/spend/new/", "/loop/", "/proof/", "/proof/new/"),
        *("/stages/", f"/leads/{lead.pk}/"),
    ]
    for path in pages:
        strict_page.goto(f"{live_server.url}{path}")
        strict_page.evaluate("for (const one of document.querySelectorAll('details.disclosure')) one.open = true")
        found = Axe().run(strict_page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_about_a_lead_breaks_a_rule_of_accessibility(strict_page, live_server, rep, scheme):
    lead, double = LeadFactory(qualified=True, owner=rep), LeadFactory(owner=rep, phone="+49 30 1234567")
    add_note(lead_id=lead.pk, text="Likes tea.", by=rep.principal, at=timezone.now())
    strict_page.emulate_media(color_scheme=scheme)
    sign_in(strict_page, live_server, rep)

    pages = [f"/leads/{lead.pk}/edit/{section}/" for section in Section]
    pages += ["/leads/new/", f"/leads/{double.pk}/", f"/leads/{lead.pk}/?show=notes,moves"]
    pages += [f"/leads/{lead.pk}/merge/?q=bea", f"/leads/{lead.pk}/merge/?with={double.pk}"]
    for path in pages:
        strict_page.goto(f"{live_server.url}{path}")
        found = Axe().run(strict_page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_page_breaks_no_rule_of_accessibility(strict_page, live_server, scheme):
    strict_page.emulate_media(color_scheme=scheme)
    strict_page.goto(f"{live_server.url}/login/")

    found = Axe().run(strict_page, options=RULES)

    assert found.violations_count == 0, found.generate_report()

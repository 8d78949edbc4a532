"""Every report and the pages around them in a real browser, in light and dark: no error, no rule broken."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from reports.engine import entries_for
from tests.browser.test_accessibility import RULES
from tests.browser.test_desk import sign_in
from tests.reports.lives import Company
from tests.scope_world import a_delivery, a_key, a_message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lived(sales, west, east, rep, eastern_rep, head_of_sales, marketing, signed_agreement):
    company = Company(31, marketing=marketing, manager=head_of_sales, reps=[rep, eastern_rep])
    for _ in range(6):
        company.live()


def check(page, address, path):
    page.goto(f"{address}{path}")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_report_opens_without_an_error_and_breaks_no_rule(strict_page, live_server, marketing, lived, scheme):
    strict_page.emulate_media(color_scheme=scheme)
    sign_in(strict_page, live_server, marketing)

    check(strict_page, live_server.url, "/reports/")
    for entry in entries_for(marketing.principal):
        check(strict_page, live_server.url, f"/reports/{entry.name}/")
        assert strict_page.locator("table, .empty").count() > 0, entry.name
    check(strict_page, live_server.url, "/reports/funnel/leads/?figure=entered&row=mql")


def test_on_a_phone_no_report_is_wider_than_the_screen(strict_page, live_server, marketing, lived):
    strict_page.set_viewport_size({"width": 390, "height": 844})
    sign_in(strict_page, live_server, marketing)

    for entry in entries_for(marketing.principal):
        strict_page.goto(f"{live_server.url}/reports/{entry.name}/")
        assert strict_page.evaluate("document.documentElement.scrollWidth") <= 390, entry.name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_connected_tools_break_no_rule(strict_page, live_server, admin, lived, scheme):
    message, delivery = a_message(), a_delivery()
    a_key()
    strict_page.emulate_media(color_scheme=scheme)
    sign_in(strict_page, live_server, admin)

    for path in (
        *("/imports/hooks/", "/imports/hooks/connect/", "/imports/hooks/connect/mautic/"),
        *(f"/imports/hooks/{message.pk}/", "/endpoints/", "/endpoints/new/", f"/endpoints/{delivery.endpoint_id}/"),
        *(f"/endpoints/{delivery.endpoint_id}/deliveries/{delivery.pk}/", "/api-keys/", "/api-keys/new/"),
    ):
        check(strict_page, live_server.url, path)

"""Taking a list away, in a real browser."""

import csv

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Export
from tests.browser.test_desk import sign_in
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_list_as_it_is_filtered_comes_as_a_file(strict_page, live_server, manager, rep, width):
    page = strict_page
    for name in ("Zander", "Quinn"):
        LeadFactory(accepted=True, owner=rep, last_name=name, at=timezone.now())
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, live_server, manager)
    page.goto(f"{live_server.url}/leads/")
    page.locator("#lead-q").fill("zander")
    expect(page.locator("[data-lead-row]")).to_have_count(1)

    with page.expect_download() as download:
        page.get_by_role("link", name="CSV of These leads").click()

    assert download.value.suggested_filename.startswith("leads-")
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:  # noqa: PTH123  # a path of Playwright's
        assert [row["last_name"] for row in csv.DictReader(file)] == ["Zander"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert Export.objects.get().user == manager

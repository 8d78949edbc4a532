"""A rep answers from his mailbox, in a browser that knows nothing of him."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone

from accounts.notifications import notify
from dispositions.mail_links import links_for
from dispositions.models import Disposition
from tests.browser.test_accessibility import RULES
from tests.browser.test_desk import PASSWORD, sign_in
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture
def lead(rep, manager):
    return LeadFactory(handed_off=True, owner=rep, first_name="Bea", last_name="Buyer", at=timezone.now())


@BOTH
def test_one_click_records_what_the_link_says(strict_page, live_server, rep, lead, scheme):
    strict_page.emulate_media(color_scheme=scheme)
    links = {link.label: f"{live_server.url}{link.url}" for link in links_for(lead, rep, timezone.now())}
    strict_page.goto(links["No answer"])
    assert Axe().run(strict_page, options=RULES).violations_count == 0
    assert not Disposition.objects.exists()

    strict_page.get_by_role("button", name="Record “no answer”").click()

    strict_page.get_by_role("heading", name="Recorded").wait_for()
    assert Axe().run(strict_page, options=RULES).violations_count == 0
    said = Disposition.objects.get()
    assert (said.outcome, said.by) == ("no_answer", rep)


def test_after_logging_in_it_can_be_taken_back(strict_page, live_server, rep, lead):
    rep.set_password(PASSWORD)
    rep.save()
    link = links_for(lead, rep, timezone.now())[0]
    strict_page.goto(f"{live_server.url}{link.url}")
    strict_page.get_by_role("button", name="Record").click()

    strict_page.get_by_role("link", name="Take it back").click()
    strict_page.get_by_label("E-mail").fill(rep.email)
    strict_page.get_by_label("Password").fill(PASSWORD)
    strict_page.get_by_role("button", name="Log in").click()
    strict_page.get_by_role("button", name="Take it back").click()

    strict_page.get_by_text("taken back").first.wait_for()
    assert list(Disposition.objects.order_by("id").values_list("outcome", flat=True)) == ["accept", "undo"]


@BOTH
def test_notifications_and_settings_break_no_rule_of_accessibility(strict_page, live_server, rep, scheme):
    now = timezone.now()
    notify([rep], kind="reminder", key="1", text="Bea Buyer waits.", url="/queue/", at=now)
    notify([rep], kind="reminder", key="2", text="Ann Buyer waits.", at=now - timedelta(days=3))
    rep.notifications.filter(key="2").update(read_at=now)
    strict_page.emulate_media(color_scheme=scheme)
    sign_in(strict_page, live_server, rep)

    for path in ("/notifications/", "/notifications/?show=unread", "/me/"):
        strict_page.goto(f"{live_server.url}{path}")
        found = Axe().run(strict_page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"

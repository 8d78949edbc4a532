"""A file from upload to the mended rows, in a real browser."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from funnel.models import Lead
from integrations.models import Upload
from integrations.services.upload_runs import run_uploads
from tests.browser.test_accessibility import RULES
from tests.browser.test_desk import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

FILE = """\
E-Mail Address;Given name;Came from;Since
ann@x.test;Ann;Messe Köln;31/01/2026
bob;Bob;;01/02/2026
ann@x.test;Cyd;;28/02/2026
"""


@pytest.fixture(autouse=True)
def _uploaded_files_are_kept_apart(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def worker_round():
    now = timezone.now()
    return run_uploads(clock=timezone.now, until=now + timedelta(minutes=1))


def upload(page, live_server, path):
    page.goto(f"{live_server.url}/imports/")
    page.get_by_role("link", name="Import a file").first.click()
    page.get_by_label("Leads", exact=True).check()
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("button", name="Go on to the preview")).to_be_visible()


def check_axe(page):
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"


def check_width(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def look_at(page, schemes=("light", "dark")):
    """By the rules of accessibility in both themes, and on a phone without a page that is too wide."""
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        # Colours change within a moment; what is between the themes is nobody's to read.
        page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
        check_axe(page)
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 800})
    check_width(page)
    page.set_viewport_size(size)


def test_a_file_is_uploaded_mapped_tried_imported_and_its_rejected_rows_mended(
    strict_page, live_server, marketing, tmp_path
):
    page, path = strict_page, tmp_path / "fair.csv"
    path.write_text(FILE)
    sign_in(page, live_server, marketing)
    upload(page, live_server, path)

    # guesses, and what they left open
    expect(page.get_by_label("Email email", exact=True)).to_have_value("E-Mail Address")
    expect(page.get_by_label("First name first_name", exact=True)).to_have_value("Given name")
    expect(page.locator('[name="format:created_at"]')).to_have_value("%d/%m/%Y")
    page.get_by_label("Channel channel", exact=True).select_option("Came from")
    page.get_by_role("button", name="Show the words of the chosen columns").click()
    expect(page.get_by_label("Messe Köln")).to_have_value("messe-koln")
    page.get_by_label("Messe Köln").fill("trade-fair")
    look_at(page)
    page.get_by_role("button", name="Go on to the preview").click()

    # the preview, with what is wrong where it is wrong
    rows = page.get_by_role("table").locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("Created")
    expect(rows.nth(0)).to_contain_text("trade-fair")
    expect(rows.nth(1)).to_contain_text('"bob" is not an e-mail address')
    expect(rows.nth(2)).to_contain_text("duplicate-in-file: line 2 names the same lead.")
    look_at(page)

    # a trial, then the import; the page follows by itself
    page.get_by_role("button", name="Try it without writing").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    look_at(page)
    worker_round()
    expect(page.get_by_text("A trial: nothing was written.")).to_be_visible()
    assert not Lead.objects.exists()
    look_at(page)
    page.get_by_role("button", name="Import the file").click()
    worker_round()
    expect(page.get_by_text("3 rows: 1 created, 0 updated, 0 skipped, 2 rejected.")).to_be_visible()
    page.get_by_role("link", name="Rejected 2").click()
    expect(page.locator("tbody tr")).to_have_count(2)

    # the rejected rows, mended
    with page.expect_download() as download:
        page.get_by_role("link", name="Rejected rows, to be mended").click()
    assert download.value.suggested_filename == "fair.csv.rejected.csv"
    mended = tmp_path / download.value.suggested_filename
    text = download.value.path().read_text(encoding="utf-8-sig")
    mended.write_text(text.replace(',"bob",', ',"bob@x.test",').replace(',"ann@x.test",', ',"cyd@x.test",'))
    upload(page, live_server, mended)
    expect(page.get_by_text("Mapped as the files of fair were last time.")).to_be_visible()
    page.get_by_role("button", name="Go on to the preview").click()
    page.get_by_role("button", name="Import the file").click()
    worker_round()
    expect(page.get_by_text("2 rows: 2 created, 0 updated, 0 skipped, 0 rejected.")).to_be_visible()
    assert set(Lead.objects.values_list("email", flat=True)) == {"ann@x.test", "bob@x.test", "cyd@x.test"}
    page.goto(f"{live_server.url}/imports/")
    expect(page.locator("tbody tr")).to_have_count(2)
    look_at(page)


def test_before_anything_is_imported_the_pages_say_what_to_do(strict_page, live_server, marketing):
    sign_in(strict_page, live_server, marketing)

    strict_page.goto(f"{live_server.url}/imports/")

    expect(strict_page.get_by_role("heading", name="Nothing imported yet")).to_be_visible()
    look_at(strict_page)
    strict_page.goto(f"{live_server.url}/imports/new/")
    look_at(strict_page)


def test_it_works_without_javascript(browser, live_server, marketing, tmp_path):
    path = tmp_path / "fair.csv"
    path.write_bytes("email,name\nann@x.test,Zoë\nbob,Bob\n".encode("cp1252"))
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, live_server, marketing)
    page.goto(f"{live_server.url}/imports/new/")
    page.get_by_label("Leads", exact=True).check()
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Upload").click()
    page.get_by_label("Western European, Windows").check()
    page.get_by_role("button", name="Read it like this").click()
    page.get_by_label("Last name last_name", exact=True).select_option("name")
    page.get_by_role("button", name="Go on to the preview").click()
    expect(page.get_by_role("cell", name="Zoë")).to_be_visible()
    page.get_by_role("button", name="Import the file").click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()

    worker_round()
    page.get_by_role("link", name="Look again").click()

    expect(page.get_by_text("2 rows: 1 created, 0 updated, 0 skipped, 1 rejected.")).to_be_visible()
    assert Lead.objects.get().last_name == "Zoë"
    assert Upload.objects.get().state == "done"
    context.close()

"""`make pictures`: the screenshots that README and docs show, of the demo company, made anew in Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PASSWORD = "leadflow-demo"  # the demo's own, printed by `make run`
LEADS = 1_500

CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--hide-scrollbars"]
# By the end of a picture's name: its size in CSS pixels, and the colour scheme.
LOOKS = {
    "light": ({"width": 1360, "height": 860}, "light"),
    "dark": ({"width": 1360, "height": 860}, "dark"),
    "phone": ({"width": 390, "height": 844}, "light"),
}


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it. `looks`: of LOOKS, each a file `NAME-LOOK.png`."""

    name: str
    user: str
    path: str
    looks: tuple[str, ...] = tuple(LOOKS)


REPORTS = (
    *("funnel", "closed-loop", "attribution", "black-hole", "response", "persistence", "fall-out", "refusals"),
    *("sources", "scorecard", "completeness", "forecast", "weekly", "delivered"),
)
PICTURES = (
    Picture("queue", "rep", "/queue/"),
    Picture("brief", "rep", ""),  # the first lead of the queue, on its own page
    Picture("team", "manager", "/team/"),
    Picture("agreement", "marketing", "/agreement/"),
    Picture("closed-loop", "marketing", "/reports/closed-loop/", ("light",)),
    Picture("imports", "marketing", "/imports/", ("light",)),
    *(Picture(f"report-{name}", "marketing", f"/reports/{name}/", ("light", "dark")) for name in REPORTS),
)


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("This needs Chromium: install it, or name it in CHROMIUM.")
    IMAGES.mkdir(exist_ok=True)
    with demo_server() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        for picture in PICTURES:
            for look in picture.looks:
                take(browser, url, picture, look)
        browser.close()


@contextmanager
def demo_server() -> Iterator[str]:
    """The address of a demo company in a throwaway folder."""
    with TemporaryDirectory(prefix="leadflow-pictures-") as folder, socket.socket() as probe:
        environment = os.environ | {"LEADFLOW_DATA_DIR": folder}
        environment.pop("DATABASE_URL", None)
        (Path(folder) / "static").mkdir()
        manage = [sys.executable, str(ROOT / "manage.py")]
        for command in (["migrate", "--verbosity=0"], ["seed_demo", f"--leads={LEADS}", "--verbosity=0"], ["sweep"]):
            subprocess.run([*manage, *command], env=environment, check=True, stdout=subprocess.DEVNULL)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        server = subprocess.Popen([*manage, "runserver", "--noreload", f"127.0.0.1:{port}"], env=environment)
        try:
            wait_until_it_listens(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def wait_until_it_listens(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The server did not start within 30 seconds.")


def take(browser: Browser, url: str, picture: Picture, look: str) -> None:
    size, scheme = LOOKS[look]
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", device_scale_factor=1)
    page = context.new_page()
    page.goto(f"{url}/login/")
    page.fill("[name=username]", f"{picture.user}@demo.leadflow.test")
    page.fill("[name=password]", PASSWORD)
    page.click("main [type=submit]")
    page.goto(f"{url}{picture.path or first_lead(page, url)}")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{picture.name}-{look}.png")
    context.close()


def first_lead(page: Page, url: str) -> str:
    page.goto(f"{url}/queue/")
    lead = page.locator("[data-lead]").first.get_attribute("data-lead")
    return f"/leads/{lead}/"


if __name__ == "__main__":
    main()

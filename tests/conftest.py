"""Who takes part in the tests, and what a test needs of the machine."""

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import expect

from accounts.roles import Role
from funnel import reference_cache
from funnel.append_only import create_triggers, drop_triggers
from tests.factories import NOW, AgreementFactory, TeamFactory, UserFactory
from tests.run import chromium

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]

# Milliseconds that the browser is given for what a person would not notice: the other core may be at work as well.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

# Playwright keeps an event loop running in the test's thread; Django refuses to ask its database beside one.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


# --- what a test needs of the machine -------------------------------------------------------------------------


def lacks(marker):
    """Why tests with this marker cannot run here; nothing if they can."""
    if marker == "browser" and not chromium():
        return "needs Chromium: install it, or name it in CHROMIUM"
    if marker == "curl" and not shutil.which("curl"):
        return "needs curl: install it"
    if marker == "postgres" and "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        return "needs PostgreSQL: set DATABASE_URL"
    if marker == "redis" and not settings.CELERY_BROKER_URL.startswith("redis"):
        return "needs Redis: set REDIS_URL"
    return ""


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_runtest_setup(item):
    required = os.environ.get("LEADFLOW_REQUIRE", "").split(",")
    for marker in ("browser", "curl", "postgres", "redis"):
        if item.get_closest_marker(marker) and (reason := lacks(marker)):
            (pytest.fail if marker in required else pytest.skip)(reason)


@pytest.fixture(scope="session", autouse=True)
def _nobody_is_left_in_the_database(django_db_setup, django_db_blocker):
    """PostgreSQL drops no database that somebody still has open, such as a program that a test has killed."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session", autouse=True)
def _history_can_be_emptied_between_tests():
    """A test on real transactions is followed by emptying every table, which the triggers refuse."""
    empty_the_tables = TransactionTestCase._fixture_teardown

    def without_triggers(case):
        drop_triggers(connection)
        try:
            empty_the_tables(case)
        finally:
            create_triggers(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", without_triggers)
        yield


@pytest.fixture(autouse=True)
def _nothing_is_kept_from_the_test_before():
    reference_cache.forget()


# --- people: Sales > West, East -------------------------------------------------------------------------------


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def sales(db):
    return TeamFactory(name="Sales")


@pytest.fixture
def west(sales):
    return TeamFactory(name="West", parent=sales)


@pytest.fixture
def east(sales):
    return TeamFactory(name="East", parent=sales)


@pytest.fixture
def rep(west):
    return UserFactory(name="Rita Rep", email="rita@sales.example", team=west)


@pytest.fixture
def eastern_rep(east):
    return UserFactory(name="Emil East", email="emil@sales.example", team=east)


@pytest.fixture
def manager(west):
    """Manages West alone."""
    return _manager_of(west, name="Mia Manager", email="mia@sales.example")


@pytest.fixture
def head_of_sales(sales):
    return _manager_of(sales, name="Hans Head", email="hans@sales.example")


def _manager_of(team, **fields):
    user = UserFactory(role=Role.MANAGER, team=team, **fields)
    team.manager = user
    team.save()
    return user


@pytest.fixture
def marketing(db):
    return UserFactory(name="Max Marketing", email="max@marketing.example", role=Role.MARKETING, team=None)


@pytest.fixture
def admin(db):
    return UserFactory(
        name="Ada Admin", email="ada@it.example", role=Role.ADMIN, team=None, is_staff=True, is_superuser=True
    )


@pytest.fixture
def signed_agreement(db):
    return AgreementFactory(name="MQL to SAL", clauses=["Works in a company we sell to.", "Asked to be called."])


# --- their browsers -------------------------------------------------------------------------------------------


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def rep_client(rep):
    return signed_in(rep)


@pytest.fixture
def manager_client(manager):
    return signed_in(manager)


@pytest.fixture
def marketing_client(marketing):
    return signed_in(marketing)


@pytest.fixture
def admin_client(admin):
    return signed_in(admin)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": chromium(), "args": CHROMIUM_OPTIONS}


@pytest.fixture
def context(context):
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def strict_page(page, live_server):
    """A page that fails the test on any error in the browser and on any request to another server."""
    bad = []
    ours = (live_server.url, "data:", "blob:")
    page.on("console", lambda message: bad.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: bad.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(ours) else bad.append(request.url))
    yield page
    assert bad == []


# --- at once --------------------------------------------------------------------------------------------------


@pytest.fixture
def at_once(transactional_db):
    """Make calls at the same moment, each in a thread with a connection of its own.

    Answers what each returned or raised, in the order of the calls.
    """

    def call_all(*calls):
        start = threading.Barrier(len(calls))

        def run(call):
            start.wait()
            try:
                return call()
            except Exception as error:  # noqa: BLE001  # the test looks at it
                return error
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(run, calls))

    return call_all


# --- measuring ------------------------------------------------------------------------------------------------


@pytest.fixture
def queries_for(db):
    """How many queries a call takes when nothing is kept from a call before."""

    def count(call):
        reference_cache.forget()
        with CaptureQueriesContext(connection) as queries:
            call()
        return len(queries)

    return count

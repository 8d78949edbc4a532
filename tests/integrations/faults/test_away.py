"""P13: the database or Redis is away or slow: told so in bounded time, and well again by itself."""

import json
import socket
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction

from funnel.models import Lead, LeadEvent
from integrations.models import FeedEntry
from integrations.services.feed import bring_up_to_date
from tests.integrations.faults.conftest import end_its_connections
from tests.leadflow.servers import free_port
from tests.web_server import serving

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LEADS = "/api/v1/leads/"


def told(web, key, name, path=LEADS):
    lead = {"email": f"{name}@buyer.example", "channel": "web"}
    return web.ask("POST", path, {"leads": [lead]} if path.endswith("bulk/") else lead, **key)


def check_unavailable(answer):
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert json.loads(answer.body)["type"] == "unavailable"


def test_while_the_database_is_away_everything_says_so(key):
    nowhere = f"postgres://nobody:secret@127.0.0.1:{free_port()}/none"
    with serving(workers=1, DATABASE_URL=nowhere) as web:
        for answer in (told(web, key, "ann"), told(web, key, "ann", f"{LEADS}bulk/"), web.ask("GET", LEADS, **key)):
            check_unavailable(answer)
            assert b"secret" not in answer.body
            assert b"127.0.0.1" not in answer.body
        page = web.ask("GET", "/queue/", Cookie="sessionid=abcdefghijklmnopqrstuvwxyz012345")
        ready = web.ask("GET", "/readyz")
        jobs = web.ask("GET", "/healthz/jobs")
        alive = web.ask("GET", "/livez")

    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert b"LeadFlow is not available right now" in page.body
    assert [answer.status for answer in (ready, jobs, alive)] == [503, 503, 200]


@contextmanager
def everything_locked():
    """As by a job or a migration that holds what a request needs."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE funnel_lead, funnel_leadidentity IN ACCESS EXCLUSIVE MODE")
        yield
    connection.close()


def test_whoever_waits_too_long_for_a_lock_is_told_to_come_again(key):
    with serving(workers=1, LEADFLOW_STATEMENT_TIMEOUT_MS="1500") as web:
        assert told(web, key, "first").status == 201
        with everything_locked():
            for path in (LEADS, f"{LEADS}bulk/"):
                check_unavailable(told(web, key, "ann", path))
            same = {"Idempotency-Key": "k-1"}
            check_unavailable(web.ask("POST", LEADS, {"email": "ann@buyer.example"}, **key, **same))
        again = web.ask("POST", LEADS, {"email": "ann@buyer.example"}, **key, **same)

    assert again.status == 201
    assert Lead.objects.count() == 2


@pytest.mark.postgres
def test_connections_that_the_database_has_ended_are_replaced_unseen(web, key):
    answers = []
    for number in range(5):
        answers += [told(web, key, f"p{number}-{index}") for index in range(8)]
        end_its_connections(None)

    assert {answer.status for answer in answers} == {201}


@contextmanager
def redis_that(is_silent):
    """The address of one that takes connections and answers nothing, or of none at all."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if is_silent:
            listener.listen(200)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


@pytest.mark.parametrize("is_silent", [False, True], ids=["away", "silent"])
def test_without_redis_leads_come_in_and_their_events_wait(key, is_silent):
    with redis_that(is_silent) as address, serving(workers=1, REDIS_URL=address) as web:
        answers = [told(web, key, f"p{number}") for number in range(12)]
        page = web.ask("GET", "/login/")

    assert {answer.status for answer in answers} == {201}
    assert {answer.headers.get("RateLimit") for answer in answers} == {None}
    assert page.status == 200
    assert Lead.objects.count() == LeadEvent.objects.filter(kind="lead.created").count() == 12
    bring_up_to_date()
    assert FeedEntry.objects.count() == LeadEvent.objects.count()


# --- pages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (OperationalError("server closed the connection: host=10.0.0.7"), 503, "LeadFlow is not available right now"),
        (RuntimeError("secret of /srv/leadflow"), 500, "Something broke on our side"),
    ],
)
def test_a_page_that_fails_tells_no_more_than_it_has_to(rep_client, monkeypatch, error, status, sentence):
    def fail(*_arguments, **_options):
        raise error

    monkeypatch.setattr("funnel.querysets.LeadQuerySet.visible_to", fail)
    rep_client.raise_request_exception = False

    page = rep_client.get("/queue/")

    assert page.status_code == status
    assert sentence in page.content.decode()
    assert "10.0.0.7" not in page.content.decode()
    assert "secret" not in page.content.decode()
    assert page.headers.get("Retry-After") == ("5" if status == 503 else None)

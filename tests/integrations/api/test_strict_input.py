"""Other addresses, other hosts, and failures of our own. What a body may be: catalogue/."""

import pytest
from django.db import OperationalError
from django.test import Client

from integrations.api import leads
from tests.integrations.api.conftest import LEADS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("url", ["/api/", "/api/v1/", "/api/v1/leads", "/api/v2/leads/", "/api/v1/leads/1/x/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_addresses_are_not_found_without_a_redirect(url, method):
    answer = getattr(Client(), method)(url)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_foreign_host_is_refused_as_a_problem(mautic):
    answer = mautic.get(f"{LEADS}1/", Host="evil.example")

    assert (answer.status_code, answer.json()["type"]) == (400, "bad-request")
    assert answer.json()["detail"] == "Bad Request."


# --- our own failures -------------------------------------------------------------------------------------------


def failing_with(error, monkeypatch):
    def fail(*_arguments, **_options):
        raise error

    monkeypatch.setattr(leads, "ingest_lead", fail)


def test_a_database_that_is_away_is_answered_503_with_a_time_to_come_again(mautic, monkeypatch):
    failing_with(OperationalError("server closed the connection: host=10.0.0.7"), monkeypatch)

    answer = mautic.post({"email": "ann@example.com"})

    assert (answer.status_code, answer.json()["type"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert "10.0.0.7" not in answer.content.decode()


def test_what_nobody_foresaw_is_logged_and_tells_nothing(mautic, monkeypatch, caplog):
    failing_with(RuntimeError("secret of /srv/leadflow"), monkeypatch)

    answer = mautic.post({"email": "ann@example.com"})

    assert (answer.status_code, answer.json()["type"]) == (500, "server-error")
    assert "secret" not in answer.content.decode()
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"]
    assert "secret of /srv/leadflow" in caplog.text


def test_every_answer_has_an_id_of_its_own(mautic):
    first, second = (mautic.post({"email": "ann@example.com"}) for _ in range(2))

    assert len(first.headers["X-Request-Id"]) == 32
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_pages_outside_the_api_are_left_alone():
    page = Client().get("/login/")

    assert page.status_code == 200
    assert "X-Request-Id" not in page.headers

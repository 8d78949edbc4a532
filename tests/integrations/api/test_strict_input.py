"""What is refused before any field is looked at."""

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from funnel.models import Lead
from integrations.api import leads
from integrations.api.guard import ApiGuardMiddleware
from tests.integrations.api.conftest import LEADS, codes, row_counts

pytestmark = pytest.mark.django_db

NEST = 33


@pytest.mark.parametrize(
    ("raw", "problem", "detail"),
    [
        (b"", "malformed-json", "The body is empty; send one JSON object."),
        (b" \n", "malformed-json", "The body is empty; send one JSON object."),
        (b'{"email": ', "malformed-json", "Expecting value at line 1, column 11."),
        (b'{"email": "a@x.org"}\n{}', "malformed-json", "Extra data at line 2, column 1."),
        (b'{"a": 1,}', "malformed-json", "at line 1, column"),
        (b"{'a': 1}", "malformed-json", "line 1, column 2."),
        (b"{} // done", "malformed-json", "Extra data at line 1, column 4."),
        (b'{"score": NaN}', "malformed-json", "NaN is no number of JSON."),
        (b'{"score": -Infinity}', "malformed-json", "-Infinity is no number of JSON."),
        (b'{"score": 1e999999999}', "malformed-json", "A number is too large, too small or too long."),
        (b'{"score": 1e9999999999999999999999}', "malformed-json", "A number is too large, too small or too long."),
        (b'{"score": ' + b"9" * 5000 + b"}", "out-of-range", "A number has 5000 digits."),
        (b"null", "not-an-object", "The body has to be one JSON object"),
        (b"42", "not-an-object", "The body has to be one JSON object"),
        (b'[{"email": "a@x.org"}]', "not-an-object", "The body has to be one JSON object"),
        (b'{"email": "a@x.org", "email": "b@x.org"}', "duplicate-key", 'An object has the key "email" twice.'),
        (b'{"company": {"name": "A", "name": "B"}}', "duplicate-key", 'An object has the key "name" twice.'),
        (b'{"a": ' + b"[" * NEST + b"]" * NEST + b"}", "too-deep", "more than 32 levels"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "too-deep", "more than 32 levels"),
        (b"[" * 100_000 + b"]" * 100_000, "too-deep", "more than 32 levels"),
        ('{"first_name": "Zoë"}'.encode("latin-1"), "not-utf8", "byte 19 does not fit"),
        ('{"first_name": "Zoë"}'.encode("utf-16"), "not-utf8", "The body is not UTF-8"),
        (b'{"first_name": "\xc0\xaf"}', "not-utf8", "The body is not UTF-8"),
    ],
)  # fmt: skip
def test_a_body_that_can_be_read_in_two_ways_or_none_is_refused(mautic, raw, problem, detail):
    before = row_counts()

    answer = mautic.send(raw)

    assert (answer.status_code, answer.json()["type"]) == (400, problem)
    assert detail in answer.json()["detail"]
    assert row_counts() == before


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (rb'{"first_name": "A\u0000"}', "/first_name"),
        (rb'{"company": {"name": "\ud800"}}', "/company/name"),
        (rb'{"touches": [{}, {"subject": "\udfff"}]}', "/touches/1/subject"),
        (rb'{"a/b~c": "\u0000"}', "/a~1b~0c"),
        (rb'{"\u0000": 1}', "/?"),
        (rb'{"\ud800": 1}', "/?"),
    ],
)
def test_characters_that_no_database_keeps_are_refused_where_they_are(mautic, raw, pointer):
    answer = mautic.send(raw)

    assert answer.status_code == 400
    assert codes(answer) == {pointer: "forbidden-character"}


def test_a_byte_order_mark_is_skipped(mautic):
    assert mautic.send(b'\xef\xbb\xbf{"email": "ann@example.com"}').status_code == 201


def test_32_levels_are_not_too_deep(mautic):
    answer = mautic.send(b'{"a":' * 32 + b"1" + b"}" * 32)

    assert codes(answer)["/a"] == "unknown-field"


@pytest.mark.parametrize(
    ("content_type", "status", "problem"),
    [
        ("text/plain", 415, "unsupported-media-type"),
        ("application/xml", 415, "unsupported-media-type"),
        ("application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        ("multipart/form-data; boundary=x", 415, "unsupported-media-type"),
        ("", 415, "unsupported-media-type"),
        ("application/" + "j" * 3000, 415, "unsupported-media-type"),
        ("application/json; charset=utf-16", 400, "not-utf8"),
        ("application/json; charset=bogus", 400, "not-utf8"),
        ("application/json; charset=rot13", 400, "not-utf8"),
        ("application/json; charset=UTF-8", 201, None),
    ],
)
def test_bodies_are_json_in_utf8(mautic, content_type, status, problem):
    answer = mautic.send(b'{"email": "ann@example.com"}', content_type=content_type)

    assert answer.status_code == status
    assert answer.json().get("type") == problem


def test_a_compressed_body_is_refused(mautic):
    answer = mautic.send(b"\x1f\x8b", **{"Content-Encoding": "gzip"})

    assert (answer.status_code, answer.json()["type"]) == (415, "unsupported-media-type")


def test_a_body_over_a_megabyte_is_refused_before_it_is_read(mautic):
    before = row_counts()

    answer = mautic.send(b'{"email": "' + b"a" * 1_000_000 + b'"}')

    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")
    assert row_counts() == before


def guarded(**environ):
    """The guard's answer to a request whose body must not be read."""
    request = RequestFactory().post(LEADS)
    request.META |= environ
    return ApiGuardMiddleware(lambda _request: pytest.fail("it came through"))(request)


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"CONTENT_LENGTH": "-1"}, 400),
        ({"CONTENT_LENGTH": "1e3"}, 400),
        ({"CONTENT_LENGTH": "9" * 5000}, 413),
        ({"CONTENT_LENGTH": "1000001"}, 413),
        ({"QUERY_STRING": "q=%00"}, 400),
    ],
)
def test_the_guard_refuses_what_no_view_should_read(environ, status):
    answer = guarded(**environ)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("lead_id", ["0", "-1", "1.5", "abc", "%00", "9" * 30, "9" * 2000, "9" * 5000, "..", "1'--"])
def test_ids_that_name_nothing_are_all_not_found(mautic, lead_id):
    answer = mautic.get(f"{LEADS}{lead_id}/")

    assert (answer.status_code, answer.json()["type"]) == (404, "not-found")


@pytest.mark.parametrize("url", ["/api/", "/api/v1/", "/api/v1/leads", "/api/v2/leads/", "/api/v1/leads/1/x/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_addresses_are_not_found_without_a_redirect(url, method):
    answer = getattr(Client(), method)(url)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["?page=1", "?owner__password__startswith=p", "?_connector=OR", "?email"])
def test_parameters_that_are_not_known_are_refused(mautic, query):
    answer = mautic.post({"email": "ann@example.com"}, url=LEADS + query)

    assert (answer.status_code, answer.json()["type"]) == (400, "unknown-parameter")
    assert Lead.objects.count() == 0


@pytest.mark.parametrize("method", ["delete", "put", "patch", "options", "trace"])
def test_methods_that_are_not_there_say_which_are(mautic, method):
    answer = getattr(mautic.client, method)(LEADS, headers=mautic.headers)

    assert (answer.status_code, answer.json()["type"]) == (405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


def test_answers_come_in_json_only(mautic):
    answer = mautic.post({"email": "ann@example.com"}, Accept="application/xml")

    assert (answer.status_code, answer.json()["type"]) == (406, "not-acceptable")
    assert Lead.objects.count() == 0


def test_a_foreign_host_is_refused_as_a_problem(mautic):
    answer = mautic.get(f"{LEADS}1/", Host="evil.example")

    assert (answer.status_code, answer.json()["type"]) == (400, "bad-request")
    assert answer.json()["detail"] == "Bad Request."


def test_headers_that_claim_to_be_somebody_are_ignored(mautic):
    headers = {"X-HTTP-Method-Override": "DELETE", "Remote-User": "admin", "X-Forwarded-Host": "evil.example"}

    answer = mautic.post({"email": "ann@example.com"}, **headers)

    assert answer.status_code == 201
    assert "evil" not in answer.headers["Location"]


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

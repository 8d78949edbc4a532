"""A40 to A50: addresses, parameters, cursors, keys, headers and methods."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from funnel.models import Lead
from integrations.models import ApiKey
from integrations.services.keys import Scope, revoke_keys
from tests.factories import LeadFactory
from tests.integrations.api.catalogue.refusals import refused
from tests.integrations.api.conftest import LEADS, Caller, caller_of

pytestmark = pytest.mark.django_db

PATHS = SchemaGenerator().get_schema(public=True)["paths"]
LISTS = [LEADS, "/api/v1/changes/", "/api/v1/endpoints/", "/api/v1/channels/", "/api/v1/campaigns/", "/api/v1/spend/",
         "/api/v1/agreements/", "/api/v1/stages/", "/api/v1/reasons/"]  # fmt: skip


# --- A40: ids -------------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(hubspot):
    return hubspot.post({"email": "eve@buyer.example", "external_id": "h-1"}).json()["id"]


@pytest.mark.parametrize(
    "lead_id",
    ["0", "-1", "1.5", "abc", "9" * 19, "9" * 30, "9" * 2000, "%00", "..", "../", "%2e%2e%2f", "1'--", "١", "1%0A"],
    ids=lambda text: text[:30],
)
def test_a40_ids_that_name_nothing_are_all_alike(mautic, lead, lead_id):
    for tail in ("", "promote/", "touches/", "dispositions/"):
        url = f"{LEADS}{lead_id}/{tail}"
        answer = refused(
            lambda url=url, tail=tail: mautic.post({}, url=url) if tail else mautic.get(url), 404, "not-found"
        )
        assert answer.json()["detail"] == "There is nothing at this address, or nothing that this key may know of."


@pytest.mark.parametrize("tail", ["promote/", "touches/", "dispositions/"])
def test_a40_another_sources_lead_is_as_one_that_is_not_there(mautic, foreign, rep, tail):
    bodies = {
        "promote/": {},
        "touches/": {"touches": [{"at": "2026-03-01T00:00:00Z", "channel": "web"}]},
        "dispositions/": {"outcome": "accept", "rep": rep.email, "version": 1},
    }
    details = {
        refused(lambda pk=pk: mautic.post(bodies[tail], url=f"{LEADS}{pk}/{tail}"), 404, "not-found").json()["detail"]
        for pk in (foreign, 9_999_999)
    }

    assert len(details) == 1


def test_a40_another_sources_lead_is_neither_read_nor_changed(mautic, foreign):
    headers = mautic.headers | {"If-Match": '"v1"'}
    patch = {"data": '{"phone": "12345"}', "content_type": "application/json", "headers": headers}

    refused(lambda: mautic.get(f"{LEADS}{foreign}/"), 404, "not-found")
    refused(lambda: mautic.client.patch(f"{LEADS}{foreign}/", **patch), 404, "not-found")


# --- A41 to A44: parameters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", LISTS)
def test_a41_a_size_of_page_that_is_none(mautic, lead, url):
    for limit in ("0", "-1", "abc", "1.5", "1e9", "%2B5", "٣", "", "0x10", "%20"):
        refused(lambda limit=limit: mautic.get(f"{url}?limit={limit}"), 400, "invalid-parameter")


@pytest.mark.parametrize("page", ["0", "-1", "abc", "1" + "0" * 23, "9" * 5000])
def test_a41_there_are_no_numbered_pages(mautic, lead, page):
    refused(lambda: mautic.get(f"{LEADS}?page={page}"), 400, "unknown-parameter")


@pytest.mark.parametrize("limit", ["1000000000", "1" + "0" * 23, "9" * 3000])
def test_a41_more_than_200_are_never_on_a_page(mautic, limit):
    Lead.objects.all().delete()
    mautic.post({"leads": [{"email": f"p{number}@buyer.example"} for number in range(205)]}, url=f"{LEADS}bulk/")

    assert len(mautic.get(f"{LEADS}?limit={limit}").json()["results"]) == 200


@pytest.mark.parametrize("name", ["due_before", "updated_after"])
@pytest.mark.parametrize(
    "value",
    ["garbage", "2026-02-30", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00", "10000-01-01",
     "0000-00-00", "1", "'; SELECT 1", "20260101", ""],
)  # fmt: skip
def test_a42_a_time_that_is_none(mautic, lead, name, value):
    """One with a plus that was not written as %2B is none either: it comes as a space."""
    answer = refused(lambda: mautic.get(f"{LEADS}?{name}={value}"), 400, "invalid-parameter")

    assert answer.json()["detail"].startswith(f"{name}: ")


@pytest.mark.parametrize("value", ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00%2B01:00", "2026-01-01"])
def test_a42_a_moment_or_a_day(mautic, lead, value):
    assert len(mautic.get(f"{LEADS}?updated_after={value}").json()["results"]) == 1


@pytest.mark.parametrize(
    "query",
    ["stage=mql&stage=sal", "due_before=2026-01-01&due_before=2026-01-02", "limit=1&limit=2", "email=", "q=%20",
     "black_hole=yes", "stale=1", "black_hole=True", "stage=closed", "ordering=owner__password", "ordering=-id",
     "ordering=created_at,updated_at", f"q={'x' * 300}", f"email={'x' * 300}"],
)  # fmt: skip
def test_a42_a_parameter_that_is_wrong_is_named(mautic, lead, query):
    answer = refused(lambda: mautic.get(f"{LEADS}?{query}"), 400, "invalid-parameter")

    assert answer.json()["detail"].startswith(query.split("=", maxsplit=1)[0])


UNKNOWN = [
    "owner__password__startswith=p", "owner__password=p", "_connector=OR%201=1", "_negated=1", "email__in=a", "pk=1",
    "id=1", "created_after=garbage", "nonsense=1", "format=xml", "nonsense", "version=1", "page_size=5",
]  # fmt: skip


@pytest.mark.parametrize("url", LISTS)
def test_a43_a_parameter_that_is_not_known(mautic, lead, url):
    for query in UNKNOWN:
        answer = refused(lambda query=query: mautic.get(f"{url}?{query}"), 400, "unknown-parameter")
        assert query.split("=", maxsplit=1)[0] in answer.json()["detail"]


@pytest.mark.parametrize("query", ["?email=ann@buyer.example", "?_connector=OR", "?limit=5", "?dry_run=true"])
def test_a43_writing_knows_no_parameters(mautic, lead, query):
    refused(lambda: mautic.post({"email": "new@buyer.example"}, url=LEADS + query), 400, "unknown-parameter")


@pytest.fixture
def cursor(mautic):
    for number in range(3):
        LeadFactory(source="mautic", external_id=f"c-{number}")
    following = mautic.get(f"{LEADS}?limit=1").json()["next"]
    return parse_qs(urlsplit(following).query)["cursor"][0]


def test_a44_a_cursor_that_was_altered(mautic, cursor):
    head, time, signature = cursor.rsplit(":", 2)
    altered = [head[1:] + ":" + time + ":" + signature, f"{head}:{time}:{signature[::-1]}", cursor + "x", cursor[:-1],
               f"{head}x:{time}:{signature}", head, "abc", "a:b:c", "9" * 3000, cursor.swapcase()]  # fmt: skip

    for one in altered:
        refused(lambda one=one: mautic.get(f"{LEADS}?limit=1&cursor={quote(one)}"), 400, "invalid-cursor")
    assert mautic.get(f"{LEADS}?limit=1&cursor={quote(cursor)}").status_code == 200


def test_a44_a_cursor_of_another_key_order_or_list(mautic, hubspot, cursor):
    refused(lambda: hubspot.get(f"{LEADS}?cursor={quote(cursor)}"), 400, "invalid-cursor")
    refused(lambda: mautic.get(f"{LEADS}?ordering=updated_at&cursor={quote(cursor)}"), 400, "invalid-cursor")
    refused(lambda: mautic.get(f"/api/v1/endpoints/?cursor={quote(cursor)}"), 400, "invalid-cursor")


def test_a44_a_cursor_of_last_week(mautic, cursor, monkeypatch):
    week = 7 * 24 * 60 * 60
    clock = timezone.now().timestamp()

    monkeypatch.setattr("django.core.signing.time.time", lambda: clock + week - 60)
    assert mautic.get(f"{LEADS}?limit=1&cursor={quote(cursor)}").status_code == 200
    monkeypatch.setattr("django.core.signing.time.time", lambda: clock + week + 60)
    refused(lambda: mautic.get(f"{LEADS}?limit=1&cursor={quote(cursor)}"), 400, "invalid-cursor")


@pytest.mark.parametrize("after", ["abc", "-1", "1.5", "9" * 40, "999999999999", "%00", "1%20"])
def test_a44_a_place_in_the_feed_that_is_none(mautic, lead, after):
    problem = "forbidden-character" if after == "%00" else "invalid-cursor"
    mautic.get("/api/v1/changes/")  # gives the events their places

    refused(lambda: mautic.get(f"/api/v1/changes/?after={after}"), 400, problem)


# --- A45, A46: keys -------------------------------------------------------------------------------------------


def bare(mautic):
    return mautic.headers["Authorization"].removeprefix("Bearer ")


FORGED = {
    "none": lambda key: None,
    "empty": lambda key: "",
    "scheme alone": lambda key: "Bearer",
    "wrong": lambda key: "Bearer wrong",
    "prefix": lambda key: f"Bearer {key[:11]}",
    "one less": lambda key: f"Bearer {key[:-1]}",
    "one more": lambda key: f"Bearer {key}x",
    "NUL behind": lambda key: f"Bearer {key}\x00",
    "swapped case": lambda key: f"Bearer {key.swapcase()}",
    "60 kB": lambda key: "Bearer " + "x" * 60_000,
    "basic": lambda key: "Basic bGY6bGY=",
    "key as basic": lambda key: f"Basic {key}",
    "bare": lambda key: key,
    "JWT none": lambda key: "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    "two": lambda key: f"Bearer {key}, Bearer {key}",
    "sql": lambda key: "Bearer ' OR 1=1--",
    "not ASCII": lambda key: f"Bearer {key}é",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a45_whoever_has_no_key_is_told_one_thing(mautic, lead, forged, method):
    caller, header = Caller(None), forged(bare(mautic))
    caller.headers = {} if header is None else {"Authorization": header}
    calls = {
        "get": lambda: caller.get(f"{LEADS}{lead.pk}/"),
        "post": lambda: caller.post({"email": "ann@buyer.example", "first_name": "Eve"}),
    }

    answer = refused(calls[method], 401, "unauthenticated")

    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["detail"] == "Send a valid key: Authorization: Bearer KEY."


@pytest.mark.parametrize("name", ["api_key", "key", "token", "access_token", "Authorization"])
def test_a45_a_key_in_the_url_is_no_key(mautic, lead, name):
    refused(lambda: Caller(None).get(f"{LEADS}{lead.pk}/?{name}={bare(mautic)}"), 401, "unauthenticated")


def test_a46_a_revoked_key(mautic, lead):
    revoke_keys(ApiKey.objects.all(), at=timezone.now())

    refused(lambda: mautic.post({"email": "ann@buyer.example", "first_name": "Eve"}), 401, "unauthenticated")


def test_a46_an_expired_key(lead, yesterday):
    expired = caller_of("mautic", name="old", expires_at=yesterday)

    refused(lambda: expired.get(f"{LEADS}{lead.pk}/"), 401, "unauthenticated")


CALLS = [
    (method, path) for path, methods in PATHS.items() for method in methods if "/hooks/" not in path
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a46_a_key_without_the_scope(mautic, lead, method, path):
    """Every call of the document, by a key that may do nothing of it."""
    other = Scope.LEADS_READ if "/reports/" in path else Scope.REPORTS_READ
    powerless = caller_of("mautic", name="powerless", scopes=[other])
    url = path.replace("{lead_id}", str(lead.pk)).replace("{endpoint_id}", "1").replace("{delivery_id}", "1")
    url = url.replace("{name}", "funnel")
    call = lambda: powerless.client.generic(  # noqa: E731
        method.upper(), url, "{}" if method != "get" else "", "application/json", headers=powerless.headers
    )

    answer = refused(call, 403, "missing-scope")

    assert "This needs a key with the scope " in answer.json()["detail"]


def test_a46_a_key_of_another_source(lead, hubspot):
    refused(lambda: hubspot.get(f"{LEADS}{lead.pk}/"), 404, "not-found")
    body = {"email": "ann@buyer.example", "source": "mautic"}
    refused(lambda: hubspot.post(body), 403, "foreign-source", {"/source": "foreign-source"})


# --- A47 to A50: headers, methods, the rate -----------------------------------------------------------------------

CLAIMS = {
    "X-Forwarded-For": "127.0.0.1' OR",
    "X-Forwarded-Host": "evil.example",
    "X-HTTP-Method-Override": "DELETE",
    "X-Method-Override": "DELETE",
    "Remote-User": "admin",
    "X-Remote-User": "admin",
    "X-Original-URL": "/admin/",
    "X-Rewrite-URL": "/admin/",
    "Forwarded": "for=127.0.0.1;host=evil.example",
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a47_headers_that_claim_something_are_ignored(mautic, lead, name):
    claim = {name: CLAIMS[name]}

    answer = mautic.post({"email": "new@buyer.example"}, **claim)
    page = mautic.get(f"{LEADS}?limit=1", **claim)

    assert (answer.status_code, page.status_code) == (201, 200)
    assert "evil" not in answer.headers["Location"] + page.content.decode()
    refused(lambda: Caller(None).get(LEADS, **claim), 401, "unauthenticated")


@pytest.mark.parametrize("path", PATHS)
def test_a48_a_method_that_is_not_there(mautic, lead, endpoint, path):
    url = path.replace("{lead_id}", str(lead.pk)).replace("{endpoint_id}", str(endpoint.pk))
    url = url.replace("{delivery_id}", "1").replace("{token}", "x").replace("{name}", "funnel")
    known = {one.upper() for one in PATHS[path]}
    for method in ("TRACE", "PROPFIND", "DELETE", "OPTIONS", "PUT", "CONNECT", "BREW"):
        call = lambda method=method: mautic.client.generic(method, url, headers=mautic.headers)  # noqa: E731
        answer = refused(call, 405, "method-not-allowed")
        assert known <= set(answer.headers["Allow"].split(", ")) <= known | {"HEAD"}


@pytest.mark.parametrize("accept", ["application/xml", "text/html", "text/csv", "image/png", "application/json;q=0"])
def test_a49_answers_come_in_json_only(mautic, lead, accept):
    if accept.endswith("q=0"):
        assert mautic.get(LEADS, Accept=accept).headers["Content-Type"] == "application/json"
    else:
        body = {"email": "ann@buyer.example", "first_name": "Eve"}
        refused(lambda: mautic.post(body, Accept=accept), 406, "not-acceptable")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html, application/json;q=0.5", "application/*"])
def test_a49_whoever_takes_json_gets_it(mautic, accept):
    assert mautic.get(LEADS, Accept=accept).headers["Content-Type"] == "application/json"


def test_a50_the_101st_call_of_a_minute(mautic, lead, monkeypatch):
    monkeypatch.setattr("integrations.api.rate.time.time", lambda: 1_800_000_030)
    ApiKey.objects.update(calls_a_minute=100)

    answers = [mautic.get(f"{LEADS}{lead.pk}/") for _ in range(100)]
    body = {"email": "ann@buyer.example", "first_name": "Eve"}
    one_more = refused(lambda: mautic.post(body), 429, "too-many-requests")

    assert {answer.status_code for answer in answers} == {200}
    assert [answer["RateLimit"] for answer in answers[:2]] == ["default;r=99;t=30", "default;r=98;t=30"]
    assert one_more["Retry-After"] == "30"
    assert one_more["RateLimit"] == "default;r=0;t=30"
    assert one_more["RateLimit-Policy"] == "default;q=100;w=60"

"""A1 to A12: bodies that can be read in two ways or in none, and what is said of their kind."""

import gzip

import pytest
from django.test import RequestFactory

from integrations.api.guard import ApiGuardMiddleware
from tests.integrations.api.catalogue.refusals import contents, refused
from tests.integrations.api.conftest import LEADS

pytestmark = pytest.mark.django_db

OK = b'{"email": "ann@example.com"}'


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b"", "The body is empty; send one JSON object."),
        (b" \n", "The body is empty; send one JSON object."),
        (b'{"email": ', "Expecting value at line 1, column 11."),
        (b'{"email": "ann@exam', "Unterminated string starting at at line 1, column 11."),
        (b'{"email": "a@x.org"} x', "Extra data at line 1, column 22."),
        (b'{"email": "a@x.org"}\n{}', "Extra data at line 2, column 1."),
        (b"{} // done", "Extra data at line 1, column 4."),
        (b'{"a": /* one */ 1}', "Expecting value at line 1, column 7."),
        (b'{"a": 1,}', "at line 1, column"),
        (b"{'a': 1}", "line 1, column 2."),
    ],
    ids=["empty", "blank", "cut in a value", "cut in a text", "trailing garbage", "two documents", "comment after",
         "comment inside", "trailing comma", "single quotes"],
)  # fmt: skip
def test_a01_a_body_that_is_not_json(mautic, lead, raw, detail):
    answer = refused(lambda: mautic.send(raw), 400, "malformed-json")

    assert detail in answer.json()["detail"]


@pytest.mark.parametrize("raw", [b"null", b"42", b'"x"', b"true", b'[{"email": "a@x.org"}]', b"[]"])
def test_a02_a_body_that_is_not_an_object(mautic, lead, raw):
    refused(lambda: mautic.send(raw), 400, "not-an-object")


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999999999", "-1e999999999", "1e-999999999", "1e" + "9" * 22]
)
def test_a03_numbers_that_json_or_the_world_does_not_have(mautic, lead, number):
    refused(lambda: mautic.send(f'{{"email": "ann@buyer.example", "score": {number}}}'), 400, "malformed-json")


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (b'{"email": "a@x.org", "email": "b@x.org"}', "email"),
        (b'{"company": {"name": "A", "name": "B"}}', "name"),
        (b'{"touches": [{"channel": "a", "channel": "b"}]}', "channel"),
        (rb'{"email": "a@x.org", "\u0065mail": "b@x.org"}', "email"),
    ],
)
def test_a04_a_key_that_is_there_twice(mautic, lead, raw, key):
    answer = refused(lambda: mautic.send(raw), 400, "duplicate-key")

    assert answer.json()["detail"] == f'An object has the key "{key}" twice.'


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"first_name":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b"[" * 900_000,
        b'{"a": ' + b"[" * 33 + b"]" * 33 + b"}",
    ],
    ids=["100,000 lists", "50,000 objects", "20,000 in a field", "never closed", "33"],
)
def test_a05_too_deep(mautic, lead, raw):
    answer = refused(lambda: mautic.send(raw), 400, "too-deep")

    assert "more than 32 levels" in answer.json()["detail"]


def test_a05_32_levels_are_not_too_deep(mautic, lead):
    raw = b'{"a":' * 32 + b"1" + b"}" * 32

    refused(lambda: mautic.send(raw), 400, "invalid-fields", {"/a": "unknown-field"})


def guarded(**environ):
    """The guard's answer to a request that no view may see, and of which no byte may be read."""
    request = RequestFactory().post(LEADS)
    request.META |= environ
    request._stream = None  # whoever read from it would raise
    return ApiGuardMiddleware(lambda _request: pytest.fail("it came through"))(request)


@pytest.mark.parametrize("length", ["12000000", "1000001", "9" * 5000])
def test_a06_a_large_body_is_refused_before_it_is_read(length):
    refused(lambda: guarded(CONTENT_LENGTH=length), 413, "too-large")


def test_a06_12_megabytes_that_are_sent_all_the_same(mautic, lead):
    refused(lambda: mautic.send(b'{"email": "' + b"a" * 12_000_000 + b'"}'), 413, "too-large")


@pytest.mark.parametrize("encoding", ["chunked", "gzip, chunked", "identity"])
def test_a07_a_body_without_a_length(encoding):
    refused(lambda: guarded(HTTP_TRANSFER_ENCODING=encoding), 411, "length-required")


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        ("gzip", gzip.compress(OK)),
        ("gzip", gzip.compress(b" " * 500_000_000, compresslevel=1)[:900_000]),
        ("deflate", b"x"),
        ("br", b"x"),
        ("gzip, gzip", b"x"),
    ],
    ids=["gzip", "bomb", "deflate", "brotli", "twice"],
)
def test_a08_a_compressed_body(mautic, lead, encoding, raw):
    refused(lambda: mautic.send(raw, **{"Content-Encoding": encoding}), 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/" + "j" * 3000,
        "nonsense",
        "application/json-patch+json",
    ],
)
def test_a09_a_body_of_another_kind(mautic, lead, content_type):
    send = lambda: mautic.send(OK, content_type=content_type)  # noqa: E731

    answer = refused(send, 415, "unsupported-media-type")

    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        ("application/json; charset=utf-16", OK),
        ("application/json; charset=bogus", OK),
        ("application/json; charset=rot13", OK),
        ("application/json", '{"first_name": "Zoë"}'.encode("utf-16")),
        ("application/json", '{"first_name": "Zoë"}'.encode("utf-32")),
        ("application/json", '{"first_name": "Zoë"}'.encode("latin-1")),
        ("application/json", b'{"first_name": "\xc0\xaf"}'),
        ("application/json", b'{"first_name": "\xed\xa0\x80"}'),
    ],
    ids=["utf-16", "bogus", "rot13", "utf-16 bytes", "utf-32 bytes", "latin-1 byte", "overlong", "surrogate bytes"],
)
def test_a10_a_body_that_is_not_utf8(mautic, lead, content_type, raw):
    refused(lambda: mautic.send(raw, content_type=content_type), 400, "not-utf8")


def test_a10_a_byte_order_mark_is_skipped(mautic):
    assert mautic.send(b"\xef\xbb\xbf" + OK, content_type="application/json; charset=UTF-8").status_code == 201


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (rb'{"first_name": "A\u0000"}', "/first_name"),
        (rb'{"touches": [{}, {"subject": "\u0000"}]}', "/touches/1/subject"),
        (rb'{"a/b~c": "\u0000"}', "/a~1b~0c"),
        (rb'{"\u0000": 1}', "/?"),
        (b'{"first_name": "A\x00"}', ""),
        (b'{"first\x00name": "A"}', ""),
        (b'{"first_name": "A"}\x00', ""),
    ],
    ids=["escaped", "in a list", "pointer", "in a key", "raw", "raw in a key", "raw at the end"],
)
def test_a11_nul(mautic, lead, raw, pointer):
    refused(lambda: mautic.send(raw), 400, "forbidden-character", {pointer: "forbidden-character"})


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (rb'{"first_name": "\ud800"}', "/first_name"),
        (rb'{"company": {"name": "A\udfffB"}}', "/company/name"),
        (rb'{"attributes": {"pain": "\udc00\ud800"}}', "/attributes/pain"),
        (rb'{"\ud800": 1}', "/?"),
    ],
)
def test_a12_half_of_a_surrogate_pair(mautic, lead, raw, pointer):
    refused(lambda: mautic.send(raw), 400, "forbidden-character", {pointer: "forbidden-character"})


def test_a12_a_whole_surrogate_pair_is_one_character(mautic):
    answer = mautic.send(rb'{"email": "ann@example.com", "first_name": "\ud83d\ude00"}')

    assert (answer.status_code, answer.json()["first_name"]) == (201, "\U0001f600")


def test_the_checksum_sees_a_changed_row(lead):
    before = contents()
    lead.first_name = "Bob"
    lead.save(update_fields=["first_name"])

    assert {name for name, digest in contents().items() if digest != before[name]} == {"Lead"}

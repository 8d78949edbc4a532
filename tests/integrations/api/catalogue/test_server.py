"""A51 and A52: bytes that no client library sends, to a real server. What a proxy adds is told in docs/api.md."""

import re
import socket
from contextlib import ExitStack

import pytest
from django.conf import settings
from django.db import connection

from funnel.models import Lead
from integrations.api.parsers import MAX_BYTES
from tests.integrations.api.conftest import caller_of
from tests.web_server import serving

HOST = b"Host: leadflow.example\r\n"
POST = b"POST /api/v1/leads/ HTTP/1.1\r\n" + HOST
HIDDEN = b"GET /livez HTTP/1.1\r\n" + HOST + b"\r\n"
END = b"0\r\n\r\n"


@pytest.fixture(scope="module")
def web():
    """Without a database: nothing that is sent here may come so far that one is asked."""
    with serving(workers=1, DATABASE_URL="sqlite://:memory:", ALLOWED_HOSTS="leadflow.example") as server:
        assert server.ask("GET", "/livez", Host="leadflow.example").status == 200
        yield server


def statuses(raw):
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3})", raw, re.MULTILINE)]


ONE_ANSWER = {
    "length and chunks": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + END + HIDDEN, 400),
    "chunks and length": (
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n" % len(END + HIDDEN) + END + HIDDEN,
        400,
    ),
    "two encodings": (
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + END + HIDDEN,
        400,
    ),
    "unknown encoding": (POST + b"Transfer-Encoding: xchunked\r\n\r\n" + END + HIDDEN, 501),
    "space before the colon": (POST + b"Transfer-Encoding : chunked\r\n\r\n" + END + HIDDEN, 400),
    "two lengths": (POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN, 400),
    "the same length twice": (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}" + HIDDEN, 400),
    "length below zero": (POST + b"Content-Length: -1\r\n\r\n" + HIDDEN, 400),
    "length with a sign": (POST + b"Content-Length: +2\r\n\r\n{}" + HIDDEN, 400),
    "request in a chunk": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n" + END,
        411,
    ),
    "more than is read": (
        POST + b"Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n" + HIDDEN,
        413,
    ),
    "NUL in a header": (POST + b"X-A: a\x00b\r\n\r\n", 400),
    "CR in a header": (POST + b"X-A: a\rb\r\n\r\n", 400),
    "space in a header's name": (POST + b"X A: b\r\n\r\n", 400),
    "header of 64 kB": (POST + b"X-A: " + b"a" * 65536 + b"\r\n\r\n", 431),
    "200 headers": (POST + b"".join(b"X-%d: a\r\n" % number for number in range(200)) + b"\r\n", 431),
    "long request line": (b"GET /api/v1/leads/?q=" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    "no Host": (b"GET /api/v1/leads/ HTTP/1.1\r\n\r\n", 400),
    "foreign Host": (b"GET /api/v1/leads/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
    "two Hosts": (b"GET /api/v1/leads/ HTTP/1.1\r\nHost: evil.example\r\n" + HOST + b"\r\n", 400),
    "to another server": (b"GET http://169.254.169.254/api/v1/leads/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "to another server's page": (b"GET http://169.254.169.254/latest/meta-data/ HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    "unknown version": (b"GET /api/v1/leads/ HTTP/9.9\r\n" + HOST + b"\r\n", 400),
    "no version": (b"GET /api/v1/leads/\r\n\r\n", 400),
    "half a body, then the end": (POST + b"Content-Length: 100\r\n\r\n{", 401),
    "chunk of no length": (POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n" + END + HIDDEN, 411),
    "one more request behind it": (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" + END + HIDDEN, 411),
}


@pytest.mark.parametrize(("sent", "status"), ONE_ANSWER.values(), ids=ONE_ANSWER)
def test_a51_what_can_be_cut_in_two_ways_gets_one_answer(web, sent, status):
    raw = web.raw(sent)

    assert statuses(raw) == [status]
    assert b"alive\n" not in raw  # the request that was hidden inside


def half_sent(port, count, key=b"none"):
    """Connections that have sent half of a body, and say nothing more until the block ends."""
    stack = ExitStack()
    for _ in range(count):
        waiting = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
        authorization = b"Authorization: Bearer " + key + b"\r\n"
        waiting.sendall(POST + authorization + b'Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{"email":')
    return stack


@pytest.mark.django_db(transaction=True)
def test_a52_half_sent_bodies_hold_nobody_up():
    """Whoever has no key is refused before his body is read; whoever has one holds one thread of the four."""
    caller = caller_of("mautic")
    key = caller.headers["Authorization"].removeprefix("Bearer ")
    connection.close()

    with serving(workers=1, ALLOWED_HOSTS="127.0.0.1,leadflow.example") as web:
        with half_sent(web.port, 20), half_sent(web.port, 3, key.encode()):
            answer = web.ask("POST", "/api/v1/leads/", {"email": "ann@example.com"}, **caller.headers)
        after = [web.ask("GET", "/api/v1/leads/", **caller.headers) for _ in range(4)]

    assert answer.status == 201
    assert {one.status for one in after} == {200}
    assert Lead.objects.count() == 1  # of half a body nothing is kept


def test_a52_the_proxy_waits_for_the_whole_body():
    caddy = (settings.BASE_DIR / "deploy" / "Caddyfile").read_text()

    buffered = int(re.search(r"request_buffers (\d+)MB", caddy)[1]) * 1_000_000
    assert buffered > settings.DATA_UPLOAD_MAX_MEMORY_SIZE > MAX_BYTES
    assert re.search(r"read_body \d+s", caddy)

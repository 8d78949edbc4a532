"""The catalogue of bad receivers, W10 to W13: one test for each row, named by it."""

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from integrations.models import Delivery, Endpoint
from integrations.outbound import attempt as attempts
from integrations.outbound import guard
from integrations.outbound.attempt import Request, attempt
from integrations.outbound.fan_out import fan_out
from integrations.outbound.guard import client as guarded
from integrations.outbound.relay import relay
from tests.factories import LeadFactory
from tests.integrations.api.conftest import caller_of
from tests.integrations.outbound.receiver import receiver
from tests.integrations.outbound.sockets import raw_receiver

pytestmark = pytest.mark.django_db(transaction=True)

# What people and attackers write for a machine inside, or for no machine at all.
FORMS = [
    *("http://127.0.0.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/"),
    *("http://0/", "http://0.0.0.0/", "http://localhost/", "http://LOCALHOST./", "http://10.0.0.1/"),
    *("http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/"),
    *("http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/", "http://[::7f00:1]/", "http://[fe80::1%25eth0]/"),
    *("http://[fd00:ec2::254]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fec0::1]/"),
    *("http://user:word@8.8.8.8/", "http://8.8.8.8@127.0.0.1/", "http://8.8.8.8\\@127.0.0.1/"),
    *("http://8.8.8.8:22/", "http://8.8.8.8:6379/", "ftp://8.8.8.8/", "file:///etc/passwd", "gopher://8.8.8.8/"),
    *("http://8.8.8.8 .127.0.0.1/", "http://8.8.8.8:99999/", "http://[::1/", "javascript:alert(1)", "//8.8.8.8/"),
    *("http://１２７.0.0.1/", "http://127。0。0。1/", "http://8.8.8.8/\r\nHost: x"),
]
NAMES = {
    "mixed.example": [["93.184.216.34", "10.0.0.1"]],
    "inside.example": [["192.168.0.7"]],
    "turns.example": [["93.184.216.34"], ["127.0.0.1"]],
}


@pytest.fixture
def start():
    return datetime.now(UTC)


@pytest.fixture
def names(monkeypatch):
    """A name server of our own, and a list of what was connected to."""
    connected, asked = [], []

    def answer(host, port, **_how):
        asked.append(host)
        answers = NAMES.get(host)
        if answers is None:
            return real(host, port, **_how)
        addresses = answers[min(asked.count(host), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    real = socket.getaddrinfo
    monkeypatch.setattr(guard.socket, "getaddrinfo", answer)
    monkeypatch.setattr(socket, "create_connection", lambda address, *_given, **_how: connected.append(address))
    return connected


@pytest.fixture
def deliver(start):
    """One delivery to an address, as the job makes it; answers its row."""

    def send(url, **fields):
        at = start - timedelta(days=3650)
        Endpoint.objects.create(name="E", url=url, secret="whsec_c2VjcmV0", created_at=at, **fields)
        LeadFactory()
        fan_out(now=start)
        relay(clock=lambda: start, until=start + timedelta(seconds=1))
        return Delivery.objects.get()

    return send


@pytest.fixture
def _loopback_is_open(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]


# --- W10 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", FORMS)
def test_w10_an_address_that_may_not_be_called_is_refused_when_it_is_saved(url):
    answer = caller_of("crm").post({"name": "E", "url": url}, "/api/v1/endpoints/")

    assert answer.status_code == 400
    codes = {error["code"] for error in answer.json()["errors"]}
    assert codes <= {"url-not-allowed", "forbidden-character"}, codes
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("url", FORMS)
def test_w10_and_when_it_is_sent_to(deliver, names, url):
    """As if it had come to be there in another way."""
    row = deliver(url)

    assert (row.state, row.status) == ("waiting", None)
    assert row.error
    assert names == []


def test_w10_in_production_plain_http_is_refused(settings):
    caller = caller_of("crm")
    settings.PRODUCTION = True
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]

    answer = caller.post({"name": "E", "url": "http://127.0.0.1/"}, "/api/v1/endpoints/")

    assert answer.status_code == 400
    assert "https://" in answer.json()["errors"][0]["message"]


# --- W11 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", NAMES)
def test_w11_a_name_that_leads_inside_is_never_connected_to(deliver, names, host):
    if host == "turns.example":
        guard.check_url(f"http://{host}/")  # it was saved while it led outside

    row = deliver(f"http://{host}/")

    assert row.error.startswith("Destination not allowed")
    assert names == []


@pytest.mark.usefixtures("_loopback_is_open")
def test_w11_a_redirect_inside_is_not_followed(deliver):
    with receiver() as inside:
        location = {"Location": inside.url}
        with receiver(lambda _number, _headers: 307, headers=location) as there:
            row = deliver(there.url)

    assert (row.state, row.status, row.error) == ("waiting", 307, "It answered 307.")
    assert inside.got == []


# --- W12 ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_loopback_is_open")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 404, 500, 502, 503])
def test_w12_only_2xx_is_a_success(deliver, status):
    with receiver(lambda _number, _headers: status, headers={"Location": "/elsewhere"}) as there:
        row = deliver(there.url)

    assert (row.state, row.status) == ("waiting", status)
    assert len(there.got) == 1


@pytest.mark.usefixtures("_loopback_is_open")
def test_w12_410_disables_the_endpoint(deliver, marketing):
    with receiver(lambda _number, _headers: 410) as there:
        deliver(there.url)

    assert not Endpoint.objects.get().is_active
    assert marketing.notifications.count() == 1


@pytest.mark.usefixtures("_loopback_is_open")
@pytest.mark.parametrize("asked", ["1000000000", "9" * 5000, "-5", "soon", "１２０"])
def test_w12_a_retry_after_is_kept_to_a_day(deliver, start, asked):
    """One that cannot be read, or is not in ASCII, is none."""
    with raw_receiver(
        lambda: iter([f"HTTP/1.1 429 No\r\nRetry-After: {asked}\r\nContent-Length: 0\r\n\r\n".encode()])
    ) as (
        port,
        _,
    ):
        row = deliver(f"http://127.0.0.1:{port}/")

    assert row.status == 429
    wait = row.next_attempt_at - start
    assert wait == timedelta(hours=24) if asked[:3] in {"100", "999"} else wait < timedelta(minutes=1)


@pytest.mark.usefixtures("_loopback_is_open")
def test_w12_an_answer_after_a_minute_comes_too_late(monkeypatch, deliver):
    monkeypatch.setattr(guard, "ANSWER_SECONDS", 0.3)
    with receiver(lambda _number, _headers: "hang", hang_seconds=5) as there:
        row = deliver(there.url)

    assert (row.state, row.status) == ("waiting", None)
    assert "did not answer within" in row.error


def endless(start_of_it):
    def answer():
        yield start_of_it
        while True:
            yield b"x" * 65_536

    return answer


@pytest.mark.usefixtures("_loopback_is_open")
def test_w12_of_a_body_without_an_end_the_beginning_is_read():
    body = endless(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
    with raw_receiver(body) as (port, _), guarded() as http:
        outcome = attempt(http, Request(f"http://127.0.0.1:{port}/", {}, b"{}"))

    assert (outcome.status, len(outcome.answer)) == (200, 1_000)


def drip():
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    for _ in range(50):
        yield b"x"
        time.sleep(0.1)


@pytest.mark.usefixtures("_loopback_is_open")
def test_w12_a_body_that_drips_is_left_in_time(monkeypatch):
    monkeypatch.setattr(attempts, "ANSWER_SECONDS", 0.5)
    with raw_receiver(drip) as (port, _), guarded() as http:
        outcome = attempt(http, Request(f"http://127.0.0.1:{port}/", {}, b"{}"))

    assert outcome.status is None
    assert "did not answer within" in outcome.error


@pytest.mark.usefixtures("_loopback_is_open")
@pytest.mark.parametrize(
    "beginning", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, b"garbage", b""]
)
def test_w12_headers_without_an_end_are_a_failure(beginning):
    answer = endless(beginning) if beginning.endswith(b"X: ") else (lambda: iter([beginning]))
    with raw_receiver(answer) as (port, _), guarded() as http:
        outcome = attempt(http, Request(f"http://127.0.0.1:{port}/", {}, b"{}"))

    assert outcome.status is None
    assert outcome.error.startswith("The connection broke")


@pytest.mark.usefixtures("_loopback_is_open")
@pytest.mark.parametrize(("host", "status"), [("right.example", 200), ("wrong.example", None)])
def test_w12_a_certificate_of_another_name_is_a_failure(monkeypatch, host, status):
    certificate = Path(__file__).parent / "outbound/right_example.pem"

    def trusting(**_how):
        return ssl.create_default_context(cafile=certificate)

    monkeypatch.setattr(httpx, "create_ssl_context", trusting)
    monkeypatch.setattr(guard, "resolve", lambda _host, _port: "127.0.0.1")
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    with raw_receiver(lambda: iter([ok]), certificate=certificate) as (port, _), guarded() as http:
        outcome = attempt(http, Request(f"https://{host}:{port}/", {}, b"{}"))

    assert outcome.status == status
    assert bool(outcome.error) == (status is None)


# --- W13 ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_loopback_is_open")
def test_w13_of_an_answer_one_kilobyte_is_kept_and_shown_as_text(deliver, marketing_client, rep_client):
    said = b"<script>alert(1)</script>\x00 password=hunter2 " + b"x" * 5_000
    with receiver(lambda _number, _headers: 500, body=lambda _got: said) as there:
        row = deliver(there.url)

    assert len(row.answer) == 1_000
    address = f"/endpoints/{row.endpoint_id}/deliveries/{row.pk}/"
    page = marketing_client.get(address).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "x" * 1_001 not in page
    assert rep_client.get(address).status_code == 403


@pytest.mark.usefixtures("_loopback_is_open")
def test_w13_the_api_does_not_show_answers(deliver):
    caller = caller_of("crm")
    with receiver(lambda _number, _headers: 500, body=lambda _got: b"password=hunter2") as there:
        row = deliver(there.url)
    Endpoint.objects.update(source="crm")

    answer = caller.get(f"/api/v1/endpoints/{row.endpoint_id}/deliveries/")

    assert answer.json()["results"][0]["status"] == 500
    assert "hunter2" not in answer.content.decode()

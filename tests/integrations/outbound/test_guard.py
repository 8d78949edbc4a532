"""The door to other servers: whatever an address is called, nothing private is ever connected to."""

import socket

import httpx
import pytest

from integrations.outbound import guard
from integrations.outbound.attempt import Request, attempt
from integrations.outbound.guard import UrlNotAllowed, check_url, client, is_allowed
from tests.integrations.outbound.receiver import receiver

PRIVATE = [
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),  # noqa: S104  # refused, not bound to
    *("100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1"),
    *("255.255.255.255", "192.88.99.1", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "fe80::1"),
    *("fe80::1%eth0", "fc00::1", "fd00::1", "fec0::1", "ff02::1", "2001:db8::1", "2002:7f00:1::", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "2001::1", "3fff::1"),
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::200e"]

# As people and attackers write one and the same machine of ours.
SPELLINGS = [
    *("http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/", "http://0/", "http://[::1]/"),
    *("http://[::ffff:127.0.0.1]/", "http://localhost/", "http://LOCALHOST./", "http://127.0.0.1.:80/"),
    *("http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_may_be_called(address):
    assert not is_allowed(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_world_may_be_called(address):
    assert is_allowed(address)


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_our_own_machine_can_be_saved(url):
    with pytest.raises(UrlNotAllowed):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "//example.com", "file:///etc/passwd", "gopher://example.com", "javascript:alert(1)"),
        *("http://user@example.com/", "http://user:word@example.com/", "http://example.com\\@127.0.0.1/"),
        *("http://exa mple.com/", "http://example.com:99999/", "http://[::1/", f"http://example.com/{'x' * 600}"),
        *("http://example.com/\x00", "http:///nothing", "ftp://example.com/"),
    ],
)
def test_what_is_no_address_of_the_web_cannot_be_saved(url):
    with pytest.raises(UrlNotAllowed):
        check_url(url)


def names(monkeypatch, **known):
    """A name server of our own: each name has the addresses it answers, one answer after the other."""
    asked = []

    def answer(host, port, **_how):
        asked.append(host)
        answers = known[host.replace(".", "_")]
        addresses = answers[min(asked.count(host), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(guard.socket, "getaddrinfo", answer)
    return asked


def test_a_name_with_one_private_address_among_its_own_is_refused(monkeypatch):
    names(monkeypatch, mixed_example=[["93.184.216.34", "10.0.0.1"]])

    with pytest.raises(UrlNotAllowed, match="not open to the world"):
        check_url("http://mixed.example/")


def test_a_name_that_is_not_known_is_refused(monkeypatch):
    def unknown(*_args, **_how):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(guard.socket, "getaddrinfo", unknown)

    with pytest.raises(UrlNotAllowed, match="not known"):
        check_url("http://nowhere.example/")


def test_a_name_that_changes_its_mind_after_it_was_saved_leads_nowhere(monkeypatch):
    names(monkeypatch, turns_example=[["93.184.216.34"], ["127.0.0.1"]])
    check_url("http://turns.example/")

    with client() as http:
        outcome = attempt(http, Request("http://turns.example/", {}, b"{}"))

    assert outcome.status is None
    assert outcome.error.startswith("Destination not allowed")


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(monkeypatch):
    """Asked once: there is no second answer that could differ."""
    asked = names(monkeypatch, once_example=[["10.0.0.1"], ["93.184.216.34"]])

    with client() as http:
        attempt(http, Request("http://once.example/", {}, b"{}"))

    assert asked == ["once.example"]


@pytest.mark.parametrize("port", [22, 25, 6379, 5432])
def test_ports_of_other_services_are_refused(monkeypatch, port):
    names(monkeypatch, host_example=[["93.184.216.34"]])

    with pytest.raises(UrlNotAllowed, match="port"):
        check_url(f"http://host.example:{port}/")


def test_in_production_only_https_is_called(monkeypatch, settings):
    names(monkeypatch, host_example=[["93.184.216.34"]])
    settings.PRODUCTION = True

    with pytest.raises(UrlNotAllowed, match="https"):
        check_url("http://host.example/")
    check_url("https://host.example/")


def test_a_network_that_was_opened_may_be_called(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    check_url("http://127.0.0.1:9999/")

    with pytest.raises(UrlNotAllowed):
        check_url("http://10.0.0.1/")


def test_no_redirect_is_followed(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with receiver(lambda _number, _headers: 302, headers={"Location": "http://10.0.0.1/"}) as there, client() as http:
        outcome = attempt(http, Request(there.url, {}, b"{}"))

    assert (outcome.status, outcome.error) == (302, "It answered 302.")
    assert len(there.got) == 1


def test_a_receiver_that_never_answers_is_left_in_time(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with receiver(lambda _number, _headers: "hang", hang_seconds=3) as there, client() as http:
        http.timeout = httpx.Timeout(0.3)
        outcome = attempt(http, Request(there.url, {}, b"{}"))

    assert outcome.status is None
    assert "did not answer" in outcome.error


def test_the_environment_names_no_proxy_for_it(monkeypatch, settings):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with receiver() as there, client() as http:
        outcome = attempt(http, Request(there.url, {}, b"{}"))

    assert outcome.is_success

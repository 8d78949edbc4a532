"""The one door through which LeadFlow calls other servers: never into a private network, whatever a name resolves to.

The address is resolved once, checked, and connected to as checked; so a name that changes its mind in between, a
redirect or an odd spelling of 127.0.0.1 leads nowhere. `WEBHOOK_NETWORKS` opens private networks that are meant.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = frozenset({80, 443, 8080, 8443})
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0

# Of IPv6 only what is given to networks of the world, and none of what carries an IPv4 address inside.
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")
_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("192.88.99.0/24", "192.0.0.0/24", "100.64.0.0/10"),
        *("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20", "64:ff9b::/96", "64:ff9b:1::/48"),
    )
)


class NotAllowed(httpcore.ConnectError):
    """The destination is none that LeadFlow may call."""


class UrlNotAllowed(ValueError):
    """An address that cannot be an endpoint's; the sentence says what to change."""


def is_allowed(address: str) -> bool:
    """Whether this IP address may be connected to."""
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip.version == 6 and ip not in _GLOBAL_V6:
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not _within(ip, _REFUSED)


def is_ours(address: str) -> bool:
    """Whether it lies in a private network that the installation has opened."""
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    return _within(ip, (ipaddress.ip_network(network) for network in settings.WEBHOOK_NETWORKS))


def _within(ip: Address, networks: Iterable[Network]) -> bool:
    return any(ip.version == network.version and ip in network for network in networks)


def check_url(url: str) -> None:
    """Raises UrlNotAllowed for what would not be called, as far as that can be told now."""
    parts = check_form(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        resolve(parts.hostname or "", port)
    except NotAllowed as refused:
        raise UrlNotAllowed(f"This address cannot be called: {refused}.") from refused


def check_form(url: str) -> Any:
    """The parts of an address that is one of the web; asks nobody. Raises UrlNotAllowed."""
    parts = _parts(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and not settings.PRODUCTION):
        raise UrlNotAllowed("Give an address that begins with https://.")
    if parts.username or parts.password or "@" in parts.netloc:
        raise UrlNotAllowed("Give the address without a name or password in it: deliveries are signed.")
    return parts


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UrlNotAllowed("This is not an address of the web.") from error
    strange = any(one.isspace() or one in "\\\x00" or not one.isprintable() for one in url)
    if strange or not parts.hostname or len(url) > 500:
        raise UrlNotAllowed("This is not an address of the web.")
    return parts


def resolve(host: str, port: int) -> str:
    """An IP address of the host, where all that it has may be called. Raises NotAllowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotAllowed("its name is not known") from error
    addresses = [str(one[4][0]) for one in found]
    if addresses and all(map(is_ours, addresses)):
        return addresses[0]
    if not addresses or not all(map(is_allowed, addresses)):
        raise NotAllowed("it lies in a network that is not open to the world")
    if port not in PORTS:
        raise NotAllowed(f"port {port} is not one of {', '.join(map(str, sorted(PORTS)))}")
    return addresses[0]


class _CheckedBackend(httpcore.SyncBackend):
    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        return super().connect_tcp(resolve(host, port), port, *args, **kwargs)


class _CheckedTransport(httpx.HTTPTransport):
    def __init__(self) -> None:
        super().__init__(trust_env=False, retries=0)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            network_backend=_CheckedBackend(),
            max_connections=64,
            keepalive_expiry=15.0,
        )


def client() -> httpx.Client:
    """Connects to checked addresses alone, follows no redirect, knows no proxy. Close it after use."""
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(transport=_CheckedTransport(), follow_redirects=False, trust_env=False, timeout=timeout)

"""How fast webhooks go out to a receiver that needs 50 ms, alone and beside one whose connections hang."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from http.client import HTTPConnection

from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.principals import SYSTEM
from benchmarks.figures import Figure
from funnel.inputs import LeadInput
from funnel.services.receive import receive_leads
from integrations.models import Delivery, Endpoint
from integrations.services.exchange import send_webhooks

EVENTS = 400
ROUND = timedelta(seconds=8)  # as long as the task's
SECRET = "whsec_" + "c2VjcmV0IG9mIGEgbWVhc3VyZW1lbnQ="  # of nobody
BACKLOG_FILLED_BY = 8


def measure() -> Iterator[Figure]:
    with override_settings(WEBHOOK_NETWORKS=["127.0.0.0/8"]), _receiver() as port, _hanging() as dead:
        sound = _endpoint("sound", port)
        alone = _rate(port, sound, first=0)
        _endpoint("dead", dead)
        beside = _rate(port, sound, first=EVENTS)
    yield Figure("webhooks to a receiver of 50 ms", alone, "/s", goal=40, at_least=True, note=f"{EVENTS:,} of them")
    yield Figure("the same beside a dead endpoint", beside, "/s", note="whose connections hang")
    yield Figure("slower by", max(0.0, 1 - beside / alone) * 100, "%", goal=20)


def _rate(port: int, endpoint: Endpoint, *, first: int) -> float:
    """Deliveries a second from the first to the last, in rounds like the task's, each as soon as the last has ended."""
    inputs = [LeadInput(source="benchmark", external_id=str(first + number)) for number in range(EVENTS)]
    receive_leads(inputs, by=SYSTEM, at=timezone.now())
    while True:
        send_webhooks(clock=timezone.now, until=timezone.now() + ROUND)
        if not Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.WAITING).exists():
            break
    with closing(HTTPConnection("127.0.0.1", port)) as http:
        http.request("GET", "/")
        told = json.loads(http.getresponse().read())
    if told["came"] != EVENTS:
        raise RuntimeError(f"{told['came']} of {EVENTS} webhooks came: there is nothing to measure.")
    return (EVENTS - 1) / float(told["lasted"])


def _endpoint(name: str, port: int) -> Endpoint:
    Webhook(SECRET)  # raises for one that could not sign
    return Endpoint.objects.create(
        name=name, url=f"http://127.0.0.1:{port}/hook", secret=SECRET, created_at=timezone.now()
    )


@contextmanager
def _receiver() -> Iterator[int]:
    """The port of one in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.receiver"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


@contextmanager
def _hanging() -> Iterator[int]:
    """The port of a server that accepts nothing and whose queue is full: whoever connects waits."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = []
        for _ in range(BACKLOG_FILLED_BY):
            one = socket.socket()
            one.setblocking(False)  # noqa: FBT003  # the socket's own signature
            one.connect_ex(server.getsockname())
            waiting.append(one)
        try:
            yield server.getsockname()[1]
        finally:
            for one in waiting:
                one.close()

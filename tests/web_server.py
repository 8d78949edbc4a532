"""A real gunicorn on the test's database, as in production but for HTTPS, whose workers can be killed."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from leadflow.management.commands.serve import GUNICORN, WEB_DEFAULTS
from tests.leadflow.servers import Answer, free_port, wait_for_port
from tests.processes import ROOT, database_url


@dataclass
class WebServer:
    port: int
    master: subprocess.Popen

    def workers(self):
        children = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_a_worker(self, rng):
        """As a power cut would, whatever it is at. The master starts another."""
        if workers := self.workers():
            os.kill(rng.choice(workers), signal.SIGKILL)

    def ask(self, method, path, body=None, **headers):
        """The answer, read to its end; none where the connection broke before."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, raw, {"Content-Type": "application/json"} | headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def raw(self, data, *, then_close=True):
        """All that comes back for these bytes, until the server closes or is silent for two seconds."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.sendall(data)
            if then_close:
                connection.shutdown(socket.SHUT_WR)
            parts = []
            try:
                while part := connection.recv(65536):
                    parts.append(part)
            except (TimeoutError, ConnectionResetError):
                pass
        return b"".join(parts)


@contextmanager
def serving(*, workers=2, **variables):
    """`variables` of the environment differ from those of the test, `DATABASE_URL` from its database."""
    port = free_port()
    environment = os.environ | WEB_DEFAULTS | {"DATABASE_URL": database_url(), "WEB_CONCURRENCY": str(workers)}
    command = [sys.executable, "-m", "gunicorn", "leadflow.wsgi", "--bind", f"127.0.0.1:{port}", *GUNICORN]
    master = subprocess.Popen(
        [*command, "--log-level", "critical"], cwd=ROOT, env=environment | variables, stderr=subprocess.DEVNULL
    )
    try:
        wait_for_port(port, master)
        yield WebServer(port, master)
    finally:
        master.terminate()
        master.wait(timeout=60)


class Faults:
    """One fault after the other, each when so many more calls were acknowledged; the other callers are at work then.

    By what is done, not by the clock: a slow machine gets as many faults as a quick one, and comes to an end.
    """

    def __init__(self, *actions, every, seed):
        self.actions, self.every = actions, every
        self.rng = random.Random(seed)  # the same faults each time
        self.acknowledged = self.done = 0
        self._lock = threading.Lock()

    def one_more(self):
        with self._lock:
            self.acknowledged += 1
            if self.acknowledged % self.every == 0:
                self.actions[self.done % len(self.actions)](self.rng)
                self.done += 1

    def until_acknowledged(self, send, *, seconds=300):
        """The first answer 2xx, however often it has to be sent; to be refused for good is an error."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = send()
            if answer is not None and 200 <= answer.status < 300:
                self.one_more()
                return answer
            assert answer is None or answer.status in {409, 503}, answer
            time.sleep(0.1)
        raise AssertionError(f"not acknowledged within {seconds} s")

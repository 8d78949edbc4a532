"""How long a file of all leads takes, and how much memory it holds."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

from django.test import Client

from accounts.files import FORMATS
from accounts.models import User
from accounts.roles import Role
from benchmarks.crowd import Crowd
from benchmarks.figures import Figure, seconds_of

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def measure(crowd: Crowd) -> Iterator[Figure]:
    marketer = User.objects.create(name="Mona", email="mona@marketing.example", role=Role.MARKETING)
    client = Client(SERVER_NAME="localhost")
    client.force_login(marketer)
    _Download(client, "csv", "?stage=won").take()  # what is loaded once is not the file's
    for name, kind in FORMATS.items():
        download = _Download(client, name)
        begin = process_time()
        took = seconds_of(download.take)
        sent = f"{download.bytes / 1_000_000:,.0f} MB, the first of them after {download.first_after * 1000:,.0f} ms"
        note = f"{process_time() - begin:.1f} s CPU; {sent}"
        yield Figure(f"{crowd.leads:,} leads as {kind.label}", took, "s", goal=crowd.leads / 5_000, note=note)
        yield Figure(f"{crowd.leads:,} leads as {kind.label}, memory", download.grown / 1_000_000, "MB", goal=50)


class _Download:
    """`grown`: by how many bytes the process was larger at most while the file was sent."""

    def __init__(self, client: Client, name: str, query: str = "?") -> None:
        self._client, self._address = client, f"/exports/leads/{query}&format={name}"
        self.bytes = self.grown = 0
        self.first_after: float = 0

    def take(self) -> None:
        before, begin = _resident(), perf_counter()
        answer = self._client.get(self._address)
        if answer.status_code != 200:
            raise RuntimeError(f"The file was answered {answer.status_code}: there is nothing to measure.")
        self.first_after = self.bytes = 0
        for piece in answer.streaming_content:
            self.first_after = self.first_after or perf_counter() - begin
            self.bytes += len(piece)
            self.grown = max(self.grown, _resident() - before)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES

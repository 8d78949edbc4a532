"""Several programs as one: they start together, and when one ends or a stop signal comes they all stop."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
POLL_SECONDS = 0.1
PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


@dataclass(frozen=True)
class Program:
    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Running:
    name: str
    process: subprocess.Popen[bytes]

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None


def end_with(parent: int) -> None:
    """Let this process get SIGTERM when its parent ends, even a killed one. On Linux only."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the line above
        os._exit(1)


def run_together(
    programs: Sequence[Program],
    *,
    grace_seconds: float,
    is_ready: Callable[[], bool],
    on_ready: Callable[[], None],
    on_death: Callable[[str, int], None],
) -> int:
    """Run the programs until a stop signal comes or one of them ends; then stop the rest.

    `on_ready` is called once, as soon as `is_ready` says so. Returns 0 after a stop signal and 1 after
    `on_death(name, exit code)`. A second stop signal ends the wait for programs that take their time.
    """
    with _stop_signals() as received:
        running = [_start(program) for program in programs]
        try:
            dead = _watch(running, received, is_ready, on_ready)
            if dead:
                on_death(dead.name, dead.process.returncode)
        finally:
            _stop(running, received, grace_seconds)
    return 1 if dead else 0


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Collect stop signals in the list instead of dying of them."""
    received: list[int] = []
    before = {number: signal.signal(number, lambda number, _: received.append(number)) for number in STOP_SIGNALS}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _start(program: Program) -> Running:
    process = subprocess.Popen(
        program.command,
        stdin=subprocess.DEVNULL,
        process_group=0,  # the terminal's Ctrl-C reaches only the launcher, which stops the children in order
        preexec_fn=partial(end_with, os.getpid()),  # noqa: PLW1509 - safe: the launcher has one thread
    )
    return Running(program.name, process)


def _watch(
    running: Sequence[Running],
    received: list[int],
    is_ready: Callable[[], bool],
    on_ready: Callable[[], None],
) -> Running | None:
    """The program that ended by itself, or None once a stop signal was received."""
    announced = False
    while not received:
        dead = next((one for one in running if not one.is_alive), None)
        if dead:
            return dead
        if not announced and is_ready():
            announced = True
            on_ready()
        time.sleep(POLL_SECONDS)
    return None


def _stop(running: Sequence[Running], received: list[int], grace_seconds: float) -> None:
    """Ask each program to stop, its parent process first; what remains after the grace is killed."""
    received_before = len(received)
    for one in running:
        if one.is_alive:
            one.process.terminate()
        else:
            _signal_group(one, signal.SIGTERM)  # what a killed program left behind, such as celery's beat
    deadline = time.monotonic() + grace_seconds
    while any(one.is_alive for one in running) and time.monotonic() < deadline and len(received) == received_before:
        time.sleep(POLL_SECONDS)
    for one in running:
        _signal_group(one, signal.SIGKILL)
        one.process.wait()


def _signal_group(one: Running, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # nobody of the group is left, which is the aim
        os.killpg(one.process.pid, number)

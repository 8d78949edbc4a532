"""Processes that work in turn: each writes the rows of one chunk while the next is made ready.

An import needs about as much of the processor in Python as in the database; one process would let either wait.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import cycle
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from django.db import connections

from integrations.files.errors import FileError

LANES = 3  # one more than a small machine has processors: at any moment one of them waits for the database

Note = TypeVar("Note")
Given = TypeVar("Given")
Result = TypeVar("Result")

# What a lane does with what it is given: there when it was forked, for it need not be one that can be sent.
_work: Callable[[Any], Any] | None = None


def can_fork() -> bool:
    """Elsewhere a process that has threads must not be copied."""
    return sys.platform == "linux"


class Lanes(Generic[Note, Given, Result]):
    """Calls `work` in one process after the other. Each has its own connection to the database.

    The results come in the order of what was given, each with its note, as does what `work` raises. Raises FileError
    where a process was killed. Those that are left end with this one, however it ends.
    """

    def __init__(self, work: Callable[[Given], Result]) -> None:
        global _work  # noqa: PLW0603
        _work = work
        connections.close_all()  # two processes must not talk through one
        fork = multiprocessing.get_context("fork")
        self._lanes = [ProcessPoolExecutor(1, mp_context=fork, initializer=_begin) for _ in range(LANES)]
        for lane in self._lanes:
            lane.submit(int).result()  # forked now, before a connection is opened again
        self._next = cycle(self._lanes)
        self._waiting: deque[tuple[Note, Future[Result]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for lane in self._lanes:
            lane.shutdown()

    def give(self, note: Note, given: Given) -> None:
        self._waiting.append((note, next(self._next).submit(_do, given)))

    def done(self) -> Iterator[tuple[Note, Result]]:
        """What has to be finished before more is given."""
        while len(self._waiting) > LANES:
            yield self._first()

    def rest(self) -> Iterator[tuple[Note, Result]]:
        """What was given and not told of yet. What went wrong with one is raised after all the others."""
        wrong: Exception | None = None
        while self._waiting:
            try:
                done = self._first()
            except Exception as error:  # noqa: BLE001  # raised below
                wrong = wrong or error
            else:
                yield done
        if wrong:
            raise wrong

    def _first(self) -> tuple[Note, Result]:
        """It waits its turn until its result is there: whoever interrupts that finds it among the rest."""
        note, future = self._waiting[0]
        try:
            result = future.result()
        except Exception as error:
            self._waiting.popleft()
            if isinstance(error, BrokenProcessPool):
                raise FileError("A process that wrote rows was killed; its last rows were not written.") from error
            raise
        self._waiting.popleft()
        return note, result


def _begin() -> None:
    """Ctrl-C is the parent's to answer: it waits for what is being written. Whoever has no parent any more ends."""
    for inherited in connections.all(initialized_only=True):
        del connections[inherited.alias]  # forgotten, not closed: it is the parent's
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _do(given: Any) -> Any:
    assert _work is not None
    return _work(given)

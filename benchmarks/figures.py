"""What was measured, beside what it should be."""

import platform
import sqlite3
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from os import cpu_count
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

import django
from django.db import connection


@dataclass(frozen=True)
class Figure:
    """`goal` is in the unit of `value`; without one it is there to compare with. `note` says what else is known.

    The goal is the most that the value may be, or the least where it says how much is done in a time.
    """

    what: str
    value: float
    unit: str
    goal: float | None = None
    note: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.goal is None or (self.value >= self.goal if self.at_least else self.value <= self.goal)

    def cells(self) -> tuple[str, ...]:
        goal = "" if self.goal is None else f"{'≥' if self.at_least else '≤'} {self.goal:,g} {self.unit}".strip()
        remarks = [self.note] if self.note else []
        if not self.met:
            remarks.insert(0, "missed")
        return self.what, f"{self.value:.3g} {self.unit}".strip(), goal, "; ".join(remarks)


HEADINGS = ("measured", "result", "goal", "")


@dataclass(frozen=True)
class Times:
    """Seconds of the same thing done several times; `cpu`: those in which this process did something itself."""

    seconds: Sequence[float]
    cpu: Sequence[float] = ()

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def p95(self) -> float:
        return quantiles(self.seconds, n=20, method="inclusive")[-1]

    def spread(self) -> str:
        return f"p95 {self.p95 * 1000:.0f} ms, of the median {median(self.cpu) * 1000:.0f} ms CPU"

    def typical(self) -> str:
        return f"median {self.median * 1000:.0f} ms, {median(self.cpu) * 1000:.0f} ms of it CPU"


def times_of(call: Callable[[], object], *, repeat: int, warm_up: int = 0) -> Times:
    for _ in range(warm_up):
        call()
    seconds, cpu = [], []
    for _ in range(repeat):
        begin = process_time()
        seconds.append(seconds_of(call))
        cpu.append(process_time() - begin)
    return Times(seconds, cpu)


def seconds_of(call: Callable[[], object]) -> float:
    begin = perf_counter()
    call()
    return perf_counter() - begin


def cpu_seconds_of(call: Callable[[], object]) -> float:
    """Of this process, whatever else the machine does meanwhile."""
    begin = process_time()
    call()
    return process_time() - begin


@dataclass
class Statements:
    """What a call asked of the database."""

    count: int = 0
    seconds: float = 0.0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        begin = perf_counter()
        try:
            return execute(*statement)
        finally:
            self.count += 1
            self.seconds += perf_counter() - begin


def statements_of(call: Callable[[], object]) -> Statements:
    statements = Statements()
    with connection.execute_wrapper(statements):
        call()
    return statements


def as_text(figures: Sequence[Figure]) -> str:
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def as_markdown(figures: Sequence[Figure]) -> str:
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def surroundings() -> str:
    """The machine and the versions, in a sentence."""
    day = datetime.now(UTC).date()
    versions = f"Python {sys.version.split()[0]}, Django {django.__version__}, {_database()}"
    return f"{day}: {cpu_count()} CPUs ({platform.machine()}), {versions}."


def _database() -> str:
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"

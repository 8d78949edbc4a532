"""Runs what was asked for, each in a database of its own."""

from collections.abc import Collection, Iterator
from pathlib import Path

from django.utils import timezone

from benchmarks import attribution, imports, queue, sweep
from benchmarks.crowd import gather
from benchmarks.databases import empty_database
from benchmarks.document import write_section
from benchmarks.figures import Figure, as_text, surroundings


def run(names: Collection[str], *, leads: int, olist: Path | None, write: bool) -> int:
    """1 where a goal was missed."""
    figures = list(_figures(names, leads=leads, olist=olist))
    print(f"{surroundings()}\n\n{as_text(figures)}")
    if write:
        write_section(figures)
    return 0 if all(figure.met for figure in figures) else 1


def _figures(names: Collection[str], *, leads: int, olist: Path | None) -> Iterator[Figure]:
    if "import" in names:
        yield from imports.measure(olist)
    if "attribution" in names:
        yield from attribution.measure()
    if {"queue", "disposition", "sweep"} & set(names):
        with empty_database():
            yield from _among_many(names, leads)


def _among_many(names: Collection[str], leads: int) -> Iterator[Figure]:
    now = timezone.now()
    crowd = gather(leads, now=now)
    if "queue" in names:
        yield from queue.measure_queue(crowd)
    if "sweep" in names:
        yield from sweep.measure(crowd, now=now)
    if "disposition" in names:
        yield from queue.measure_disposition(crowd)

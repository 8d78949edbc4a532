"""Runs what was asked for, each in a database of its own."""

from collections.abc import Collection, Iterator
from pathlib import Path

from django.utils import timezone

from benchmarks import api, attribution, desk, export, import_touches, imports, relay, reports, sweep
from benchmarks.crowd import CrowdOfAnotherSize, crowd_of
from benchmarks.databases import own_database
from benchmarks.document import write_section
from benchmarks.figures import Figure, as_text, surroundings
from leadflow.warm import warm_up

# What comes in, among the leads that an import has brought.
INGEST = ("import-touches", "api", "bulk")
ON_THEIR_OWN = (*INGEST, "relay")


def run(names: Collection[str], *, leads: int, keep: bool, olist: Path | None, write: bool) -> int:
    """1 where a goal was missed."""
    try:
        figures = list(_figures(names, leads=leads, keep=keep, olist=olist))
    except CrowdOfAnotherSize as other:
        print(other)
        return 1
    print(f"{surroundings()}\n\n{as_text(figures)}")
    if write:
        write_section(figures)
    return 0 if all(figure.met for figure in figures) else 1


def _figures(names: Collection[str], *, leads: int, keep: bool, olist: Path | None) -> Iterator[Figure]:
    if "import" in names:
        yield from imports.measure(olist)
    if "attribution" in names:
        yield from attribution.measure()
    if set(names) - {"import", "attribution", *ON_THEIR_OWN}:
        with own_database(keep=keep):
            yield from _among_many(names, leads)
    if set(INGEST) & set(names):
        with own_database():
            yield from import_touches.measure(leads)
            yield from api.measure(names, leads)
    if "relay" in names:
        with own_database():
            yield from relay.measure()


def _among_many(names: Collection[str], leads: int) -> Iterator[Figure]:
    now = timezone.now()
    crowd = crowd_of(leads, now=now)
    warm_up()  # as a web process begins
    if "queue" in names:
        yield from desk.measure_queue(crowd)
    if "search" in names:
        yield from desk.measure_search(crowd)
    if "team" in names:
        yield from desk.measure_team(crowd)
    if "sweep" in names:
        yield from sweep.measure(crowd, now=now)
    if "export" in names:
        yield from export.measure(crowd)
    if "reports" in names:
        yield from reports.measure(crowd, now=now)
    if "disposition" in names:
        yield from desk.measure_disposition(crowd)

"""The section of docs/performance.md for the database at hand."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

from benchmarks.figures import Figure, as_markdown, surroundings

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "performance.md"


def write_section(figures: Sequence[Figure]) -> None:
    begin, end = (f"<!-- {which} {connection.vendor} -->" for which in ("begin", "end"))
    text = DOCUMENT.read_text()
    if begin not in text or end not in text:
        raise RuntimeError(f"{DOCUMENT.name} has no place for these figures: “{begin}” and “{end}”.")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    DOCUMENT.write_text(f"{before}{begin}\n{surroundings()}\n\n{as_markdown(figures)}\n{end}{after}")

"""docs/lifecycle.md, written from the table in `funnel.lifecycle`. Pure."""

from itertools import groupby

from funnel.lifecycle import TRANSITIONS, Need, Party, Stage, Transition

_HEADER = """# The lifecycle of a lead

Generated from `funnel/lifecycle.py` by `python manage.py lifecycle_diagram`; `make check` fails when it differs.

```mermaid
stateDiagram-v2
    [*] --> inquiry
"""


def lifecycle_page() -> str:
    """The page as Markdown: a diagram, the table of moves, and the undo that stands outside it."""
    lines = [f"    {old} --> {new}: {moves}" for (old, new), moves in _arrows().items()]
    rows = [_table_row(row) for row in TRANSITIONS]
    return (
        f"{_HEADER}{chr(10).join(lines)}\n```\n\n"
        "| move | from | to | who may | needs |\n|---|---|---|---|---|\n"
        f"{chr(10).join(rows)}\n"
        f"| undo | any | the stage before | {Party.AUTHOR} | {Need.RECENT} |\n\n"
        "A manager may do in his subtree all that sales may; an admin anything in the table, with a reason.\n"
    )


def _arrows() -> dict[tuple[Stage, Stage], str]:
    def pair(row: Transition) -> tuple[Stage, Stage]:
        return row.old, row.new

    ordered = sorted(TRANSITIONS, key=lambda row: (list(Stage).index(row.old), list(Stage).index(row.new)))
    return {ends: ", ".join(row.move for row in rows) for ends, rows in groupby(ordered, key=pair)}


def _table_row(row: Transition) -> str:
    who = " or ".join(sorted(row.by))
    needs = "; ".join(row.needs) or "–"
    return f"| {row.move} | {row.old.label} | {row.new.label} | {who} | {needs} |"

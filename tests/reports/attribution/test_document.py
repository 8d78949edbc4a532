"""The worked example of docs/attribution.md is what the code answers."""

import io
import textwrap
from pathlib import Path

from django.conf import settings

from reports.attribution.answer import answer, as_table
from reports.attribution.credit import MODELS, credit
from reports.attribution.paths import read_paths

DOCUMENT = (Path(settings.BASE_DIR) / "docs" / "attribution.md").read_text()


def block(first):
    """The indented lines from one that begins so."""
    _, begin, rest = DOCUMENT.partition(f"    {first}")
    lines = (begin + rest).splitlines()
    end = next(number for number, line in enumerate(lines) if line and not line.startswith("    "))
    return textwrap.dedent("\n".join(lines[:end])).strip()


def test_the_worked_example_is_computed():
    read = read_paths(io.StringIO(block("path,total_conversions")))

    answered = answer(read.journeys, credit(read.journeys, "markov"), model="markov", digits=2, parameters={})

    assert as_table(answered).strip() == block("markov: conversions")


def test_every_model_has_its_rule():
    assert [model for model in MODELS if f"| `{model}` |" not in DOCUMENT] == []

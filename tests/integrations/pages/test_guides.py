"""The guides of the pages say what docs/integrations says."""

import re
from pathlib import Path

import pytest

from integrations.models import Source
from integrations.pages.guides import GUIDES

DOCS = Path(__file__).resolve().parents[3] / "docs" / "integrations"
PAGES = {"salesforce_web_to_lead": "salesforce"}


def words_of(page):
    """Without its markup, on one line."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", (DOCS / f"{page}.md").read_text())
    return re.sub(r"\s+", " ", re.sub(r"[*`]", "", text))


def test_every_adapter_has_its_guide():
    assert set(GUIDES) == set(Source.Adapter.values)


@pytest.mark.parametrize("adapter", GUIDES)
def test_every_step_of_a_guide_stands_in_its_document(adapter):
    document = words_of(PAGES.get(adapter, adapter))

    assert [step for step in (*GUIDES[adapter].there, *GUIDES[adapter].back) if step not in document] == []

import re
from pathlib import Path

import pytest

from funnel.models import Lead, Touch
from integrations.files.mapping import load_mapping
from integrations.imports.fields import LEAD_FIELDS, PEOPLE_FIELDS, TOUCH_FIELDS, outcome_fields

DOCS = Path(__file__).resolve().parents[3] / "docs"
EXAMPLES = DOCS / "examples"
PAGE = (DOCS / "import.md").read_text()


def test_the_example_prints_what_its_page_shows(imports):
    printed = imports.leads((EXAMPLES / "leads.csv").read_text(), mapping=(EXAMPLES / "leads.toml").read_text())

    assert f"```\n{printed.replace(str(imports.folder), 'docs/examples')}```" in PAGE
    claire = Lead.objects.get(email="claire.martin@lumen.example.com")
    assert (claire.stage, str(claire.expected_value), claire.currency) == ("mql", "18000.00", "EUR")
    assert (claire.created_at.isoformat(), claire.team.parent.name) == ("2025-03-12T08:30:00+00:00", "Ventes")


def test_the_example_of_touches_prints_what_its_page_shows(imports):
    imports.leads((EXAMPLES / "leads.csv").read_text(), mapping=(EXAMPLES / "leads.toml").read_text())

    printed = imports.touches((EXAMPLES / "touches.csv").read_text(), mapping=(EXAMPLES / "touches.toml").read_text())

    assert f"```\n{printed.replace(str(imports.folder), 'docs/examples')}```" in PAGE
    webinar = Touch.objects.get(external_id="A-2")
    assert (webinar.kind, webinar.channel.slug, webinar.campaign.slug) == ("webinar", "webinar", "winter-webinar")
    assert (webinar.at.isoformat(), webinar.source) == ("2025-03-12T15:40:00+00:00", "contacts")


def test_the_page_names_every_field_of_each_kind_of_file(db):
    kinds = {"Leads": LEAD_FIELDS, "Touches": TOUCH_FIELDS, "Outcomes": outcome_fields(), "People": PEOPLE_FIELDS}
    for title, fields in kinds.items():
        section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
        cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        assert [name for cell in cells for name in re.findall(r"`(.+?)`", cell)] == list(fields)


@pytest.mark.parametrize("name", ["people", "leads", "outcomes"])
def test_the_olist_mappings_fit_our_fields_and_their_headers(db, name):
    fields = {"people": PEOPLE_FIELDS, "leads": LEAD_FIELDS, "outcomes": outcome_fields()}[name]
    deals = ["mql_id", "seller_id", "sdr_id", "sr_id", "won_date"]
    headers = {"leads": ["mql_id", "first_contact_date", "landing_page_id", "origin"]}.get(name, deals)

    mapping = load_mapping(EXAMPLES / f"olist_{name}.toml", fields)
    mapping.bind(headers)

    assert mapping.source == "olist"

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pytest

from accounts.files.formulas import plain_cell
from funnel.models import Channel
from reports.presentation import text_of
from reports.renderers import FORMATS
from reports.report import Kind
from tests.factories import LeadFactory
from tests.reports.worlds import closed_loop, spent, won

NEEDED = {
    *("channel", "channel_name", "leads", "mqls", "hand_offs", "accepted", "refused", "black_hole"),
    *("black_hole_value", "sqls", "won", "lost", "no_decision", "disqualified", "open", "first_touch_revenue"),
    *("last_touch_revenue", "revenue", "win_rate", "spend", "cost_per_lead", "cost_per_mql", "cost_per_sql"),
    *("cost_per_win", "roi", "unknown_amounts"),
}


def as_json(report):
    return json.loads(FORMATS["json"].render(report))


def as_csv(report):
    return list(csv.DictReader(io.StringIO(FORMATS["csv"].render(report).decode("utf-8-sig"))))


def as_workbook(report):
    return openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].render(report)))


def test_json_has_the_shape_of_the_contract(marketing):
    won("webinar", "1000")

    answer = as_json(closed_loop(marketing))

    assert {
        *("name", "question", "parameters", "as_of", "headline", "columns", "rows", "chart", "definitions"),
        "empty_because",
    } <= answer.keys()
    assert answer["rows"][0].keys() == {column["key"] for column in answer["columns"]}
    assert answer["rows"][0].keys() >= NEEDED
    assert {"key", "label", "value"} <= answer["headline"][0].keys()
    assert datetime.fromisoformat(answer["as_of"]) == datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def test_json_has_money_as_strings_and_shares_as_numbers(marketing):
    won("webinar", "1000.5")

    (line,) = as_json(closed_loop(marketing))["rows"]

    assert (line["revenue"], line["win_rate"], line["won"], line["roi"]) == ("1000.50", 1.0, 1, None)


def test_json_names_the_currency_on_the_column(marketing):
    answer = as_json(closed_loop(marketing))

    assert {"key": "revenue", "label": "Revenue", "kind": "money", "currency": "EUR"} in answer["columns"]
    assert {"key": "leads", "label": "Leads", "kind": "count"} in answer["columns"]


def test_every_figure_in_json_has_its_definition(marketing):
    answer = as_json(closed_loop(marketing))

    numbers = {one["key"] for one in answer["columns"] if one["kind"] in ("count", "money", "share")}
    assert numbers <= {one["key"] for one in answer["definitions"]}


def test_csv_has_the_rows_by_their_keys_without_totals(marketing):
    won("webinar", "1000.5")
    LeadFactory(channel="email")

    lines = as_csv(closed_loop(marketing))

    assert [(one["channel"], one["won"], one["revenue"], one["spend"]) for one in lines] == [
        ("email", "0", "0.00", ""),
        ("webinar", "1", "1000.50", ""),
    ]


def test_csv_cells_never_run_as_formulas_and_negative_numbers_stay_numbers(marketing):
    LeadFactory(channel="webinar")
    Channel.objects.update(name='=HYPERLINK("http://x/","y")')
    spent("webinar", "100", "2026-02-01", "2026-02-28")

    (line,) = as_csv(closed_loop(marketing))

    assert line["channel_name"].startswith("'=")
    assert plain_cell(line["channel_name"]) == '=HYPERLINK("http://x/","y")'
    assert line["roi"] == "-1.0"


def test_the_workbook_has_numbers_with_their_formats_and_the_totals(marketing):
    won("webinar", "1000.5")

    sheet = as_workbook(closed_loop(marketing))["Figures"]

    columns = {cell.value: cell.column for cell in sheet[1]}
    revenue = sheet.cell(2, columns["Revenue (EUR)"])
    assert (revenue.value, revenue.number_format) == (1000.5, "#,##0.00")
    assert [cell.value for cell in sheet["A"]] == ["Channel", "Webinar", "Total", "In the Black Hole"]
    assert sheet.freeze_panes == "B2"


def test_the_workbook_keeps_texts_as_texts(marketing):
    LeadFactory(channel="webinar")
    Channel.objects.update(name="=1+1\x07")

    cell = as_workbook(closed_loop(marketing))["Figures"]["A2"]

    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_the_workbook_says_what_its_figures_mean(marketing):
    report = closed_loop(marketing, since="2026-01-01")

    lines = dict(as_workbook(report)["Definitions"].values)

    assert lines["Question"] == report.question
    assert lines["from"] == "2026-01-01"
    assert lines["Win rate"] == "Won leads divided by MQLs."


def test_the_table_lines_up_and_leaves_out_what_no_row_knows(marketing):
    won("webinar", "1234.5")
    LeadFactory.create_batch(2, channel="trade-fair")

    text = FORMATS["table"].render(closed_loop(marketing)).decode()

    heading, _, fair, webinar, *_ = text[text.index("Channel  ") :].splitlines()
    assert heading.split()[:3] == ["Channel", "Leads", "MQLs"]
    assert fair[heading.index("Leads") :].split()[0] == "2"
    assert "€1,234" in webinar
    assert "Unknown in every row: Spend, " in text
    assert "Value estimated" not in text


def test_an_empty_table_says_why(marketing):
    assert "There are no leads yet" in FORMATS["table"].render(closed_loop(marketing)).decode()


@pytest.mark.parametrize(
    ("value", "kind", "currency", "text"),
    [
        (1234567, Kind.COUNT, "", "1,234,567"),
        (0.12345, Kind.SHARE, "", "12.3%"),
        (Decimal("1234.5"), Kind.MONEY, "EUR", "€1,234.50"),
        (Decimal("-3.5"), Kind.MONEY, "CHF", "-CHF\u00a03.50"),
        (None, Kind.MONEY, "EUR", "–"),
        ("Webinar", Kind.TEXT, "", "Webinar"),
    ],
)
def test_people_read_numbers_with_separators_and_units(value, kind, currency, text):
    assert text_of(value, kind, currency) == text

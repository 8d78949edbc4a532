"""Page, JSON, CSV, workbook, API and command show one and the same computed report."""

import csv
import html
import io
import json
import re
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.files.formulas import plain_cell
from accounts.formats import as_read_by
from reports.engine import entries_for
from reports.page import ROWS_AT_MOST
from reports.presentation import shown
from reports.renderers import FORMATS
from tests.reports.lives import Company
from tests.reports.worlds import computed

CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)

# On real transactions: within one, PostgreSQL never tells what has settled, and all facts are read anew each time.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def time_machine_at(monkeypatch):
    return lambda at: monkeypatch.setattr("django.utils.timezone.now", lambda: at)


@pytest.fixture
def lived(sales, west, east, rep, eastern_rep, head_of_sales, marketing, signed_agreement):
    company = Company(21, marketing=marketing, manager=head_of_sales, reps=[rep, eastern_rep])
    for _ in range(8):
        company.live()
    return company.day


def every_view(viewer):
    """Each report with each kind of its rows."""
    for entry in entries_for(viewer.principal):
        views = [option.value for one in entry.parameters if one.is_view for option in one.options(viewer.principal)]
        for view in views or [""]:
            yield entry.name, {"by": view} if view else {}


def plain(value):
    return "" if value is None else str(value)


def read(kind, text):
    """A number of a file as a number: 3 and 3.0 are one."""
    return text if kind in {"text", "code"} or text == "" else Decimal(text).normalize()


def test_every_file_has_the_figures_of_the_report(lived, marketing):
    for name, given in every_view(marketing):
        report = computed(name, marketing, now=lived, **given)
        kinds = {one.key: one.kind for one in report.columns}
        figures = [{key: read(kinds[key], plain(row[key])) for key in kinds} for row in report.rows]

        told = json.loads(FORMATS["json"].render(report))
        table = list(csv.DictReader(io.StringIO(FORMATS["csv"].render(report).decode("utf-8-sig"), newline="")))
        sheet = openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].render(report)))["Figures"]
        cells = list(sheet.iter_rows(min_row=2, max_row=1 + len(report.rows), values_only=True))

        assert [{key: read(kinds[key], plain(row[key])) for key in kinds} for row in told["rows"]] == figures, name
        assert [{key: read(kinds[key], plain_cell(row[key])) for key in kinds} for row in table] == figures, name
        assert [
            {key: read(kind, plain(value)) for (key, kind), value in zip(kinds.items(), row, strict=True)}
            for row in cells
        ] == figures, name


def test_every_page_shows_the_rows_of_the_report(lived, marketing, marketing_client, time_machine_at):
    time_machine_at(lived)
    for name, given in every_view(marketing):
        report = computed(name, marketing, now=lived, **given)
        with as_read_by(marketing):
            texts = shown(report).texts(report, report.rows[:ROWS_AT_MOST])

        page = marketing_client.get(reverse("report", args=[name]), given).content.decode()

        body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
        rows = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL) if body else []
        seen = [[html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in CELL.findall(row)] for row in rows]
        assert seen == texts, name


def test_the_command_prints_the_same_as_the_file(lived, marketing, capsys, time_machine_at):
    time_machine_at(lived)
    for name in {name for name, _ in every_view(marketing)}:
        call_command("report", name, "--format", "json")
        printed = json.loads(capsys.readouterr().out)

        report = json.loads(FORMATS["json"].render(computed(name, marketing, now=lived)))
        assert (printed["rows"], printed["totals"]) == (report["rows"], report["totals"]), name

"""CSV and XLSX as they are written: typed, complete, and run by no spreadsheet."""

import csv
import io
import zipfile
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.files import FORMATS, Column, Sheet, workbook_pieces
from accounts.files.formulas import plain_cell
from accounts.files.values import DAY, MOMENT, MONEY
from tests.accounts.test_formulas import cells, runs_in_a_spreadsheet

# What a file may have; NUL and what XML cannot hold is dropped.
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")) | cells.map(
    lambda text: "".join(one for one in text if one not in "\x1b\x7f")
)
BERLIN = timezone(timedelta(hours=1))


def written(name, columns, rows):
    return b"".join(FORMATS[name].write("Leads", [Column(one) for one in columns], rows))


def records_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_of(content):
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("=1+1", "'=1+1"),
        (-5, "-5"),
        (Decimal("-5.50"), "-5.50"),
        (Decimal("1E+3"), "1000"),
        (0.25, "0.25"),
        (True, "true"),
        (date(2026, 3, 4), "2026-03-04"),
        (datetime(2026, 3, 4, 10, 5, 59, tzinfo=BERLIN), "2026-03-04T09:05:59+00:00"),
    ],
)
def test_csv_has_each_kind_of_value_as_other_programs_read_it(value, cell):
    assert records_of(written("csv", ["one"], [[value]])) == [["one"], [cell]]


def test_csv_begins_with_a_byte_order_mark_and_has_every_cell_in_quotes():
    content = written("csv", ["name", "=2+2"], [["Ann", 1], [None, None]])

    assert content.decode() == '\ufeff"name","\'=2+2"\r\n"Ann","1"\r\n"",""\r\n'


@given(st.lists(texts | cells, min_size=1))
@example(["\r=1+1", "'=1", "''=1"])
def test_every_text_comes_back_from_csv_exactly_and_none_runs(given_texts):
    heading, row = records_of(written("csv", given_texts, [given_texts]))

    assert heading == row
    assert [cell for cell in row if runs_in_a_spreadsheet(cell)] == []
    assert [plain_cell(cell) for cell in row] == [text.replace("\x00", "") for text in given_texts]


@given(st.lists(texts.filter(bool), min_size=1))
@example(["\r=1+1", "'=1", "''=1", "=1+1", "\tx", " a", "a&b<c>", "_x0041_"])
def test_every_text_comes_back_from_a_workbook_exactly_and_none_is_a_formula(given_texts):
    heading, row = sheet_of(written("xlsx", given_texts, [given_texts])).iter_rows()

    for found in (heading, row):
        assert {cell.data_type for cell in found} == {"s"}
        assert [plain_cell(cell.value) for cell in found] == given_texts


def test_a_text_that_might_run_stays_a_text_when_somebody_edits_it():
    (_, row) = sheet_of(written("xlsx", ["a", "b"], [["=1+1", "Ann"]])).iter_rows()

    assert [cell.quotePrefix for cell in row] == [True, False]


def test_a_workbook_has_numbers_days_and_times_by_their_type():
    columns = [Column("worth", MONEY), Column("on", DAY), Column("at", MOMENT), Column("seen"), Column("count")]
    row = [Decimal("-12.50"), date(2026, 3, 4), datetime(2026, 3, 4, 10, 5, tzinfo=BERLIN), True, 7]

    sheet = sheet_of(b"".join(workbook_pieces([Sheet("All", columns, [row])])))

    (found,) = sheet.iter_rows(min_row=2)
    assert [cell.value for cell in found] == [
        -12.5,
        datetime(2026, 3, 4),  # noqa: DTZ001  # a sheet knows no zone: the cell's format says that it is UTC
        datetime(2026, 3, 4, 9, 5),  # noqa: DTZ001  # the same
        True,
        7,
    ]
    assert [cell.number_format for cell in found[:3]] == [MONEY, DAY, MOMENT]


def test_what_xml_cannot_hold_is_left_out_and_what_is_too_long_is_cut_and_says_so():
    (_, row) = sheet_of(written("xlsx", ["a", "b"], [["a\x00b\x07c\ufffed", "x" * 40_000]])).iter_rows()

    assert row[0].value == "abcd"
    assert (len(row[1].value), row[1].value[-1]) == (32_767, "…")


def test_an_unknown_value_leaves_its_cell_out():
    (_, row) = sheet_of(written("xlsx", ["a", "b", "c"], [[None, "", 0]])).iter_rows()

    assert [cell.value for cell in row] == [None, None, 0]


def test_headings_stay_in_view_and_totals_are_bold():
    sheet = Sheet("Figures", [Column("a", width=30), Column("b")], [["x", 1]], totals=[["Total", 1]])

    found = sheet_of(b"".join(workbook_pieces([sheet])))

    assert found.freeze_panes == "B2"
    assert found.column_dimensions["A"].width == 30
    assert [[cell.font.b for cell in row] for row in found.iter_rows()] == [[True] * 2, [False] * 2, [True] * 2]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_sent_while_it_is_written(name):
    read = 0

    def rows():
        nonlocal read
        for read in range(1, 50_001):
            yield [read, f"Row {read * 7919 % 50_021}"]

    pieces = FORMATS[name].write("Leads", [Column("number"), Column("name")], rows())
    sent = next(pieces) + next(pieces) + next(pieces)

    assert 0 < read < 50_000
    content = sent + b"".join(pieces)
    last = records_of(content)[-1] if name == "csv" else [str(one.value) for one in sheet_of(content)[50_001]]
    assert last == ["50000", f"Row {50_000 * 7919 % 50_021}"]


def test_a_workbook_is_whole_by_its_checksums():
    with zipfile.ZipFile(io.BytesIO(written("xlsx", ["a"], [["x"]] * 3))) as parts:
        assert parts.testzip() is None

from datetime import date, datetime, time
from zipfile import ZipFile

import openpyxl
import pytest

from integrations.files import workbook
from integrations.files.errors import FileError, RowError
from integrations.files.tables import Row, TableFormat, open_table


@pytest.fixture
def sheet(tmp_path):
    def write(*rows):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        path = tmp_path / "leads.xlsx"
        book.save(path)
        return path

    return write


def refusal(path):
    with pytest.raises(FileError) as caught:
        list(open_table(path))
    return str(caught.value)


def test_rows_have_named_cells_and_their_row_number(sheet):
    table = open_table(sheet(["email", "name"], ["a@x.org", "Ann"], [], ["b@x.org", "Bob"]))

    assert table.format == TableFormat("xlsx", sheet="Sheet")
    assert list(table) == [
        Row(2, {"email": "a@x.org", "name": "Ann"}),
        Row(4, {"email": "b@x.org", "name": "Bob"}),
    ]
    assert (table.position, table.size) == (4, 4)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (12, "12"),
        (12.0, "12"),
        (12.5, "12.5"),
        (0.0000001, "0.0000001"),
        (1e21, "1000000000000000000000"),
        (True, "true"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime.fromisoformat("2026-01-31T14:30"), "2026-01-31T14:30:00"),
        (time(14, 30), "14:30:00"),
        ("'=1+1", "=1+1"),
    ],
)
def test_a_cell_is_plain_text(sheet, value, text):
    [row] = open_table(sheet(["value", "next"], [value, "x"]))

    assert row.cells["value"] == text


def test_cells_left_out_at_the_end_are_blank(sheet):
    assert list(open_table(sheet(["a", "b", "c"], [1]))) == [Row(2, {"a": "1", "b": "", "c": ""})]


def test_a_cell_outside_the_header_rejects_its_row(sheet):
    reason = "has 3 cells where the header has 2"

    assert list(open_table(sheet(["a", "b"], [1, 2, 3]))) == [RowError(2, "", reason, ("1", "2", "3"))]


def test_a_sheet_that_does_not_know_its_size_is_read_all_the_same(tmp_path):
    book = openpyxl.Workbook(write_only=True)
    book.create_sheet().append(["email"])
    book.worksheets[0].append(["a@x.org"])
    book.save(tmp_path / "leads.xlsx")

    table = open_table(tmp_path / "leads.xlsx")

    assert (table.size, list(table)) == (None, [Row(2, {"email": "a@x.org"})])


def test_an_empty_workbook_is_refused(sheet):
    assert refusal(sheet()).startswith("The file is empty")


def test_text_named_xlsx_is_refused(tmp_path):
    path = tmp_path / "leads.xlsx"
    path.write_text("email\n")

    assert refusal(path) == "The file is named .xlsx but is no workbook, or has a password: export it as XLSX or CSV."


def test_another_archive_named_xlsx_is_refused(tmp_path):
    path = tmp_path / "leads.xlsx"
    with ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")

    assert refusal(path).startswith("The workbook is damaged")


def test_a_damaged_sheet_is_refused(sheet, tmp_path):
    damaged = tmp_path / "damaged.xlsx"
    with ZipFile(sheet(["email"], ["a@x.org"])) as whole, ZipFile(damaged, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            archive.writestr(name, content[:-40] if name.endswith("sheet1.xml") else content)

    assert refusal(damaged).startswith("The workbook is damaged")


def test_a_workbook_that_unpacks_to_too_much_is_refused(sheet, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 1000)

    assert refusal(sheet(["email"])) == "The workbook unpacks to more than 1,000 bytes: export it as CSV."

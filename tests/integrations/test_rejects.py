import csv

import pytest

from integrations.files.errors import CellError, FileError, RowError
from integrations.files.rejects import RejectWriter
from integrations.files.tables import Row, open_table

BAD_AMOUNT = CellError(7, "amount", '"12,5O" is not a number')


@pytest.fixture
def source(tmp_path):
    return tmp_path / "leads.csv"


def records(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_a_rejected_row_is_written_with_its_reason_and_its_cells(source):
    with RejectWriter(source, ["email", "amount"]) as rejects:
        rejects.write([BAD_AMOUNT], ["a@x.org", "12,5O"])

    assert rejects.path.name == "leads.csv.rejected.csv"
    assert rejects.count == 1
    assert records(rejects.path) == [
        ["line", "column", "reason", "email", "amount"],
        ["7", "amount", '"12,5O" is not a number', "a@x.org", "12,5O"],
    ]


def test_all_that_is_wrong_with_a_row_is_in_one_line(source):
    with RejectWriter(source, ["email", "amount"]) as rejects:
        rejects.write([BAD_AMOUNT, CellError(7, "email", '"ann" is not an e-mail address')], ["ann", "12,5O"])

    assert records(rejects.path)[1][:3] == [
        "7",
        "amount, email",
        '"12,5O" is not a number; "ann" is not an e-mail address',
    ]


def test_a_row_that_could_not_be_read_keeps_what_could(source):
    with RejectWriter(source, ["a", "b"]) as rejects:
        rejects.write([RowError(2, "", "has 3 cells where the header has 2", ("1", "2", "3"))], ["1", "2", "3"])

    assert records(rejects.path)[1] == ["2", "", "has 3 cells where the header has 2", "1", "2", "3"]


def test_no_cell_runs_as_a_formula(source):
    with RejectWriter(source, ["=header", "phone"]) as rejects:
        rejects.write([CellError(2, "=header", '"x" is bad')], ["=1+1", "+33612345678"])

    assert records(rejects.path) == [
        ["line", "column", "reason", "'=header", "phone"],
        ["2", "'=header", '"x" is bad', "'=1+1", "'+33612345678"],
    ]


def test_the_file_can_be_imported_again_even_where_it_has_columns_of_our_names(source):
    cells = {"email": "=a@x.org", "reason": "no_need", "line": "3"}
    with RejectWriter(source, list(cells)) as rejects:
        rejects.write([CellError(7, "email", "is bad")], cells.values())

    assert records(rejects.path)[0] == [
        "line",
        "column",
        "reason",
        "email",
        "original reason",
        "original line",
    ]
    assert list(open_table(rejects.path)) == [Row(2, cells)]


def test_without_rejected_rows_there_is_no_file_and_an_old_one_goes(source):
    writer = RejectWriter(source, ["email"])
    writer.path.write_text("from an earlier run")

    with writer:
        pass

    assert list(source.parent.iterdir()) == []


def test_the_file_appears_whole_in_place_of_an_old_one(source):
    writer = RejectWriter(source, ["email", "amount"])
    writer.path.write_text("from an earlier run")

    with writer as rejects:
        rejects.write([BAD_AMOUNT], ["a@x.org", "12,5O"])
        while_writing = writer.path.read_text()

    assert while_writing == "from an earlier run"
    assert len(records(writer.path)) == 2
    assert list(source.parent.iterdir()) == [writer.path]


def test_a_run_that_fails_leaves_the_old_file_as_it_was(source):
    writer = RejectWriter(source, ["email", "amount"])
    writer.path.write_text("from an earlier run")

    def run():
        with writer as rejects:
            rejects.write([BAD_AMOUNT], ["a@x.org", "12,5O"])
            raise KeyError

    with pytest.raises(KeyError):
        run()

    assert writer.path.read_text() == "from an earlier run"
    assert list(source.parent.iterdir()) == [writer.path]


def test_a_folder_that_cannot_be_written_to_is_one_sentence(source):
    source.with_name(".leads.csv.rejected.csv.unfinished").mkdir()

    with (
        pytest.raises(FileError, match=r"leads\.csv\.rejected\.csv cannot be written: Is a directory\.$"),
        RejectWriter(source, ["amount"]) as rejects,
    ):
        rejects.write([BAD_AMOUNT], ["12,5O"])

import codecs
from itertools import product

import pytest

from integrations.files.errors import FileError, RowError
from integrations.files.tables import Row, TableFormat, open_table


@pytest.fixture
def file(tmp_path):
    def write(content, name="leads.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path, encoding=None):
    with pytest.raises(FileError) as caught:
        open_table(path, encoding)
    return str(caught.value)


# --- what is read ---------------------------------------------------------------------------------


def test_rows_have_named_cells_and_their_line(file):
    table = open_table(file("email,name\na@x.org,Ann\nb@x.org,Bob\n"))

    assert table.headers == ["email", "name"]
    assert list(table) == [
        Row(2, {"email": "a@x.org", "name": "Ann"}),
        Row(3, {"email": "b@x.org", "name": "Bob"}),
    ]


def test_a_table_can_be_walked_twice(file):
    table = open_table(file("email\na@x.org\n"))

    assert list(table) == list(table) == [Row(2, {"email": "a@x.org"})]


@pytest.mark.parametrize(("delimiter", "end"), list(product(",;\t|", ["\n", "\r\n", "\r"])))
def test_each_delimiter_and_line_end_is_recognised(file, delimiter, end):
    rows = [["name", "amount"], ["Ann", "1"], ["Bob", "2"]]

    table = open_table(file(end.join(delimiter.join(row) for row in rows)))

    assert table.format.delimiter == delimiter
    assert [(row.line, *row.cells.values()) for row in table] == [(2, "Ann", "1"), (3, "Bob", "2")]


def test_line_ends_may_be_mixed(file):
    table = open_table(file("a,b\r1,2\r\n3,4\n5,6"))

    assert [(row.line, *row.cells.values()) for row in table] == [(2, "1", "2"), (3, "3", "4"), (4, "5", "6")]


def test_decimal_commas_do_not_pass_for_the_delimiter(file):
    table = open_table(file("name;amount\nAnn;1,5\nBob;2,5\n"))

    assert table.format == TableFormat("csv", ";", "utf-8-sig")


def test_a_single_column_needs_no_delimiter(file):
    assert list(open_table(file("email\na@x.org\n"))) == [Row(2, {"email": "a@x.org"})]


def test_tabs_make_it_a_tsv_whatever_its_name(file):
    assert open_table(file("a\tb\n1\t2\n")).format.kind == "tsv"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("name\nZoë\n".encode(), "utf-8-sig"),
        (codecs.BOM_UTF8 + "name\nZoë\n".encode(), "utf-8-sig"),
        (codecs.BOM_UTF16_LE + "name\nZoë\n".encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + "name\nZoë\n".encode("utf-16-be"), "utf-16"),
    ],
)
def test_the_encoding_is_found_without_being_named(file, content, encoding):
    table = open_table(file(content))

    assert table.format.encoding == encoding
    assert list(table) == [Row(2, {"name": "Zoë"})]


def test_a_named_encoding_is_used(file):
    assert list(open_table(file("name\nZoë\n".encode("cp1252")), "cp1252")) == [Row(2, {"name": "Zoë"})]


def test_a_byte_order_mark_wins_over_the_named_encoding(file):
    assert list(open_table(file(codecs.BOM_UTF8 + "name\nZoë\n".encode()), "cp1252")) == [Row(2, {"name": "Zoë"})]


def test_a_row_with_line_breaks_in_quotes_counts_from_its_first_line(file):
    table = open_table(file('name,note\n"Ann","one\ntwo\r\nthree"\nBob,four\n'))

    assert [(row.line, row.cells["note"]) for row in table] == [(2, "one\ntwo\r\nthree"), (5, "four")]


def test_empty_lines_are_no_rows_but_count_as_lines(file):
    table = open_table(file("\nname,note\n\nAnn,x\n   \nBob,y\n\n"))

    assert [(row.line, row.cells["name"]) for row in table] == [(4, "Ann"), (6, "Bob")]


def test_a_quote_inside_a_cell_is_a_character_like_others(file):
    assert list(open_table(file('item,count\n5" pipe,3\n'))) == [Row(2, {"item": '5" pipe', "count": "3"})]


def test_the_apostrophe_of_our_own_exports_is_taken_off(file):
    table = open_table(file("'=name,note\n'=1+1,'t Hooft\n"))

    assert list(table) == [Row(2, {"=name": "=1+1", "note": "'t Hooft"})]


def test_a_header_alone_is_a_table_without_rows(file):
    table = open_table(file("email,name\n"))

    assert (table.headers, list(table)) == (["email", "name"], [])


def test_delimiters_at_the_end_of_each_line_add_no_column(file):
    table = open_table(file("a,b,\n1,2,\n3,4\n"))

    assert (table.headers, [row.cells for row in table]) == (
        ["a", "b"],
        [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}],
    )


def test_a_column_without_a_name_is_named_by_its_place(file):
    assert open_table(file("a,,c\n1,2,3\n")).headers == ["a", "column 2", "c"]


def test_position_goes_to_size(file):
    table = open_table(file('a,b\n1,"x\ny"\n3,4\n\n'))

    positions = [(table.position, row.line) for row in table]

    assert positions == [(2, 2), (4, 4)]
    assert table.size == 4


def test_a_mended_file_of_rejected_rows_is_read_as_the_file_they_came_from(file):
    table = open_table(file("line,column,reason,email,original reason\n7,email,is bad,a@x.org,no_need\n"))

    assert list(table) == [Row(2, {"email": "a@x.org", "reason": "no_need"})]


# --- rows that cannot be read ---------------------------------------------------------------------


def test_a_short_row_is_rejected_at_the_first_column_it_lacks(file):
    rows = list(open_table(file("a,b,c\n1,2\n4,5,6\n")))

    reason = "is missing: the row has 2 cells where the header has 3"
    assert rows == [RowError(2, "c", reason, ("1", "2")), Row(3, {"a": "4", "b": "5", "c": "6"})]


def test_a_long_row_is_rejected_with_all_its_cells(file):
    rows = list(open_table(file("a,b\n1,2,3\n4,5\n")))

    assert rows[0] == RowError(2, "", "has 3 cells where the header has 2", ("1", "2", "3"))
    assert rows[1] == Row(3, {"a": "4", "b": "5"})


@pytest.mark.parametrize(("length", "is_read"), [(32_768, True), (32_769, False)])
def test_a_cell_may_have_32_kb(file, length, is_read):
    [row] = open_table(file(f"a,b\n1,{'x' * length}\n"))

    assert isinstance(row, Row) is is_read


def test_an_oversized_cell_is_rejected_by_its_column(file):
    [row] = open_table(file(f"a,b\n1,{'x' * 40_000}\n"))

    assert str(row) == 'line 2, column "b": has 40,000 characters; 32,768 is the most'


@pytest.mark.parametrize("cell", ["x" * 200_000, f'"{"x" * 200_000}"'])
def test_a_cell_too_big_to_read_does_not_stop_the_others(file, cell):
    rows = list(open_table(file(f"a,b\n1,{cell}\n3,4\n")))

    assert rows == [
        RowError(2, "", "has a cell of more than 131,072 characters"),
        Row(3, {"a": "3", "b": "4"}),
    ]


def test_text_after_a_closing_quote_is_rejected(file):
    rows = list(open_table(file('a,b\n"x" y,2\n3,4\n')))

    assert rows == [RowError(2, "", "has text after a closing quote"), Row(3, {"a": "3", "b": "4"})]


def test_a_rejected_row_of_several_lines_says_which_are_lost(file):
    rows = list(open_table(file('a,b\n1,"x\n2,"y"\n3,4\n')))

    assert str(rows[0]) == "line 2: has text after a closing quote, so lines 2 to 3 are skipped"
    assert rows[1:] == [Row(4, {"a": "3", "b": "4"})]


# --- files that cannot be read --------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "\n\r\n\n", "\ufeff"])
def test_an_empty_file_is_refused(file, content):
    assert refusal(file(content)).startswith("The file is empty: export it again")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0", "a JPEG image"),
        (b"GIF89a", "a GIF image"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"PK\x03\x04", "a ZIP or XLSX file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel workbook"),
        (b"\n <!DOCTYPE html><table>", "a web page"),
        (codecs.BOM_UTF8 + b"<html>", "a web page"),
    ],
)
def test_what_only_calls_itself_csv_is_refused_by_what_it_is(file, content, what):
    assert f"no CSV but {what}" in refusal(file(content))


def test_nul_bytes_are_refused_with_their_line(file):
    assert refusal(file(b"a,b\n1,2\n3,\x004\n")).startswith("Line 3 has a NUL byte")


def test_bytes_that_are_not_utf8_are_refused_with_their_line(file):
    sentence = "The file is not UTF-8 (first in line 3): save it as UTF-8, or name its encoding, for example cp1252."

    assert refusal(file(b"name\r\nAnn\r\nZo\xeb\r\n")) == sentence


def test_bytes_that_are_not_of_the_named_encoding_are_refused(file):
    assert refusal(file("name\nZoë\n"), "ascii").startswith("The file is not ASCII: save it as UTF-8")


@pytest.mark.parametrize("encoding", ["klingon", "hex", "a\x00b"])
def test_an_unknown_encoding_is_refused(file, encoding):
    assert "is no known encoding: name one such as utf-8 or cp1252" in refusal(file("a\n1\n"), encoding)


def test_a_quote_that_is_never_closed_is_refused_with_the_line_it_opens_in(file):
    assert refusal(file('a,b\n1,2\n3,"x\n4,5\n')).startswith("The quote opened in line 3 is not closed")


def test_an_open_quote_does_not_swallow_a_big_file(file):
    assert refusal(file('a,b\n3,"x\n' + "4,5\n" * 100_000)).startswith("The quote opened in line 2 is not closed")


def test_columns_of_the_same_name_are_refused_by_name(file):
    sentence = 'The header names "a", "b" more than once: give each column its own name.'

    assert refusal(file("b,a,c,a,b\n1,2,3,4,5\n")) == sentence


@pytest.mark.parametrize("columns", [101, 200_000])
def test_more_than_100_columns_are_refused(file, columns):
    header = ",".join(f"c{number}" for number in range(columns))

    assert refusal(file(f"{header}\n")) == f"The file has {columns:,} columns; 100 is the most: leave out the others."


def test_100_columns_are_read(file):
    assert len(open_table(file(",".join(f"c{number}" for number in range(100)))).headers) == 100


def test_a_header_without_names_is_refused(file):
    assert refusal(file(",,\n1,2,3\n")) == "The first line names no column: put the column names there."


def test_a_header_that_cannot_be_read_is_refused(file):
    assert refusal(file('"a"b,c\n')) == "The column names cannot be read: line 1: has text after a closing quote."


@pytest.mark.parametrize("name", ["nowhere.csv", "nowhere.xlsx"])
def test_a_missing_file_is_refused(tmp_path, name):
    assert refusal(tmp_path / name).endswith(
        "nowhere." + name.rpartition(".")[2] + " cannot be read: No such file or directory."
    )

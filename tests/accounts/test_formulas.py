import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.files.formulas import plain_cell, safe_cell

# Written out here, so that the rule is not measured by its own lists.
FORMULA_CHARACTERS = "=+-@|%＝＋－＠"
LOOKED_THROUGH = " \t\r\n\x00\x1b\x7f\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff"
cells = st.text(st.sampled_from("'=+-@|% \t\r\nab1,\";＝＋－＠" + LOOKED_THROUGH.replace("\x00", "")), max_size=8)


def runs_in_a_spreadsheet(cell):
    return cell.lstrip(LOOKED_THROUGH)[:1] in tuple(FORMULA_CHARACTERS) or cell[:1] in ("\t", "\r", "\n")


@pytest.mark.parametrize(
    "payload",
    [
        "=1+1",
        "+1+1",
        "-2+3",
        "@SUM(1,1)",
        "|calc",
        "%0A=1+1",
        "＝1+1",
        "=cmd|'/c calc'!A1",
        '=HYPERLINK("http://x/","y")',
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "  =1+1",
        "\u00a0=1+1",
        "\ufeff=1+1",
        "\u200b=1+1",
        "\x1b=1+1",
        "'=1+1",
        "' =1+1",
        " '=1+1",
        "\tplain",
        "+33612345678",
        "-",
    ],
)
def test_a_cell_that_might_run_gets_an_apostrophe_and_loses_it_again(payload):
    assert safe_cell(payload) == f"'{payload}"
    assert plain_cell(safe_cell(payload)) == payload


@pytest.mark.parametrize(
    "text", ["", "plain", "'t Hooft", "O'Neil", "'", "a,=1+1", "x;=1+1", "2026-01-31", "12.50", " a"]
)
def test_a_harmless_cell_stays_as_it_is_both_ways(text):
    assert safe_cell(text) == text
    assert plain_cell(text) == text


def test_nul_is_dropped_before_the_cell_is_looked_at():
    assert safe_cell("\x00=1\x00+1") == "'=1+1"


@given(st.text() | cells)
@example("''=1")
@example("' =")
def test_every_text_without_nul_comes_back_exactly(text):
    text = text.replace("\x00", "")

    assert plain_cell(safe_cell(text)) == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | cells, min_size=1))
def test_no_cell_of_a_written_file_runs(texts):
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow(map(safe_cell, texts))
    file.seek(0)

    [written] = csv.reader(file)

    assert [cell for cell in written if runs_in_a_spreadsheet(cell)] == []
    assert [plain_cell(cell) for cell in written] == [text.replace("\x00", "") for text in texts]

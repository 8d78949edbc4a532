import pytest
from django.core.management import CommandError, call_command
from tqdm import tqdm

from accounts.models import Team, User
from funnel.models import Campaign, Channel, Lead

# --- rejected rows --------------------------------------------------------------------------------

GERMAN = """\
[columns]
email = "E-Mail"
expected_value = { column = "Betrag", decimal_comma = true }
created_at = { column = "Datum", format = "%d.%m.%Y" }
stage = "Phase"
"""


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ("ann,,,", "E-Mail", '"ann" is not an e-mail address'),
        ("a@x.test,12.5O,,", "Betrag", '"12.5O" is not a number'),
        (
            "a@x.test,5,,",
            "Betrag",
            "Give the currency, in a column or as a constant of the mapping.",
        ),
        ("a@x.test,,2024-02-01,", "Datum", '"2024-02-01" is not a date as %d.%m.%Y'),
        ("a@x.test,,01.02.2099,", "Datum", "2099-02-01 is in the future."),
        (
            "a@x.test,,,hot",
            "Phase",
            '"hot" is not one of inquiry, nurture, mql, sal, sql, won, lost, no_decision, disqualified',
        ),
        (",,,", "E-Mail", "Give an e-mail address or an external id: a lead is found by them."),
        ("a@x.test,,,,x", "", "has 5 cells where the header has 4"),
    ],
)
def test_a_rejected_row_names_its_line_the_files_own_column_and_the_reason(imports, cells, column, reason):
    rows = f"E-Mail,Betrag,Datum,Phase\nok@x.test,,,\n{cells}\n"

    printed = imports.leads(rows, mapping=GERMAN)

    assert imports.rejected() == [("3", column, reason)]
    assert "2 rows: created 1, updated 0, skipped 0, rejected 1." in printed
    where = f'line 3, column "{column}"' if column else "line 3"
    assert f"{where}: {reason}\n" in printed


def test_an_address_and_an_id_of_two_leads_reject_the_row(imports):
    imports.leads("email,external_id\nann@x.test,1\nbob@x.test,2\n")

    imports.leads("email,external_id,phone\nann@x.test,2,+33 1\n")

    assert imports.rejected() == [
        ("2", "external_id", "The e-mail address and the external id belong to two different leads.")
    ]
    assert set(Lead.objects.values_list("phone", flat=True)) == {""}


def test_rejected_rows_are_in_the_order_of_the_file(imports):
    imports.leads("email,score\na@x.test,1\na@x.test,2\nb@x.test,high\nc@x.test,1,1\na@x.test,3\n")

    assert [line for line, _, _ in imports.rejected()] == ["3", "4", "5", "6"]


def test_of_many_rejected_rows_the_first_20_are_shown(imports):
    printed = imports.leads("email\n" + "ann\n" * 23)

    lines = printed.splitlines()
    assert lines[19:22] == [
        'line 21, column "email": "ann" is not an e-mail address',
        "… and 3 more rejected rows",
        "23 rows: created 0, updated 0, skipped 0, rejected 23.",
    ]
    assert lines[-1] == f"Rejected rows: {imports.folder / 'leads.csv.rejected.csv'}"


def test_rejected_rows_that_cannot_be_written_end_the_import_with_one_sentence(imports):
    (imports.folder / ".leads.csv.rejected.csv.unfinished").mkdir()

    sentence = imports.refusal("import_leads", "email\na@x.test\nann\n")

    assert sentence == (
        f"{imports.folder / 'leads.csv.rejected.csv'} cannot be written: Is a directory."
        " Imported before: 2 rows: created 1, updated 0, skipped 0, rejected 1. Run it again for the rest."
    )


# --- nothing is written ---------------------------------------------------------------------------


NEW = """\
email,channel,campaign,owner,team
ann@acme.test,webinar,spring,Bob Ray,Sales / West
ann
"""


def test_a_dry_run_says_what_would_happen_and_writes_nothing(imports):
    channels = Channel.objects.count()

    printed = imports.leads(NEW, dry_run=True)

    assert printed.splitlines() == [
        'line 3, column "channel": is missing: the row has 1 cells where the header has 5',
        "2 rows: created 1, updated 0, skipped 0, rejected 1.",
        "Created: channels unknown, webinar; campaigns spring; owners Bob Ray; teams Sales, West.",
        "Dry run: nothing was written.",
    ]
    assert not any(model.objects.exists() for model in (Lead, User, Team, Campaign))
    assert Channel.objects.count() == channels
    assert [path.name for path in imports.folder.iterdir()] == ["leads.csv"]


@pytest.mark.parametrize(
    ("text", "mapping", "sentence"),
    [
        ("", "", "The file is empty: export it again, with the column names in its first line."),
        (
            'email\na@x.test\n"b@x.test\n',
            "",
            'The quote opened in line 3 is not closed: close it, or double ("") the quotes that belong to the text.',
        ),
        (
            "mail\na@x.test\n",
            '[columns]\nemail = "E-Mail"\n',
            'The file has no column "E-Mail" (did you mean "mail"?): correct the mapping or the header.',
        ),
        ("email\na@x.test\n", "[columns", "The mapping {folder}/map.toml is no TOML: "),
        (
            "email\na@x.test\n",
            '[columns]\nemail = "email"\n"attributes.budgets" = "email"\n',
            'The mapping has unknown fields: "attributes.budgets" (did you mean "attributes.budget"?)',
        ),
    ],
)
def test_a_bad_file_or_mapping_is_refused_before_anything_is_written(imports, text, mapping, sentence):
    told = imports.refusal("import_leads", text, mapping=mapping)

    assert told.startswith(sentence.format(folder=imports.folder))
    assert not Lead.objects.exists()


def test_a_file_that_is_missing_is_refused(imports):
    path = imports.folder / "none.csv"

    with pytest.raises(CommandError) as caught:
        call_command("import_leads", path)

    assert (str(caught.value), caught.value.returncode) == (
        f"{path} cannot be read: No such file or directory.",
        1,
    )


def test_an_encoding_that_nobody_knows_is_refused(imports):
    told = imports.refusal("import_leads", "email\na@x.test\n", encoding="klingon")

    assert told == '"klingon" is no known encoding: name one such as utf-8 or cp1252.'


# --- interrupted ----------------------------------------------------------------------------------


def test_an_interrupted_import_leaves_whole_chunks_and_goes_on_when_run_again(imports, monkeypatch):
    rows = "email\n" + "".join(f"a{number}@x.test\n" for number in range(1100))
    with monkeypatch.context() as patched:
        patched.setattr(tqdm, "update", interrupt_after_the_second_chunk)
        sentence = imports.refusal("import_leads", rows)

    assert sentence == (
        "Interrupted. Imported before: 1000 rows: created 1000, updated 0, skipped 0, rejected 0."
        " Run it again for the rest."
    )
    assert Lead.objects.count() == 1000
    assert imports.leads(rows).startswith("1100 rows: created 100, updated 0, skipped 1000, rejected 0.")


def interrupt_after_the_second_chunk(bar, lines):
    if bar.n + lines > 501:
        raise KeyboardInterrupt
    bar.n += lines


def test_where_nobody_watches_there_is_no_progress_bar(imports, capsys):
    imports.leads("email\na@x.test\n")

    assert capsys.readouterr().err == ""


def test_without_verbosity_nothing_is_said(imports):
    assert imports.leads("email\na@x.test\nann\n", verbosity=0) == ""
    assert imports.rejected() == [("3", "email", '"ann" is not an e-mail address')]

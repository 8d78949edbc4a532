"""Bad files, row by row of the catalogue: C1 to C17. Each is answered with a sentence, and never half taken.

What rows say, and whose a file is (C12 to C15), is in test_catalogue_c_rows.
"""

import csv
import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.files.formulas import plain_cell
from funnel.models import Lead
from integrations.models import Upload
from integrations.services import upload_runs
from tests.integrations.uploads.conftest import problems

PLAIN = '[columns]\nemail = "email"\nlast_name = "name"\n'


@pytest.fixture
def client(marketing_client):
    return marketing_client


def post(client, content, name="leads.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    return client.post("/imports/new/", {"kind": "leads", "file": SimpleUploadedFile(name, data)})


def refused(client, content, status, name="leads.csv"):
    """The sentence that the upload is refused with; and nothing is kept."""
    answer = post(client, content, name)
    assert answer.status_code == status
    assert not Upload.objects.exists()
    return answer.content.decode().partition('role="alert">')[2].partition("</div>")[0].replace("&quot;", '"')


# --- C1 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "\n\n\r\n", "   \n"])
def test_c1_an_empty_file_is_refused(client, content):
    sentence = refused(client, content, 400)

    assert sentence == "The file is empty: export it again, with the column names in its first line."


def test_c1_a_header_alone_is_an_import_of_no_rows(uploads):
    upload = uploads.done("email,name\n", toml=PLAIN)

    assert (upload.state, upload.tally) == ("done", {})


# --- C2 -----------------------------------------------------------------------------------------------------


def a_zip():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("leads.txt", "email")
    return archive.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n0000", "leads.csv", "The file is no CSV but a PNG image; export the table as CSV."),
        (a_zip(), "leads.csv", "a ZIP or XLSX file; if it is a workbook, give it the ending .xlsx."),
        (a_zip(), "leads.xlsx", "The workbook is damaged: open and save it again, or export it as CSV."),
        (b"<!DOCTYPE html><table><tr><td>email", "leads.csv", "The file is no CSV but a web page"),
        (b"email,name\na@x.test,\x00\n", "leads.csv", "Line 2 has a NUL byte: the file is no text"),
        (b"email\na@x.test\n", "leads.xlsx", "The file is named .xlsx but is no workbook"),
    ],
)
def test_c2_what_is_no_table_is_refused(client, content, name, sentence):
    assert sentence in refused(client, content, 400, name)


# --- C3 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_c3_utf_8_and_marked_texts_are_read_as_they_are(uploads, encoding):
    uploads.done("email,name\na@x.test,Zoë\n".encode(encoding), toml=PLAIN)

    assert Lead.objects.get().last_name == "Zoë"


@pytest.mark.parametrize(
    "content", ["email,name\na@x.test,Zoë\n".encode("cp1252"), b"email,name\na@x.test,\xc3\xab\xeb\n"]
)
def test_c3_any_other_text_is_asked_for_and_never_guessed(client, uploads, content):
    upload_id = post(client, content).url.split("/")[2]

    page = client.get(f"/imports/{upload_id}/mapping/").content.decode()
    refusal = client.post(f"/imports/{upload_id}/encoding/", {"encoding": "klingon"})
    answer = client.post(f"/imports/{upload_id}/encoding/", {"encoding": "cp1252"})
    client.post(f"/imports/{upload_id}/mapping/", {"toml": PLAIN})
    client.post(f"/imports/{upload_id}/run/")
    uploads.run()

    assert "The text is not UTF-8." in page
    assert content.decode("cp1252").split(",")[-1].strip() in page
    assert (refusal.status_code, answer.status_code) == (400, 302)
    assert Lead.objects.get().last_name == content.decode("cp1252").split(",")[-1].strip()


# --- C4 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("delimiter", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (",", "commas")])
@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_c4_delimiters_and_line_ends_are_recognised_and_shown(client, delimiter, name, end):
    rows = [["email", "name"], ["a@x.test", "Ann"], ["b@x.test", "Bob"]]
    upload_id = post(client, end.join(delimiter.join(row) for row in rows)).url.split("/")[2]

    client.post(f"/imports/{upload_id}/mapping/", {"toml": PLAIN})
    page = client.get(f"/imports/{upload_id}/preview/").content.decode()

    assert f"cells parted by {name}" in page
    assert "<td>b@x.test</td><td>Bob</td>" in page


def test_c4_line_ends_may_be_mixed(uploads):
    assert uploads.done("email,name\ra@x.test,A\r\nb@x.test,B\nc@x.test,C", toml=PLAIN).tally == {"created": 3}


# --- C5 -----------------------------------------------------------------------------------------------------


def test_c5_a_column_that_the_mapping_reads_and_the_file_lacks_is_named(client):
    upload_id = post(client, "mail,name\na@x.test,Ann\n").url.split("/")[2]

    answer = client.post(f"/imports/{upload_id}/mapping/", {"toml": PLAIN})

    assert answer.status_code == 422
    assert "The file has no column &quot;email&quot; (did you mean &quot;mail&quot;?)" in answer.content.decode()


def test_c5_two_columns_of_one_name_are_refused(client):
    sentence = refused(client, "email,email\na@x.test,b@x.test\n", 400)

    assert sentence == 'The header names "email" more than once: give each column its own name.'


def test_c5_unknown_columns_are_offered_and_a_formula_as_a_name_is_text(client):
    upload_id = post(client, "email,=cmd|' /C calc'!A0\na@x.test,x\n").url.split("/")[2]

    page = client.get(f"/imports/{upload_id}/mapping/").content.decode()

    assert "Columns that are not read: =cmd|&#x27; /C calc&#x27;!A0." in page


# --- C6 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("a@x.test", ("name", "is missing: the row has 1 cells where the header has 2")),
        ("a@x.test,Ann,3", ("", "has 3 cells where the header has 2")),
        ('a@x.test,"Ann" x', ("", "has text after a closing quote")),
    ],
)
def test_c6_a_row_of_another_width_is_a_problem_of_that_row(uploads, row, problem):
    upload = uploads.done(f"email,name\n{row}\nb@x.test,Bob\n", toml=PLAIN)

    assert (upload.tally, problems(upload)) == ({"created": 1, "rejected": 1}, [(2, *problem)])


def test_c6_a_quote_in_the_middle_is_a_character(uploads):
    uploads.done('email,name\na@x.test,5" pipe\n', toml=PLAIN)

    assert Lead.objects.get().last_name == '5" pipe'


def test_c6_an_open_quote_is_a_problem_of_the_file_with_its_line(client):
    sentence = refused(client, 'email,name\na@x.test,Ann\nb@x.test,"Bob\nc@x.test,Cyd\n', 400)

    assert sentence.startswith("The quote opened in line 3 is not closed")


def test_c6_more_columns_than_a_table_has_are_refused(client):
    sentence = refused(client, ",".join(f"c{number}" for number in range(200_000)) + "\n", 400)

    assert sentence == "The file has 200,000 columns; 100 is the most: leave out the others."


# --- C7 -----------------------------------------------------------------------------------------------------


def test_c7_a_cell_of_200_kb_rejects_its_row(uploads):
    upload = uploads.done(f"email,name\na@x.test,{'x' * 200_000}\nb@x.test,Bob\n", toml=PLAIN)

    assert upload.tally == {"created": 1, "rejected": 1}
    assert problems(upload) == [(2, "", "has a cell of more than 131,072 characters")]


def test_c7_a_byte_more_than_10_mb_is_refused(client):
    sentence = refused(client, b"email\n" + b"a" * (10_000_001 - 6), 413)

    assert sentence == "The file is larger than 10 MB: split it, or use the commands."


def test_c7_a_row_more_than_50_000_is_refused(client):
    rows = "email\n" + "a@x.test\n" * 50_001

    assert refused(client, rows, 400) == "The file has more than 50,000 rows: split it, or use the commands."
    assert post(client, rows.removesuffix("a@x.test\n")).status_code == 302


# --- C8 -----------------------------------------------------------------------------------------------------


def test_c8_a_line_break_in_quotes_is_one_row_counted_from_its_first_line(uploads):
    upload = uploads.done('email,name\na@x.test,"Ann\nof\r\nX"\nbob,Bob\n', toml=PLAIN)

    assert list(upload.rows.values_list("line", "status")) == [(2, "created"), (5, "rejected")]


# --- C9 -----------------------------------------------------------------------------------------------------


def test_c9_one_address_500_times_is_one_lead(uploads):
    spellings = ["ann@x.test", "ANN@x.test", "Ann@X.Test", "ann@x.TEST"]
    rows = "".join(f"{spellings[number % 4]}\n" for number in range(500))

    upload = uploads.done(f"email\n{rows}")

    assert (upload.tally, Lead.objects.count()) == ({"created": 1, "rejected": 499}, 1)
    assert {reason for _, _, reason in problems(upload)} == {"duplicate-in-file: line 2 names the same lead."}


# --- C10, C11 -----------------------------------------------------------------------------------------------

FORMULAS = [
    *("=1+1", "+1+1", "-2+3", "@SUM(1,1)", "\t=1+1", " =1+1", "\u00a0=1+1", "\uff1d1+1", "\u200b=1+1", "|calc"),
    *("=cmd|'/c calc'!A1", "''=1", "%0A=1+1", "x\n=1+1", "+33612345678", "-", "'t Hooft", "O'Neil", "'"),
    '=HYPERLINK("http://x/","y")',
]


STARTS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\t", "\r", "\n")


def as_csv(records):
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(records)
    return written.getvalue()


@pytest.mark.parametrize("formula", FORMULAS)
def test_c10_a_formula_is_text_here_and_harmless_in_the_file_of_rejected_rows(client, uploads, formula):
    toml = '[columns]\nemail = "email"\ntitle = "name"\n'
    upload = uploads.done(as_csv([["email", "name"], ["bob", formula]]), toml=toml)

    rejected = b"".join(client.get(f"/imports/{upload.pk}/rejected.csv").streaming_content).decode("utf-8-sig")
    header, [*told, _, cell] = csv.reader(io.StringIO(rejected, newline=""))
    mended = uploads.done(as_csv([header, [*told, "bob@x.test", cell]]), toml=toml, name="x.csv.rejected.csv")

    assert plain_cell(cell) == plain_cell(formula)
    assert not cell.startswith(STARTS)
    assert not cell.lstrip(" \u00a0\u200b").startswith(STARTS)
    assert mended.tally == {"created": 1}
    assert Lead.objects.get().title == plain_cell(formula).strip()


def test_c11_markup_is_text_in_the_preview_and_the_results(client, uploads):
    evil = "<script>alert(1)</script>"
    upload = uploads.store(f"email,<img src=x onerror=alert(1)>\na@x.test,{evil}\n{evil},x\n")
    client.post(
        f"/imports/{upload.pk}/mapping/",
        {"source": evil[:50], "column:email": "email", "column:last_name": "<img src=x onerror=alert(1)>"},
    )
    pages = [client.get(f"/imports/{upload.pk}/{one}").content.decode() for one in ("mapping/", "preview/")]
    client.post(f"/imports/{upload.pk}/run/")
    uploads.run()
    pages += [client.get(address).content.decode() for address in (f"/imports/{upload.pk}/", "/imports/")]

    assert [page for page in pages if "<script>alert" in page or "<img src=x" in page] == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[1]


# --- C16: a worker killed midway is tests/integrations/uploads/test_import_kills.py ----------------------------


def test_c16_the_same_file_twice_changes_nothing_the_second_time(uploads, monkeypatch):
    monkeypatch.setattr(upload_runs, "BATCH_ROWS", 2)
    rows = "email,name\na@x.test,A\nb@x.test,B\nbad,C\nc@x.test,C\n"
    uploads.done(rows, toml=PLAIN)

    again = uploads.done(rows, toml=PLAIN)

    assert (again.tally, Lead.objects.count()) == ({"skipped": 3, "rejected": 1}, 3)


# --- C17 ----------------------------------------------------------------------------------------------------


def parts(count):
    one = '--x\r\nContent-Disposition: form-data; name="f{}"\r\n\r\nv\r\n'
    return "".join(one.format(number) for number in range(count)) + "--x--\r\n"


TWO_FILES = (
    '--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\nleads\r\n'
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nemail\r\na@x.test\r\n'
    '--x\r\nContent-Disposition: form-data; name="file"; filename="b.csv"\r\n\r\nemail\r\nb@x.test\r\n--x--\r\n'
)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (parts(1), "multipart/form-data; boundary=x"),
        (parts(3_000), "multipart/form-data; boundary=x"),
        ("--y\r\nbroken", "multipart/form-data; boundary=x"),
        ("--x", "multipart/form-data; boundary="),
        ("--x", "multipart/form-data"),
        (TWO_FILES, "multipart/form-data; boundary=x"),
    ],
    ids=["without a file", "3,000 parts", "another boundary", "an empty boundary", "no boundary", "two files"],
)
def test_c17_a_broken_form_is_a_bad_request(marketing, body, content_type):
    client = Client(raise_request_exception=False)
    client.force_login(marketing)

    answer = client.post("/imports/new/", body, content_type=content_type)

    assert answer.status_code == 400
    assert not Upload.objects.exists()


# --- workbooks ----------------------------------------------------------------------------------------------


def test_a_workbook_says_which_sheet_is_read_and_its_dates_and_formulas_are_values(client, uploads):
    book = openpyxl.Workbook()
    book.active.title = "Leads"
    book.create_sheet("Notes")
    for row in (["email", "since", "sum"], ["a@x.test", "2026-01-31", "=1+1"]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    upload = uploads.store(content.getvalue(), name="Leads.XLSX")

    page = client.get(f"/imports/{upload.pk}/mapping/").content.decode()

    assert "workbook, sheet “Leads” (not read: Notes)" in page
    client.post(f"/imports/{upload.pk}/mapping/", {"toml": '[columns]\nemail = "email"\ncreated_at = "since"\n'})
    client.post(f"/imports/{upload.pk}/run/")
    uploads.run()
    assert Lead.objects.get().created_at.date().isoformat() == "2026-01-31"

"""A list as a file: who may have it, and what is on record of it."""

import pytest

from accounts import exports
from accounts.exports import Contents, ListExport
from accounts.files import FORMATS, Column
from accounts.models import Export
from tests.conftest import signed_in
from tests.exported import body_of, csv_rows


@pytest.fixture
def numbers(monkeypatch):
    """A list of three numbers."""

    def prepare(request, now):
        return Contents([Column("number")], 3, ([one] for one in (1, 2, 3)))

    monkeypatch.setitem(exports._LISTS, "numbers", ListExport("numbers", "Numbers", "leads", prepare))


def sentence_of(answer):
    assert "Content-Disposition" not in answer.headers
    return answer.content.decode()


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_saved_under_a_telling_name_and_kept_nowhere(manager_client, numbers, name):
    answer = manager_client.get(f"/exports/numbers/?format={name}")

    at = Export.objects.get().at
    assert answer.headers["Content-Disposition"] == f'attachment; filename="numbers-{at:%Y-%m-%d}.{name}"'
    assert answer.headers["Content-Type"] == FORMATS[name].content_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_it_is_on_record_who_took_what_and_how_much_before_the_first_byte(manager_client, manager, numbers):
    answer = manager_client.get("/exports/numbers/?format=csv&stage=sal&page=3&q=bea@buyer.example&owner=")

    (record,) = Export.objects.all()
    assert (record.user, record.name, record.rows, record.file_format) == (manager, "numbers", 3, "csv")
    assert record.filters == "stage=sal&q=…"
    assert [row["number"] for row in csv_rows(answer)] == ["1", "2", "3"]


def test_a_report_that_is_taken_away_is_on_record_too(marketing_client, marketing):
    marketing_client.get("/reports/closed-loop/?from=2026-01-01&format=xlsx")

    record = Export.objects.get()
    assert (record.user, record.name, record.file_format, record.rows) == (marketing, "report closed-loop", "xlsx", 0)
    assert "from=2026-01-01" in record.filters


def test_an_admin_reads_the_record_and_nobody_changes_it(admin_client, manager_client, numbers):
    manager_client.get("/exports/numbers/?format=csv")
    pk = Export.objects.get().pk

    page = admin_client.get("/admin/accounts/export/").content.decode()

    assert "numbers" in page
    assert "Mia Manager" in page
    assert admin_client.get("/admin/accounts/export/add/").status_code == 403
    assert admin_client.post(f"/admin/accounts/export/{pk}/change/", {"rows": 1}).status_code == 403
    assert admin_client.post(f"/admin/accounts/export/{pk}/delete/").status_code == 403


def test_a_rep_takes_500_rows_at_most(rep_client, manager_client, numbers, monkeypatch):
    monkeypatch.setattr(exports, "MOST_FOR_A_REP", 2)

    answer = rep_client.get("/exports/numbers/?format=csv")

    assert answer.status_code == 403
    assert "3 of your leads are in this list, and a file may have 2. Narrow the list" in sentence_of(answer)
    assert Export.objects.count() == 0
    assert manager_client.get("/exports/numbers/?format=csv").status_code == 200


def test_what_is_too_long_for_a_workbook_is_offered_as_csv(manager_client, numbers, monkeypatch):
    monkeypatch.setitem(FORMATS, "xlsx", exports.FORMATS["xlsx"].__class__("Excel", "x/y", None, most_rows=2))

    answer = manager_client.get("/exports/numbers/?format=xlsx")

    assert answer.status_code == 400
    assert "an Excel file may have 2. Take CSV" in sentence_of(answer)


@pytest.mark.parametrize("query", ["", "format=", "format=pdf", "format=csv%00"])
def test_an_unknown_format_is_refused_with_those_there_are(manager_client, numbers, query):
    answer = manager_client.get(f"/exports/numbers/?{query}")

    assert answer.status_code == 400
    assert "Choose one of: csv, xlsx." in sentence_of(answer)
    assert Export.objects.count() == 0


def test_a_file_is_only_asked_for(manager_client, numbers):
    assert manager_client.post("/exports/numbers/?format=csv").status_code == 405
    assert manager_client.head("/exports/numbers/?format=csv").status_code == 405


@pytest.mark.parametrize("role", ["rep", "manager", "marketing", "admin"])
def test_every_list_that_is_empty_is_a_file_with_headings_alone(request, role):
    client = signed_in(request.getfixturevalue(role))

    answers = {name: client.get(f"/exports/{name}/?format=csv") for name in exports.registered_lists()}

    files = {name: body_of(answer).decode() for name, answer in answers.items() if answer.status_code == 200}
    lines = {name: text.count("\r\n") for name, text in files.items()}
    assert lines | {"team-workload": 1, "team-pipeline": 1} == dict.fromkeys(lines, 1) | {
        "team-workload": 1,
        "team-pipeline": 1,
    }
    assert {"leads", "queue", "disputes", "black-hole"} <= set(files)

"""Bad files, row by row of the catalogue: C12 to C15, what a row says and whose a file is."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Team, User
from accounts.roles import Role
from funnel.models import Lead
from integrations.models import Upload
from tests.conftest import signed_in
from tests.factories import LeadFactory, UserFactory
from tests.integrations.uploads.conftest import problems


@pytest.fixture
def client(marketing_client):
    return marketing_client


def post(client, content, name="leads.csv"):
    return client.post("/imports/new/", {"kind": "leads", "file": SimpleUploadedFile(name, content.encode())})


# --- C12 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "cell", "sentence"),
    [
        ("expected_value", "12,5O", '"12,5O" is not a number'),
        ("created_at", "2026-02-30", '"2026-02-30" is not a date like 2026-01-31 or 2026-01-31T14:30+01:00'),
        ("stage", "hot", '"hot" is not one of inquiry, nurture, mql, sal, sql, won, lost, no_decision, disqualified'),
        (
            "owner",
            "Nobody Known",
            'not-allowed: you cannot give leads to "Nobody Known". Name somebody of sales, or ask an admin.',
        ),
    ],
)
def test_c12_a_bad_cell_is_named_by_line_and_column(uploads, field, cell, sentence):
    rows = "".join(f"a{number}@x.test,,\n" for number in range(5))
    toml = f'[columns]\nemail = "email"\n{field} = "Amount"\n[constants]\ncurrency = "EUR"\n'

    upload = uploads.done(f'email,x,Amount\n{rows}bad@x.test,,"{cell}"\n', toml=toml)

    assert problems(upload) == [(7, "Amount", sentence)]
    assert not Lead.objects.filter(email="bad@x.test").exists()


# --- C13 ----------------------------------------------------------------------------------------------------

OWNED = '[columns]\nemail = "email"\nowner = "owner"\nteam = "team"\n'


def test_c13_marketing_gives_leads_to_sales_alone_and_learns_of_nobody_else(uploads, rep, admin):
    gone = UserFactory(name="Gone Away", is_active=False)
    names = [rep.email, rep.name, admin.email, admin.name, gone.name, "no@body.test"]
    rows = "".join(f"a{number}@x.test,{name},\n" for number, name in enumerate(names))

    upload = uploads.done(f"email,owner,team\n{rows}", toml=OWNED)

    assert upload.tally == {"created": 2, "rejected": 4}
    assert set(Lead.objects.values_list("owner", flat=True)) == {rep.pk}
    assert {reason.replace(name, "NAME") for name, (_, _, reason) in zip(names[2:], problems(upload), strict=True)} == {
        'not-allowed: you cannot give leads to "NAME". Name somebody of sales, or ask an admin.'
    }


def test_c13_marketing_adds_no_people_and_no_teams(uploads, rep, west):
    people, teams = User.objects.count(), Team.objects.count()

    upload = uploads.done("email,owner,team\na@x.test,,West\nb@x.test,,North\nc@x.test,New,\n", toml=OWNED)

    assert upload.tally == {"created": 1, "rejected": 2}
    assert (User.objects.count(), Team.objects.count()) == (people, teams)


def test_c13_marketing_brings_no_lead_past_mql(uploads):
    rows = "".join(f"{stage}@x.test,{stage}\n" for stage in ("inquiry", "nurture", "mql", "sal", "sql", "won"))

    upload = uploads.done(f"email,stage\n{rows}", toml='[columns]\nemail = "email"\nstage = "stage"\n')

    beyond = "not-allowed: marketing brings leads up to MQL. What became of them later is a file of outcomes."
    assert problems(upload) == [(line, "stage", beyond) for line in (5, 6, 7)]


def test_c13_what_sales_has_in_hand_no_file_of_marketing_decides(uploads, rep):
    LeadFactory(handed_off=True, owner=rep, email="mql@x.test")
    LeadFactory(accepted=True, owner=rep, email="sal@x.test")
    LeadFactory(email="past@x.test")

    upload = uploads.done(
        "email,outcome\nmql@x.test,lost\nsal@x.test,won\npast@x.test,lost\n",
        kind="outcomes",
        toml='[columns]\nemail = "email"\noutcome = "outcome"\n',
    )

    told = "not-allowed: sales was handed this lead here, and says itself what becomes of it."
    assert problems(upload) == [(2, "", told), (3, "", told)]
    stages = dict(Lead.objects.values_list("email", "stage"))
    assert stages == {"mql@x.test": "mql", "sal@x.test": "sal", "past@x.test": "lost"}


def test_c13_an_admin_may_all_of_it(uploads, admin):
    toml = '[columns]\nemail = "email"\nowner = "owner"\nteam = "team"\nstage = "stage"\n'

    upload = uploads.done("email,owner,team,stage\na@x.test,New Rep,North,won\n", toml=toml, by=admin)

    assert (upload.tally, upload.created["owners"], upload.created["teams"]) == ({"created": 1}, ["New Rep"], ["North"])


def test_c13_a_file_of_people_takes_nobodys_admin_role(uploads, admin):
    rows = f"email,role\n{admin.email},rep\nnew@x.test,rep\n"

    upload = uploads.done(rows, kind="people", toml='[columns]\nemail = "email"\nrole = "role"\n', by=admin)

    told = "not-allowed: a file takes nobody's admin role. Change it in the admin's pages."
    assert problems(upload) == [(2, "role", told)]
    admin.refresh_from_db()
    assert admin.role == Role.ADMIN


# --- C14 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd", "/etc/passwd", "..\\..\\win.ini", f"{'x' * 300}.csv", "<script>alert(1)</script>.csv"),
        *("a\r\nSet-Cookie: x=1.csv", "a\x00.csv", "\u202egnp.csv"),
    ],
)
def test_c14_a_files_name_is_shown_escaped_and_is_never_a_path(client, uploads_folder, name):
    upload_id = post(client, "email\nbob\n", name).url.split("/")[2]

    upload = Upload.objects.get(pk=upload_id)
    page = client.get("/imports/").content.decode()
    assert [path.name for path in uploads_folder.iterdir()] == [upload.file]
    assert len(upload.file.partition(".")[0]) == 32
    assert upload.name.isprintable()
    assert len(upload.name) <= 300
    assert "<script>alert" not in page


def test_c14_the_name_of_a_download_breaks_no_header(client, uploads):
    upload = uploads.done("email\nbob\n", name='a\r\nX: y"; filename="evil.csv')

    header = client.get(f"/imports/{upload.pk}/rejected.csv")["Content-Disposition"]

    assert "\r" not in header
    assert "\n" not in header
    assert header.startswith("attachment; ")


# --- C15 ----------------------------------------------------------------------------------------------------


def test_c15_the_rejected_rows_of_somebody_else_do_not_exist(client, uploads):
    upload = uploads.done("email\nbob\n")
    other = signed_in(UserFactory(role=Role.MARKETING, team=None))

    statuses = [other.get(f"/imports/{pk}/rejected.csv").status_code for pk in (upload.pk, 987654321)]

    assert statuses == [404, 404]
    assert client.get(f"/imports/{upload.pk}/rejected.csv").status_code == 200


def test_c15_whoever_is_no_admin_any_more_does_not_reach_a_file_of_people(uploads, admin):
    upload = uploads.done("name\n\nx\n", kind="people", toml='[columns]\nname = "name"\n', by=admin)
    User.objects.filter(pk=admin.pk).update(role=Role.MARKETING)

    assert signed_in(User.objects.get(pk=admin.pk)).get(f"/imports/{upload.pk}/").status_code == 404

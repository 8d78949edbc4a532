"""/imports/: from upload to mended file, and who may."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from funnel.models import Lead
from integrations.models import SavedMapping, Upload
from tests.conftest import signed_in
from tests.factories import UserFactory

FOREIGN = "Mail;Given name;Came from;Since\nann@x.test;Ann;Fair;31/01/2026\nbob;Bob;;01/02/2026\n"


@pytest.fixture
def client(marketing_client):
    return marketing_client


def post_file(client, text, *, name="crm.csv", kind="leads"):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post("/imports/new/", {"kind": kind, "file": SimpleUploadedFile(name, content)})


def mapped(client, text, toml='[columns]\nemail = "email"\n', **options):
    post_file(client, text, **options)
    upload = Upload.objects.first()
    answer = client.post(f"/imports/{upload.pk}/mapping/", {"toml": toml})
    assert answer.status_code == 302, answer.content.decode()
    return upload


def text_of(answer):
    return answer.content.decode()


def test_the_empty_page_says_what_to_do(client):
    page = text_of(client.get("/imports/"))

    assert "Nothing imported yet" in page
    assert 'href="/imports/new/"' in page


def test_the_limits_are_told_before(client):
    page = text_of(client.get("/imports/new/"))

    assert "At most 10 MB or 50,000 rows, 100 columns, and 32,768 characters in a cell." in page


def test_guesses_are_shown_and_can_be_changed_before_anything_is_read(client):
    answer = post_file(client, FOREIGN)

    page = text_of(client.get(answer.url))

    upload = Upload.objects.get()
    assert answer.url == f"/imports/{upload.pk}/mapping/"
    assert (upload.state, upload.toml, upload.lines) == ("uploaded", "", 3)
    assert "CSV, UTF-8, cells parted by semicolons" in page
    for field, column in {"email": "Mail", "first_name": "Given name", "created_at": "Since"}.items():
        select = page.partition(f'name="column:{field}"')[2].partition("</select>")[0]
        assert f'<option selected value="{column}">' in select
    assert "guess: usual name" in page
    assert "guess: looks like dates" in page


def test_the_form_becomes_the_toml_that_the_commands_read(client):
    post_file(client, FOREIGN)
    upload = Upload.objects.get()

    answer = client.post(
        f"/imports/{upload.pk}/mapping/",
        {
            "source": "crm",
            "column:email": "Mail",
            "column:first_name": "Given name",
            "column:channel": "Came from",
            "blank:channel": "unknown",
            "word:channel:0": "Fair",
            "value:channel:0": "trade-fair",
            "column:created_at": "Since",
            "format:created_at": "%d/%m/%Y",
            "time_zone:created_at": "Europe/Paris",
            "constant:stage": "nurture",
        },
    )

    assert answer.url == f"/imports/{upload.pk}/preview/"
    toml = text_of(client.get(f"/imports/{upload.pk}/mapping.toml"))
    assert toml == (
        'source = "crm"\n\n[columns]\nemail = "Mail"\nfirst_name = "Given name"\n'
        'channel = { column = "Came from", blank = "unknown", values = { Fair = "trade-fair" } }\n'
        'created_at = { column = "Since", format = "%d/%m/%Y", time_zone = "Europe/Paris" }\n'
        '\n[constants]\nstage = "nurture"\n'
    )


def test_the_preview_shows_the_rows_as_they_would_become_and_writes_nothing(client):
    toml = (
        '[columns]\nemail = "Mail"\nchannel = { column = "Came from", blank = "unknown" }\n'
        'created_at = { column = "Since", format = "%d/%m/%Y" }\n'
    )
    upload = mapped(client, FOREIGN, toml)

    page = text_of(client.get(f"/imports/{upload.pk}/preview/"))

    first, second = [row.partition("</tr>")[0] for row in page.partition("<tbody>")[2].split("<tr")[1:]]
    assert "Created" in first
    assert "fair" in first
    assert "31 Jan 2026, 00:00" in first
    assert "Rejected" in second
    assert "&quot;bob&quot; is not an e-mail address" in second
    assert "<strong>1 would be rejected</strong>" in page
    assert "Not read: Given name." in page
    assert not Lead.objects.exists()


def test_a_file_is_imported_its_rejected_rows_are_mended_and_come_in(client, uploads):
    rows = 'email,phone\nann@x.test,\nbob,"=1+1"\ncyd@x.test,+33 1\n'
    toml = 'source = "crm"\n[columns]\nemail = "email"\nphone = "phone"\n'
    upload = mapped(client, rows, toml)
    client.post(f"/imports/{upload.pk}/run/")
    waiting = text_of(client.get(f"/imports/{upload.pk}/"))
    uploads.run()

    page = text_of(client.get(f"/imports/{upload.pk}/"))
    rejected = b"".join(client.get(f"/imports/{upload.pk}/rejected.csv").streaming_content)

    assert "Waiting for its turn" in waiting
    assert "3 rows: 2 created, 0 updated, 0 skipped, 1 rejected." in page
    records = list(csv.reader(io.StringIO(rejected.decode("utf-8-sig"))))
    assert records == [
        ["line", "column", "reason", "email", "phone"],
        ["3", "email", '"bob" is not an e-mail address', "bob", "'=1+1"],
    ]
    post_file(client, rejected.replace(b'"bob","', b'"bob@x.test","'), name="crm.csv.rejected (1).csv")
    mended = Upload.objects.first()
    proposed = text_of(client.get(f"/imports/{mended.pk}/mapping/"))
    assert "Mapped as the files of <strong>crm</strong> were last time" in proposed
    client.post(f"/imports/{mended.pk}/mapping/", {"toml": SavedMapping.objects.get().toml})
    client.post(f"/imports/{mended.pk}/run/")
    uploads.run()
    assert Lead.objects.get(email="bob@x.test").phone == "=1+1"


def test_the_rows_can_be_filtered_and_lead_to_their_leads(client, uploads):
    upload = mapped(client, "email\nann@x.test\nbob\n")
    client.post(f"/imports/{upload.pk}/run/")
    uploads.run()

    everything = text_of(client.get(f"/imports/{upload.pk}/"))
    only_rejected = text_of(client.get(f"/imports/{upload.pk}/?status=rejected"))

    lead = Lead.objects.get()
    assert f'href="/leads/{lead.pk}/"' in everything
    assert f'href="/leads/{lead.pk}/"' not in only_rejected
    assert "&quot;bob&quot; is not an e-mail address" in only_rejected


def test_htmx_gets_the_progress_alone_and_a_reload_at_the_end(client, uploads):
    upload = mapped(client, "email\nann@x.test\n")
    client.post(f"/imports/{upload.pk}/run/")

    going_on = client.get(f"/imports/{upload.pk}/", headers={"HX-Request": "true"})
    uploads.run()
    over = client.get(f"/imports/{upload.pk}/", headers={"HX-Request": "true"})

    assert "<html" not in text_of(going_on)
    assert "HX-Refresh" not in going_on
    assert over["HX-Refresh"] == "true"


def test_a_trial_is_told_as_one_and_can_be_made_the_import(client, uploads):
    upload = mapped(client, "email\nann@x.test\n")
    client.post(f"/imports/{upload.pk}/run/", {"dry_run": "1"})
    uploads.run()

    page = text_of(client.get(f"/imports/{upload.pk}/"))

    assert "A trial: nothing was written." in page
    assert not Lead.objects.exists()
    client.post(f"/imports/{upload.pk}/run/")
    uploads.run()
    assert Lead.objects.count() == 1


def test_a_mapping_that_cannot_be_says_why_and_keeps_what_was_typed(client):
    post_file(client, FOREIGN)
    upload = Upload.objects.get()
    said = {"source": "crm", "column:email": "Mail", "column:created_at": "Since", "format:created_at": "%Q"}

    answer = client.post(f"/imports/{upload.pk}/mapping/", said)

    assert answer.status_code == 422
    assert "has a bad date format" in text_of(answer)
    assert 'value="%Q"' in text_of(answer)
    upload.refresh_from_db()
    assert upload.toml == ""


def test_the_key_of_the_lead_has_to_be_chosen(client):
    post_file(client, FOREIGN)
    upload = Upload.objects.get()

    answer = client.post(f"/imports/{upload.pk}/mapping/", {"source": "crm", "column:first_name": "Given name"})

    assert "Choose a column for email or external_id: each row needs one of them." in text_of(answer)


def test_a_pasted_mapping_that_is_none_stays_to_be_mended(client):
    post_file(client, FOREIGN)
    upload = Upload.objects.get()

    answer = client.post(f"/imports/{upload.pk}/mapping/", {"toml": "[columns"})

    assert answer.status_code == 422
    assert "The mapping is no TOML" in text_of(answer)
    assert "[columns</textarea>" in text_of(answer)


def test_a_source_of_unseen_characters_is_refused(client):
    post_file(client, "email\na@x.test\n")
    upload = Upload.objects.get()

    answer = client.post(
        f"/imports/{upload.pk}/mapping/", {"toml": 'source = "a\\u0000"\n[columns]\nemail = "email"\n'}
    )

    assert answer.status_code == 422
    assert "The mapping&#x27;s source has a character that cannot be seen" in answer.content.decode()


def test_the_words_of_the_chosen_columns_are_shown_without_keeping_anything(client):
    post_file(client, "email,Herkunft\nann@x.test,Messe Köln\n")
    upload = Upload.objects.get()

    answer = client.post(
        f"/imports/{upload.pk}/mapping/", {"show": "1", "column:email": "email", "column:channel": "Herkunft"}
    )

    page = text_of(answer)
    assert 'name="word:channel:0" value="Messe Köln"' in page
    assert 'name="value:channel:0" value="messe-koln"' in page
    upload.refresh_from_db()
    assert upload.toml == ""


def test_a_file_is_removed_and_its_leads_stay(client, uploads, uploads_folder):
    upload = mapped(client, "email\nann@x.test\n")
    client.post(f"/imports/{upload.pk}/run/")
    uploads.run()

    answer = client.post(f"/imports/{upload.pk}/remove/")

    assert answer.url == "/imports/"
    assert not Upload.objects.exists()
    assert list(uploads_folder.iterdir()) == []
    assert Lead.objects.count() == 1


# --- who may ------------------------------------------------------------------------------------------------


def test_people_are_imported_by_admins_alone(client, admin_client):
    offered = {one: text_of(one.get("/imports/new/")) for one in (client, admin_client)}

    assert 'value="people"' not in offered[client]
    assert 'value="people"' in offered[admin_client]
    assert post_file(client, "name\nAnn\n", kind="people").status_code == 400
    assert not Upload.objects.exists()


def test_the_admin_sees_the_files_of_others(client, admin_client, uploads):
    upload = mapped(client, "email\nann@x.test\n")

    assert "crm.csv" in text_of(admin_client.get("/imports/"))
    assert admin_client.get(f"/imports/{upload.pk}/").status_code == 302


def test_the_list_costs_no_more_for_20_files_than_for_1(client, uploads, queries_for):
    uploads.store("email\na@x.test\n")
    one = queries_for(lambda: client.get("/imports/"))
    for _ in range(19):
        uploads.store("email\na@x.test\n")

    assert queries_for(lambda: client.get("/imports/")) == one


def test_the_result_costs_no_more_for_20_rows_than_for_2(client, uploads, queries_for):
    few = mapped(client, "email\na1@x.test\nbob\n")
    many = mapped(client, "email\n" + "".join(f"b{number}@x.test\n" for number in range(20)))
    for upload in (few, many):
        client.post(f"/imports/{upload.pk}/run/")
    uploads.run()

    assert queries_for(lambda: client.get(f"/imports/{many.pk}/")) == queries_for(
        lambda: client.get(f"/imports/{few.pk}/")
    )


def test_files_of_somebody_else_do_not_exist(client, uploads):
    other = signed_in(UserFactory(role="marketing", team=None))
    upload = mapped(client, "email\nbob\n")
    client.post(f"/imports/{upload.pk}/run/")
    uploads.run()

    addresses = ["", "mapping/", "mapping.toml", "preview/", "rejected.csv"]
    answers = [other.get(f"/imports/{upload.pk}/{one}").status_code for one in addresses]
    answers += [other.post(f"/imports/{upload.pk}/{one}/").status_code for one in ("run", "remove", "encoding")]

    assert answers == [404] * 8
    assert "crm.csv" not in text_of(other.get("/imports/"))

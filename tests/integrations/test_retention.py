"""What is kept for a time is forgotten when it is over, and not before; and the job says how much."""

import logging
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Mail, Notification
from funnel.models import Lead, LeadEvent, Suppression
from integrations.models import ApiKey, Delivery, Endpoint, IdempotentRequest, InboxItem, Upload, UploadedRow
from integrations.services.retention import clean_up
from integrations.tasks import clean_up as task
from tests.factories import LeadFactory
from tests.integrations.inbound.sending import source

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def now():
    return timezone.now()


def inbox_item(now, age, **more):
    tool = source("generic") if not InboxItem.objects.exists() else InboxItem.objects.first().source
    fields = {"state": "done", "body": b"{}", "headers": {"user-agent": "x"}} | more
    number = InboxItem.objects.count()
    return InboxItem.objects.create(source=tool, message_id=f"m-{number}", digest="d", received_at=now - age, **fields)


def delivery(now, age):
    lead = LeadFactory()
    endpoint = Endpoint.objects.create(name="Sheet", url="https://sheet.example/", secret="s", created_at=now)
    event = LeadEvent.objects.get(lead=lead)
    fields = {"state": "sent", "body": "{}", "answer": "ok", "done_at": now - age, "next_attempt_at": now}
    return Delivery.objects.create(
        endpoint=endpoint, event=event, lead=lead, seq=1, message_id=f"d-{lead.pk}", created_at=now - age, **fields
    )


def answer(now, age):
    key, _ = ApiKey.objects.get_or_create(name="K", source="mautic", defaults={"digest": "d", "created_at": now})
    number = IdempotentRequest.objects.count()
    return IdempotentRequest.objects.create(api_key=key, key=f"k-{number}", fingerprint="f", created_at=now - age)


def uploaded_row(now, age, rep):
    upload = Upload.objects.create(
        kind="leads", name="f.csv", file="some-file", digest="d", size=1, by=rep, created_at=now - age
    )
    return UploadedRow.objects.create(upload=upload, line=2, status="rejected", cells=["Ann"], problems=[{"a": "b"}])


def told(now, age, rep, sent=True):
    number = Mail.objects.count()
    Notification.objects.create(user=rep, kind="test", key=f"n-{number}", text="Ann", created_at=now - age)
    return Mail.objects.create(
        key=f"m-{number}",
        to="rita@sales.example",
        subject="Ann",
        text="Ann",
        created_at=now - age,
        next_attempt_at=now,
        sent_at=now if sent else None,
    )


def disqualified(now, age):
    lead = LeadFactory()
    Lead.objects.filter(pk=lead.pk).update(stage="disqualified", due_at=None, stage_entered_at=now - age)
    return lead


def test_messages_of_tools_are_emptied_after_30_days(now):
    kept, waiting = inbox_item(now, 29 * DAY), inbox_item(now, 31 * DAY, state="waiting", next_attempt_at=now)
    old = inbox_item(now, 31 * DAY, results=[{"lead": 1}])

    assert clean_up(now=now)["messages of tools"] == 1

    old.refresh_from_db()
    assert (bytes(old.body), old.headers, old.state, old.results) == (b"", {}, "done", [{"lead": 1}])
    assert bytes(InboxItem.objects.get(pk=kept.pk).body) == b"{}"
    assert bytes(InboxItem.objects.get(pk=waiting.pk).body) == b"{}"


def test_bodies_of_webhooks_are_emptied_30_days_after_they_were_sent(now):
    kept, old = delivery(now, 29 * DAY), delivery(now, 31 * DAY)

    assert clean_up(now=now)["bodies of webhooks"] == 1

    assert Delivery.objects.values_list("body", "answer", "state").get(pk=old.pk) == ("", "", "sent")
    assert Delivery.objects.get(pk=kept.pk).body == "{}"


def test_answers_of_the_api_are_forgotten_after_72_hours(now):
    kept = answer(now, timedelta(hours=71))
    answer(now, timedelta(hours=73))

    assert clean_up(now=now)["answers of the API"] == 1

    assert list(IdempotentRequest.objects.all()) == [kept]


def test_files_and_their_rejected_rows_are_forgotten_after_90_days(now, rep, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "some-file").write_text("Ann")
    kept, old = uploaded_row(now, 89 * DAY, rep), uploaded_row(now, 91 * DAY, rep)

    assert clean_up(now=now)["rejected rows of files"] == 1

    old.refresh_from_db()
    assert (old.cells, old.problems, old.upload.file) == ([], [], "")
    assert not (tmp_path / "uploads" / "some-file").exists()
    assert UploadedRow.objects.get(pk=kept.pk).cells == ["Ann"]


def test_notifications_and_mails_are_forgotten_after_a_year_but_none_that_waits(now, rep):
    kept, waiting = told(now, 364 * DAY, rep), told(now, 366 * DAY, rep, sent=False)
    told(now, 366 * DAY, rep)

    done = clean_up(now=now)

    assert (done["notifications"], done["mails"]) == (2, 1)
    assert set(Mail.objects.all()) == {kept, waiting}
    assert Notification.objects.count() == 1


def test_disqualified_leads_are_erased_after_two_years_and_may_come_back(now):
    kept, old = disqualified(now, 729 * DAY), disqualified(now, 731 * DAY)

    assert clean_up(now=now)["disqualified leads erased"] == 1

    assert Lead.objects.get(pk=old.pk).erased_at == now
    assert Lead.objects.get(pk=kept.pk).erased_at is None
    assert not Suppression.objects.exists()
    assert LeadEvent.objects.filter(lead=old).last().kind == "lead.erased"


def test_what_is_over_is_forgotten_once(now, rep):
    for age in (800 * DAY, 900 * DAY):
        inbox_item(now, age), answer(now, age), told(now, age, rep), disqualified(now, age)

    assert clean_up(now=now).total() == 10
    assert not clean_up(now=now)


def test_zero_days_keep_for_ever(now, settings):
    settings.KEPT_DAYS = settings.KEPT_DAYS | {"answers": 0}
    answer(now, 800 * DAY)

    assert not clean_up(now=now)


def test_the_job_counts_in_the_log_what_it_forgot(now, caplog):
    answer(now, 5 * DAY)

    with caplog.at_level(logging.INFO, logger="integrations.services.retention"):
        task()

    assert "answers of the API 1" in caplog.text


def test_the_command_does_the_same(now, capsys):
    answer(now, 5 * DAY)

    call_command("clean_up")
    call_command("clean_up")

    assert capsys.readouterr().out.splitlines() == ["answers of the API 1", "Nothing is due."]

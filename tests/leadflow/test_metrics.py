"""/metrics: figures of the rows, for whoever has the token or sits on the machine."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import Mail
from funnel.models import Flag, Lead
from funnel.services.jobs import note_run
from integrations.models import Delivery, Endpoint, InboxItem, Source, Upload
from leadflow import metrics
from leadflow.jobs import EVERY
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_kept():
    cache.clear()
    yield
    cache.clear()


def scrape(client, **how):
    """The figures as Prometheus reads them: (name, labels in their order) to value."""
    answer = client.get("/metrics", **how)
    assert answer.status_code == 200, answer.content
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


# --- what it tells --------------------------------------------------------------------------------------------


def test_messages_deliveries_and_mails_that_wait_or_were_given_up_are_counted(client):
    now = timezone.now()
    source = Source.objects.create(slug="s", name="S", adapter="mautic", token="t", secret="x" * 9, created_at=now)
    for number, state in enumerate(["waiting", "waiting", "failed", "dead", "done"]):
        at = now - timedelta(minutes=number)
        InboxItem.objects.create(source=source, message_id=number, digest="d", received_at=at, state=state)
    stopped, running = (
        Endpoint.objects.create(name=name, url="https://x.example", secret="s", created_at=now, is_active=name == "on")
        for name in ("off", "on")
    )
    lead = LeadFactory()
    for endpoint, age, state in ((stopped, 9, "waiting"), (running, 3, "waiting"), (running, 5, "sent")):
        at = now - timedelta(minutes=age)
        Delivery.objects.create(
            endpoint=endpoint,
            event=lead.events.first() if state == "waiting" else LeadFactory().events.first(),
            lead=lead,
            seq=1,
            message_id=f"{endpoint}{age}",
            state=state,
            created_at=at,
            next_attempt_at=at,
        )
    for number, fields in enumerate([{}, {"dead": True}, {"sent_at": now}]):
        Mail.objects.create(
            key=number,
            to="a@b.example",
            subject="s",
            text="t",
            created_at=now - timedelta(minutes=2),
            next_attempt_at=now,
            **fields,
        )

    told = scrape(client)

    assert [told["leadflow_inbox_messages", state] for state in ("waiting", "failed", "dead")] == [2, 1, 1]
    assert 60 <= told["leadflow_inbox_oldest_seconds",] < 90
    assert [told["leadflow_deliveries", state] for state in ("waiting", "dead")] == [2, 0]
    assert 180 <= told["leadflow_deliveries_oldest_seconds",] < 210
    assert [told["leadflow_mails", state] for state in ("waiting", "dead")] == [1, 1]
    assert 120 <= told["leadflow_mails_oldest_seconds",] < 150


def test_leads_by_stage_are_counted_anew_after_a_minute(client, rep):
    LeadFactory(won=True, owner=rep)
    assert (scrape(client)["leadflow_leads", "won"], scrape(client)["leadflow_leads", "lost"]) == (1, 0)

    LeadFactory(won=True, owner=rep)
    assert scrape(client)["leadflow_leads", "won"] == 1

    cache.clear()
    assert scrape(client)["leadflow_leads", "won"] == 2


def test_leads_in_the_black_hole_and_files_that_wait_are_counted(client, rep, admin):
    now, lead = timezone.now(), LeadFactory(handed_off=True, owner=rep)
    flag = {"lead": lead, "hand_off": lead.hand_off, "cycle": 1, "clock": Lead.Clock.ACCEPT, "due_at": now}
    Flag.objects.create(**flag, kind=Flag.Kind.BLACK_HOLE, raised_at=now)
    for state in ("waiting", "running", "done"):
        Upload.objects.create(
            kind="leads", name="f", file="f", digest="d", size=1, state=state, by=admin, created_at=now
        )

    told = scrape(client)

    assert told["leadflow_black_hole_leads",] == 1
    assert told["leadflow_imports_waiting",] == 2


def test_a_job_that_has_not_ended_for_long_is_late(client, monkeypatch):
    now = timezone.now()
    monkeypatch.setattr(metrics, "STARTED_AT", now - timedelta(hours=3))
    for job, every in EVERY.items():
        ended = now - timedelta(minutes=10) if job == "funnel.tasks.sweep" else now
        note_run(job, every=every, started_at=ended, finished_at=ended)

    told = scrape(client)

    assert 600 <= told["leadflow_job_age_seconds", "funnel.tasks.sweep"] < 630
    assert {job for job in EVERY if told["leadflow_job_late", job]} == {"funnel.tasks.sweep"}


def test_requests_of_the_process_are_counted_and_timed(client):
    def answered():
        told = scrape(client)
        return {(key[1], key[3]): value for key, value in told.items() if key[0] == "leadflow_http_requests_total"}

    before = answered().get(("GET", "4xx"), 0)
    client.get("/api/nothing/")

    assert answered()["GET", "4xx"] == before + 1
    assert any(name[0] == "leadflow_http_request_seconds_count" for name in scrape(client))


def test_the_figures_cost_no_more_for_many_rows_than_for_none(client, queries_for, rep):
    def asked():
        cache.clear()
        client.get("/metrics")

    none = queries_for(asked)
    for _ in range(3):
        LeadFactory(handed_off=True, owner=rep)

    assert queries_for(asked) == none


# --- who may read it ------------------------------------------------------------------------------------------


def test_with_a_token_only_who_sends_it_reads(client, settings):
    settings.METRICS_TOKEN = "a-token-of-prometheus"

    for header in ("", "Bearer", "Bearer wrong", "Basic a-token-of-prometheus", "Bearer a-token-of-prometheus2"):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 403
    assert scrape(client, headers={"Authorization": "Bearer a-token-of-prometheus"}, REMOTE_ADDR="10.1.2.3")


@pytest.mark.parametrize(
    "how",
    [
        {"REMOTE_ADDR": "10.1.2.3"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "headers": {"X-Forwarded-For": "203.0.113.9"}},
        {"REMOTE_ADDR": "127.0.0.1", "headers": {"Forwarded": "for=203.0.113.9"}},
    ],
    ids=["another machine", "a socket", "a proxy", "another proxy"],
)
def test_without_a_token_only_the_machine_itself_reads(client, how):
    answer = client.get("/metrics", **how)

    assert answer.status_code == 403
    assert b"leadflow_" not in answer.content


def test_a_session_gives_no_right_to_it(admin_client):
    assert admin_client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 403


def test_without_a_database_it_says_so(client, monkeypatch):
    def down(*_given, **_more):
        raise OperationalError("connection refused")

    monkeypatch.setattr(metrics, "job_states", down)

    answer = client.get("/metrics")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")

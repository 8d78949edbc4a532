"""One message at the same moment from many sides, and many workers at one message: one effect."""

import json
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from funnel.models import Channel, Lead, Touch
from integrations.models import InboxItem
from integrations.services.inbox import process
from tests.integrations.inbound.sending import SECRET, post, source

pytestmark = pytest.mark.django_db(transaction=True)

BODY = json.dumps({"mail": "ann@buyer.example", "via": "web", "at": "2026-11-20T10:00:00Z", "page": "Prices"}).encode()
MAP = {"email": "/mail", "channel": "/via", "at": "/at", "touch.subject": "/page"}


@pytest.fixture
def tool(db):
    Channel.objects.create(slug="web", name="Web")
    return source("generic", field_map=MAP, options={"signature": "secret"})


def send():
    return post(Client(), "generic", BODY, **{"X-LeadFlow-Secret": SECRET}).status_code


def test_one_message_delivered_thirty_times_at_once_is_stored_once(tool, at_once):
    answers = at_once(*[send] * 30)

    assert sorted(answers) == [200] * 29 + [202]
    assert InboxItem.objects.count() == 1


def test_eight_workers_at_one_message_process_it_once(tool, at_once):
    send()
    item = InboxItem.objects.get()

    answers = at_once(*[partial(process, item.pk, now=timezone.now())] * 8)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert [answer.state for answer in answers if answer] == ["done"]
    assert Lead.objects.count() == 1
    assert Touch.objects.filter(subject="Prices").count() == 1
    item.refresh_from_db()
    assert item.attempts == 1


def test_a_message_that_ends_its_worker_each_time_is_given_up(tool):
    """Counted before the work: the attempt is known though nobody came back from it."""
    send()
    item = InboxItem.objects.get()
    InboxItem.objects.update(attempts=5)

    assert process(item.pk, now=timezone.now()) is None

    item.refresh_from_db()
    assert item.state == "dead"
    assert "ended" in item.error

"""What one lead told through the API asks of the database: each statement is a trip, and there are few."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import Channel, Lead, Touch
from tests.integrations.api.conftest import caller_of

# Rows are kept for the next call only once they are committed.
pytestmark = pytest.mark.django_db(transaction=True)


def body(number):
    return {
        "email": f"ann.{number}@buyer{number}.example",
        "external_id": f"a-{number}",
        "first_name": "Ann",
        "company": {"name": f"Buyer {number}", "domain": f"buyer{number}.example"},
        "channel": "webinar",
        "campaign": "spring",
        "score": 10,
        "touches": [{"at": "2026-01-02T09:14:00Z", "channel": "webinar", "external_id": f"t-{number}"}],
    }


@pytest.fixture
def caller():
    warm = caller_of("mautic")
    warm.post(body(0))  # makes channel and campaign, and notes that the key was used
    warm.post(body(0))
    return warm


def asked(caller, told):
    """The tables that were read or written, a list for each statement."""
    with CaptureQueriesContext(connection) as queries:
        answer = caller.post(told)
    statements = [one["sql"] for one in queries if not re.match("BEGIN|COMMIT", one["sql"])]
    wrote = [re.findall(r'(?:INTO|UPDATE) "\w+?_(\w+)"', sql) for sql in statements]
    read = [re.findall(r'^SELECT "\w+?_(\w+)"\.', sql) for sql in statements]
    return answer, [of_one or other for of_one, other in zip(wrote, read, strict=True)]


def test_a_new_lead(caller):
    answer, tables = asked(caller, body(1))

    written_with_it = ["leadsearch", "leadevent", "stagechange", "touch", "leadidentity"]
    together = [written_with_it] if connection.vendor == "postgresql" else [[one] for one in written_with_it]
    assert answer.json()["external_ids"] == ["a-1"]
    assert tables == [["apikey"], ["company"], ["company"], ["lead"], ["suppression"], ["lead"], *together]


def test_a_known_lead_of_which_nothing_new_is_told(caller):
    answer, tables = asked(caller, body(0))

    assert (answer.json()["result"], answer.json()["external_ids"]) == ("unchanged", ["a-0"])
    assert tables == [["apikey"], ["company"], ["lead"], ["touch"], ["leadidentity"], ["flag"]]


def test_a_channel_that_was_deleted_while_it_was_kept_is_made_anew(caller):
    Touch.objects.all().delete()
    before = Channel.objects.get(slug="webinar")
    Lead.objects.update(channel=Channel.objects.get(slug="unknown"))
    Channel.objects.filter(pk=before.pk)._raw_delete(using="default")  # as another process does: no signal comes here

    answer = caller.post(body(1))

    assert answer.status_code == 201
    assert Lead.objects.get(pk=answer.json()["id"]).channel.pk != before.pk

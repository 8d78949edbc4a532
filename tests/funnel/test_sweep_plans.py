"""When nothing is due the sweep looks at a few entries of small indexes, whatever the number of leads."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.outbox import send_batch
from funnel.services.flags import raise_flags
from funnel.services.orphans import release_orphans
from funnel.services.reassign import hand_over_late_leads
from tests.factories import NOW, LeadFactory


def plan(call, of=""):
    """How the database answers the first query that the call makes, or the first that names `of`."""
    with CaptureQueriesContext(connection) as queries:
        call(now=NOW)
    statement = next(query["sql"] for query in queries if query["sql"].startswith("SELECT") and of in query["sql"])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Of a handful of rows it would read the whole table.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
            return json.dumps(cursor.fetchone()[0])
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        return "\n".join(row[3] for row in cursor.fetchall())


@pytest.mark.parametrize(
    ("step", "index"),
    [
        (raise_flags, "lead_to_sweep"),
        (hand_over_late_leads, "escalation_to_hand_over"),
        (send_batch, "mail_to_send"),
    ],
)
def test_what_is_due_is_found_by_a_partial_index(rep, step, index):
    LeadFactory.create_batch(3, handed_off=True, owner=rep)

    assert index in plan(step)


def test_leads_of_who_is_missing_are_found_by_their_owner(rep):
    LeadFactory.create_batch(3, handed_off=True, owner=rep)
    User.objects.filter(pk=rep.pk).update(is_active=False)

    answer = plan(release_orphans, of='FROM "funnel_lead"')

    assert "lead_owner" in answer or "lead_queue" in answer


def test_while_everybody_is_there_no_lead_is_looked_at_for_a_missing_owner(rep):
    LeadFactory.create_batch(3, handed_off=True, owner=rep)

    with CaptureQueriesContext(connection) as queries:
        release_orphans(now=NOW)

    assert [query["sql"] for query in queries if "funnel_lead" in query["sql"]] == []
    assert len(queries) == 1

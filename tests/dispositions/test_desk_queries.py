"""How often the desk asks the database: it has to answer at once, whatever is in it."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from funnel import reference_cache
from tests.factories import LeadFactory

HTMX = {"HX-Request": "true"}


def test_the_queue_takes_eight_queries_for_1_lead_and_for_50(rep, rep_client):
    LeadFactory(handed_off=True, owner=rep)
    rep_client.get("/queue/")  # short lists are kept from now on
    with CaptureQueriesContext(connection) as one:
        rep_client.get("/queue/")
    for _ in range(49):
        LeadFactory(handed_off=True, owner=rep, touches=())
    rep_client.get("/queue/")
    with CaptureQueriesContext(connection) as fifty:
        rep_client.get("/queue/?lane=answer")

    assert len(fifty) == len(one) <= 8


def test_a_key_takes_nine_statements_also_on_the_seventh_attempt(rep, rep_client):
    lead = LeadFactory(accepted=True, owner=rep, at=timezone.now() - timedelta(minutes=5))
    reference_cache.forget()
    taken = []
    for version in range(lead.version, lead.version + 7):
        with CaptureQueriesContext(connection) as queries:
            said = {"outcome": "voicemail", "version": version, "note": "Left my number."}
            answer = rep_client.post(reverse("dispose", args=[lead.pk]), said, headers=HTMX)
        assert answer.status_code == 200
        taken.append(sum(not one["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for one in queries))

    # The first looks up the stages' limits, the company's hours, and what became of leads like this one with the
    # names of the channels, all of which are then kept for a moment.
    assert taken == [13, 9, 9, 9, 9, 9, 9]

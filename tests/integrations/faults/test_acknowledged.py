"""P1: what was answered 2xx is kept, once, whatever is killed meanwhile."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from funnel.models import Lead, LeadEvent
from funnel.services.verify import first_broken_row
from integrations.models import FeedEntry, InboxItem
from integrations.services.exchange import read_inbox
from integrations.services.feed import bring_up_to_date
from tests.factories import AgreementFactory
from tests.integrations.faults.conftest import SCALE, empty_redis, end_its_connections, importing, in_threads
from tests.integrations.inbound.sending import SECRET, source
from tests.web_server import Faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CLIENTS, ROUNDS, ROWS = 8, 4 * SCALE, 100 * SCALE


def person(name, **fields):
    return {"email": f"{name}@buyer.example", "external_id": name, "channel": "web"} | fields


def told_by(web, key, faults, client):
    """Everything that this client tells, one after the other, until each is acknowledged; answers whom."""
    told = []
    for number in range(ROUNDS):
        name = f"c{client}-{number}"
        one, sales = person(f"{name}-one"), person(f"{name}-sales", stage="mql")
        many = [person(f"{name}-{index}") for index in range(5)]
        for path, body in (("leads/", one), ("leads/", sales), ("leads/bulk/", {"leads": many})):
            faults.until_acknowledged(partial(web.ask, "POST", f"/api/v1/{path}", body, **key))
        hooked = json.dumps({"email": f"{name}-hook@buyer.example"}).encode()
        signed = {"X-LeadFlow-Secret": SECRET}
        faults.until_acknowledged(partial(web.ask, "POST", "/api/v1/hooks/token-generic/", hooked, **signed))
        told += [one, sales, *many, json.loads(hooked)]
    return [lead["email"] for lead in told]


def test_no_acknowledged_lead_is_lost_or_doubled(web, key, tmp_path):
    AgreementFactory()
    source("generic", field_map={"email": "/email"}, options={"signature": "secret"})
    connection.close()
    faults = Faults(web.kill_a_worker, empty_redis, web.kill_a_worker, end_its_connections, every=12, seed=1)
    file = tmp_path / "leads.csv"
    file.write_text("email,channel\n" + "".join(f"csv-{number}@buyer.example,web\n" for number in range(ROWS)))

    with importing(file):
        told = in_threads([partial(told_by, web, key, faults, client) for client in range(CLIENTS)])

    assert faults.done >= 10
    acknowledged = {email for emails in told for email in emails}
    hooked = {email for email in acknowledged if "hook" in email}
    assert InboxItem.objects.count() == len(hooked) == CLIENTS * ROUNDS
    read_inbox(clock=timezone.now, until=timezone.now() + timedelta(minutes=5))
    acknowledged |= {f"csv-{number}@buyer.example" for number in range(ROWS)}
    kept = list(Lead.objects.values_list("email", flat=True))
    assert len(kept) == len(set(kept))
    assert set(kept) == acknowledged
    created = LeadEvent.objects.filter(kind="lead.created").values("lead").annotate(times=Count("pk"))
    assert {one["times"] for one in created} == {1}
    assert len(created) == len(kept)
    bring_up_to_date()
    assert FeedEntry.objects.count() == LeadEvent.objects.count()
    assert first_broken_row() is None

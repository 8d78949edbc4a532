"""Many calls at once: one person stays one lead, and nobody is answered with an error of ours."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from funnel.models import Channel, Company, HandOff, Lead, LeadIdentity, StageChange
from tests.factories import AgreementFactory
from tests.integrations.api.conftest import caller_of

pytestmark = pytest.mark.django_db(transaction=True)

SPELLINGS = ["ann@example.com", "Ann@Example.COM", " ann@example.com ", "\uff41nn@example.com"] * 2


def at_once(callers, bodies):
    """Each body posted by a thread of its own, all of them at the same moment."""
    start = Barrier(len(bodies))

    def post(caller, body):
        try:
            start.wait()
            return caller.post(body)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(bodies)) as threads:
        futures = [threads.submit(post, *pair) for pair in zip(callers, bodies, strict=True)]
        return [future.result() for future in futures]


@pytest.fixture
def callers():
    return [caller_of("mautic", name=f"Mautic {number}") for number in range(8)]


def test_eight_spellings_of_one_address_at_once_are_one_lead(callers):
    bodies = [{"email": email, "channel": "web", "company": {"name": "Example"}} for email in SPELLINGS]

    answers = at_once(callers, bodies)

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (Lead.objects.count(), LeadIdentity.objects.count()) == (1, 1)
    assert (Channel.objects.filter(slug="web").count(), Company.objects.count()) == (1, 1)


def test_eight_sources_that_tell_one_address_at_once_each_get_their_id(transactional_db):
    callers = [caller_of(f"source-{number}") for number in range(8)]
    bodies = [{"email": email, "external_id": f"x-{number}"} for number, email in enumerate(SPELLINGS)]

    answers = at_once(callers, bodies)

    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert [answer.json()["external_ids"] for answer in answers] == [[f"x-{number}"] for number in range(8)]
    assert Lead.objects.count() == 1


def test_a_lead_that_eight_calls_want_promoted_is_handed_off_once(callers):
    AgreementFactory()

    answers = at_once(callers, [{"email": "ann@example.com", "stage": "mql"}] * 8)

    assert {answer.status_code for answer in answers} == {200, 201}
    assert {answer.json()["stage"] for answer in answers} == {"mql"}
    assert sum(answer.json()["promotion"]["promoted"] for answer in answers) == 1
    assert HandOff.objects.count() == 1
    assert list(StageChange.objects.values_list("seq", "new")) == [(1, "inquiry"), (2, "mql")]


def test_eight_different_leads_at_once_are_eight(callers):
    answers = at_once(callers, [{"email": f"{number}@example.com", "channel": "web"} for number in range(8)])

    assert [answer.status_code for answer in answers] == [201] * 8
    assert Lead.objects.count() == 8

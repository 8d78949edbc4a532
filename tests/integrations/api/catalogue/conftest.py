"""A lead that a refused call could spoil, and those who call."""

import pytest

from funnel.models import Lead
from integrations.services.endpoints import create_endpoint
from tests.factories import LeadFactory


@pytest.fixture
def lead(mautic):
    told = mautic.post(
        {
            "email": "ann@buyer.example",
            "external_id": "7",
            "first_name": "Ann",
            "channel": "webinar",
            "company": {"name": "Buyer GmbH", "employees": 250},
            "attributes": {"pain": "Leads get lost."},
        }
    )
    return Lead.objects.get(pk=told.json()["id"])


@pytest.fixture
def handed_off(mautic, rep):
    """An MQL that waits for its rep's word."""
    return LeadFactory(handed_off=True, owner=rep, source="mautic", external_id="8", email="ben@buyer.example")


@pytest.fixture
def won(mautic, rep):
    return LeadFactory(won=True, owner=rep, source="mautic", external_id="9", email="cat@buyer.example")


@pytest.fixture
def endpoint(settings, mautic, now):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    return create_endpoint(name="CRM", url="http://127.0.0.1/hook", kinds=[], source="mautic", at=now)[0]

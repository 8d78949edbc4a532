"""Machines that call the API."""

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from integrations.services.keys import Scope, create_key

LEADS = "/api/v1/leads/"


class Caller:
    """Calls the API as a marketing tool does: JSON in, JSON out."""

    def __init__(self, key):
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.client = Client()

    def post(self, body, url=LEADS, **headers):
        return self.send(json.dumps(body), url=url, **headers)

    def send(self, raw, url=LEADS, content_type="application/json", **headers):
        """A body as it is, well-formed or not."""
        return self.client.generic("POST", url, raw, content_type, headers=self.headers | headers)

    def get(self, url, **headers):
        return self.client.get(url, headers=self.headers | headers)


def caller_of(source, scopes=tuple(Scope), name=None, **options):
    _, key = create_key(name=name or source, source=source, scopes=scopes, at=timezone.now(), **options)
    return Caller(key)


@pytest.fixture(autouse=True)
def _each_test_begins_with_no_calls_made():
    caches["calls"].clear()


@pytest.fixture
def mautic(db):
    return caller_of("mautic")


@pytest.fixture
def hubspot(db):
    return caller_of("hubspot")


@pytest.fixture
def yesterday():
    return timezone.now() - timedelta(days=1)


def row_counts():
    """How many rows there are of everything an API call could write."""
    return {
        model.__name__: model.objects.count()
        for app in ("funnel", "integrations")
        for model in apps.get_app_config(app).get_models()
    }


def codes(answer):
    """pointer -> code of each error in the answer."""
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}

"""Whatever the OpenAPI document allows or forbids is sent to every call: the answers are those it promises.

The same requests each time; LEADFLOW_TEST_SCALE=10 sends ten times as many, and so others too.
"""

import os
import socket
from contextlib import contextmanager

import pytest
import schemathesis
from django.core.cache import caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi import checks as promises

from dispositions.outcomes import Outcome
from dispositions.services.record import Statement, record_disposition
from integrations.models import ApiKey
from integrations.outbound.fan_out import fan_out
from integrations.services.endpoints import create_endpoint
from leadflow.wsgi import application
from tests.factories import AgreementFactory, LeadFactory
from tests.integrations.inbound.sending import source

pytestmark = pytest.mark.django_db

EXAMPLES = 10 * int(os.environ.get("LEADFLOW_TEST_SCALE", "1"))
PROMISES = [
    CHECKS.get_one("not_a_server_error"),
    promises.status_code_conformance,
    promises.content_type_conformance,
    promises.response_headers_conformance,
    promises.response_schema_conformance,
    promises.ignored_auth,
]
SCHEMA = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
# Without the key, which would else be what is wrong with nearly every request.
FORBIDDING = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application)
FORBIDDING.raw_schema["components"].pop("securitySchemes")
for _methods in FORBIDDING.raw_schema["paths"].values():
    for _operation in _methods.values():
        _operation.pop("security", None)
OPERATIONS = sorted(
    f"{method.upper()} {path}"
    for path, methods in SCHEMA.raw_schema["paths"].items()
    for method in methods
    if method != "parameters"
)
# All but those where nothing is sent that could be wrong.
FORBIDDABLE = [
    label
    for label in OPERATIONS
    for method, path in [label.split(" ", 1)]
    if SCHEMA.raw_schema["paths"][path][method.lower()].keys() & {"parameters", "requestBody"}
]
# Their items are judged one by one, in an answer 200; a hook stores whatever a tool sends.
TAKES_ANYTHING = {"POST /api/v1/leads/bulk/", "POST /api/v1/touches/bulk/", "POST /api/v1/hooks/{token}/"}


@pytest.fixture(autouse=True)
def _the_connection_stays():
    """As with Django's own client: a call must not close the connection on which the test's transaction lives."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def _no_name_is_asked_for(settings, monkeypatch):
    """Addresses of endpoints are made up: nobody else's name server shall hear of them."""
    resolve = socket.getaddrinfo

    def numbers_only(host, port, **options):
        return resolve(host, port, **options | {"flags": socket.AI_NUMERICHOST})

    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    monkeypatch.setattr("integrations.outbound.guard.socket.getaddrinfo", numbers_only)


@pytest.fixture
def world(mautic, rep, _no_name_is_asked_for):
    """Something of everything that an address can name, and the header of a key that may do all."""
    endpoint, _ = create_endpoint(name="CRM", url="http://127.0.0.1/hook", kinds=[], source="mautic", at=timezone.now())
    AgreementFactory(clauses=["Asked to be called."])
    lead = LeadFactory(handed_off=True, owner=rep, source="mautic", external_id="4711", at=timezone.now())
    record_disposition(
        lead_id=lead.pk, statement=Statement(outcome=Outcome.ACCEPT), by=rep.principal, at=timezone.now()
    )
    inquiry = LeadFactory(source="mautic", external_id="4712", at=timezone.now())
    fan_out(now=timezone.now())
    source("generic", field_map={"email": "/email"})
    ApiKey.objects.update(calls_a_minute=10**9)
    return {
        "lead_id": [lead.pk, inquiry.pk],
        "endpoint_id": [endpoint.pk],
        "delivery_id": list(endpoint.deliveries.values_list("pk", flat=True)[:3]),
        "token": ["token-generic"],
        "name": ["closed-loop", "funnel", "refusals"],
        "tags": [f'"v{version}"' for version in (1, 2, 3)],
        "headers": mautic.headers,
    }


@contextmanager
def undone():
    """What happens inside leaves nothing: each example meets the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# What the schema allows is seldom what there is: these are, at any depth of a body.
PLAUSIBLE = {
    "at": ["2026-03-01T10:00:00Z", "2026-02-01T23:59:59.5+01:00"],
    "starts_on": ["2026-03-01", "2026-03-31"],
    "ends_on": ["2026-03-31", "2026-04-01"],
    "email": ["ann@example.com", "Ben@Example.com", "cat@example.com"],
    "external_id": ["4711", "4712", "4713", "t-1"],
    "phone": ["+49 30 901820", "030 901820"],
    "domain": ["example.com", "https://www.example.com/"],
    "channel": ["web", "call", "webinar"],
    "rep": ["rita@sales.example"],
    "reason": ["no_budget", "bad_data", "other"],
    "naics": ["4512"],
    "source": ["mautic"],
}


def plausible(body, draw):
    if isinstance(body, list):
        return [plausible(item, draw) for item in body]
    if not isinstance(body, dict):
        return body
    return {
        name: draw(st.sampled_from(PLAUSIBLE[name]))
        if name in PLAUSIBLE and isinstance(value, str)
        else plausible(value, draw)
        for name, value in body.items()
    }


def fuzzed(schema, label, world, mode, checks):
    """Send EXAMPLES cases of this mode; those that may be taken name something that is there."""
    method, path = label.split(" ", 1)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode), data=st.data())
    def run(case, data):
        if mode is GenerationMode.POSITIVE:
            for name in world.keys() & (case.path_parameters or {}).keys():
                case.path_parameters[name] = data.draw(st.sampled_from(world[name]))
            if "If-Match" in (case.headers or {}):
                case.headers["If-Match"] = data.draw(st.sampled_from(world["tags"]))
            if isinstance(case.body, dict) and data.draw(st.booleans()):
                case.body = plausible(case.body, data.draw)
        with undone():
            response = case.call(headers=world["headers"])
            case.validate_response(response, checks=checks, headers=world["headers"])

    caches["calls"].clear()
    run()


@pytest.mark.parametrize("label", OPERATIONS)
def test_what_the_schema_allows_is_answered_as_it_promises(world, label):
    fuzzed(SCHEMA, label, world, GenerationMode.POSITIVE, PROMISES)


@pytest.mark.parametrize("label", FORBIDDABLE)
def test_what_the_schema_forbids_is_refused_as_it_promises(world, label):
    refusing = [] if label in TAKES_ANYTHING else [promises.negative_data_rejection]
    fuzzed(FORBIDDING, label, world, GenerationMode.NEGATIVE, [*PROMISES, *refusing])

"""Whatever is sent: never an error of ours, and every refusal is a problem that names its place."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.api.lead_body import LeadBody
from integrations.api.problems import PROBLEMS

pytestmark = pytest.mark.django_db

FIELDS = [*LeadBody().fields, "owner", "stage", "granted", "at", "pain", "domain", "annual_revenue", "employees"]
TRICKY = [
    "", " ", "\x00", "\ud800", "a@example.com", "ann@\u0301.example", "+49", "+" * 9, "-0", "NaN", "1e5",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "mql", "web", "xn--", "xn--a.example", "leadflow:1",
    "EUR", "DE", "\u202e", "a" * 64 + "@example.com", "a@" + "b" * 64 + ".example", "\U0001f600" * 60, "%00",
    "' OR 1=1--",
]  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, -(2**31) - 1, 2**63, 10**400])
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=40)
    | st.sampled_from(TRICKY)
)
KEYS = st.sampled_from(FIELDS) | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
BODIES = st.dictionaries(KEYS, VALUES, max_size=8)
WITH_A_KEY = BODIES.map(lambda body: body | {"external_id": "4711"})


def without_deadline(examples):
    return settings(
        max_examples=examples,
        deadline=None,  # the first call opens the database
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def check(answer):
    assert answer.status_code in {200, 201, 400, 403, 409, 413, 415}
    if answer.status_code >= 400:
        body = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert PROBLEMS[body["type"]][0] == body["status"] == answer.status_code
        assert body["errors"]
        assert all(error["pointer"] == "" or error["pointer"].startswith("/") for error in body["errors"])


@without_deadline(200)
@given(body=BODIES | WITH_A_KEY)
def test_any_object_is_taken_or_refused_by_name(mautic, body):
    check(mautic.post(body))


@without_deadline(100)
@given(value=VALUES, field=st.sampled_from(FIELDS))
def test_any_value_of_a_field_is_taken_or_refused_by_name(mautic, field, value):
    check(mautic.post({"external_id": "4711"} | {field: value}))


@without_deadline(100)
@given(raw=st.binary(max_size=60) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_taken_or_refused(mautic, raw):
    check(mautic.send(raw))

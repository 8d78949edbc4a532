"""What every row of the catalogue checks: the answer is the problem that it names, and no row has changed."""

import hashlib
import json

from django.apps import apps
from django.db import connection

from integrations.api.problems import PROBLEMS

APPS = ("accounts", "funnel", "dispositions", "integrations")
# Whoever reads the feed notes how far no event can appear any more: what else runs on the server moves that on.
NOTED_ON_EACH_CALL = {
    "ApiKey": {"last_used_at"},
    "FeedState": {"settled_id", "watched_id", "watched_transaction"},
}


def contents():
    """Of each table that a call could write: how many rows it has, and their checksum."""
    return {
        model.__name__: _digest(model)
        for app in APPS
        for model in apps.get_app_config(app).get_models()
    }  # fmt: skip


def _digest(model):
    names = [field.column for field in model._meta.concrete_fields]
    kept = ", ".join(f'"{name}"' for name in names if name not in NOTED_ON_EACH_CALL.get(model.__name__, ()))
    with connection.cursor() as cursor:  # as it is stored, and quicker than through the models
        cursor.execute(f'SELECT {kept} FROM "{model._meta.db_table}" ORDER BY "{model._meta.pk.column}"')
        rows = cursor.fetchall()
    return len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()


def refused(call, status, problem, errors=None):
    """The answer to a call that has to be refused so, with these errors (pointer -> code), and without effect."""
    before = contents()
    answer = call()
    body = json.loads(answer.content)
    assert (answer.status_code, body["type"]) == (status, problem), body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (body["status"], body["title"]) == PROBLEMS[problem]
    assert body["request_id"] == answer.headers["X-Request-Id"]
    assert body["detail"].endswith((".", "?"))
    told = {error["pointer"]: error["code"] for error in body["errors"]}
    assert told == ({"": problem} if errors is None else errors)
    assert contents() == before
    return answer

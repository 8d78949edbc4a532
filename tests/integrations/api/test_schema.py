"""What the API says of itself, and that it is so."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from integrations.api.problems import PROBLEMS
from tests.integrations.api.conftest import LEADS

DOCS = Path(settings.BASE_DIR / "docs/api.md")


@pytest.fixture(scope="module")
def schema():
    return json.loads(Client().get("/api/schema/?format=json").content)


def resolved(schema, reference):
    """The part of the schema with the definitions beside it, as a validator."""
    return Draft202012Validator({"$ref": reference, "components": schema["components"]})


def test_the_schema_is_valid_openapi_3_1(schema):
    validate_schema(schema)

    assert schema["openapi"] == "3.1.0"


def test_it_asks_for_a_key_in_the_header(schema):
    assert schema["components"]["securitySchemes"]["ApiKey"] | {"description": ""} == {
        "type": "http",
        "scheme": "bearer",
        "description": "",
    }


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        (
            LEADS,
            "post",
            {"200", "201", "400", "401", "403", "406", "409", "411", "413", "415", "422", "429", "500", "503"},
        ),
        (LEADS + "{lead_id}/", "get", {"200", "400", "401", "403", "404", "406", "429", "500", "503"}),
    ],
)
def test_every_status_is_documented_and_every_error_is_a_problem(schema, path, method, statuses):
    responses = schema["paths"][path][method]["responses"]

    assert set(responses) == statuses
    for status in statuses - {"200", "201"}:
        problem = responses[status]["content"]["application/problem+json"]
        assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert {example["value"]["status"] for example in problem["examples"].values()} == {int(status)}


def test_only_the_apis_own_addresses_are_in_it(schema):
    assert all(path.startswith("/api/v1/") for path in schema["paths"])


def test_its_example_works(schema, mautic):
    content = schema["paths"][LEADS]["post"]["requestBody"]["content"]["application/json"]
    (example,) = (example["value"] for example in content["examples"].values())

    assert mautic.post(example).status_code == 201


def test_answers_are_as_the_schema_says(schema, mautic, signed_agreement):
    bodies = [{"email": "ann@example.com"}, {"email": "bob@example.com", "stage": "mql", "company": {"name": "B"}}]

    for body in bodies:
        resolved(schema, "#/components/schemas/IngestedLeadAnswer").validate(mautic.post(body).json())
    resolved(schema, "#/components/schemas/Problem").validate(mautic.post({}).json())


def test_the_page_about_the_api_is_open_and_has_nothing_inline(client):
    page = client.get("/api/docs/")
    text = page.content.decode()

    assert page.status_code == 200
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert re.findall(r"<style|<script(?![^>]*\bsrc=)|\son\w+=|https?://", text) == []


@pytest.mark.django_db
def test_the_page_about_the_api_shows_the_calls_in_the_browser(strict_page, live_server):
    strict_page.goto(f"{live_server.url}/api/docs/")

    strict_page.get_by_text("Create or update up to 500 leads").wait_for()
    strict_page.get_by_text("Read a lead").wait_for()


# --- docs/api.md ------------------------------------------------------------------------------------------------


def test_the_docs_list_every_problem_with_its_status():
    rows = re.findall(r"^\| (\d{3}) \| `([a-z0-9-]+)` \|", DOCS.read_text(), re.MULTILINE)

    assert {name: int(status) for status, name in rows} == {name: status for name, (status, _) in PROBLEMS.items()}

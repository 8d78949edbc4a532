"""Reports over the API: the same object as on the page and in the command, over the leads of the key's source."""

import io
import json

import pytest
from django.core.management import call_command

from accounts.principals import SYSTEM
from funnel.models import Lead
from integrations.services.keys import Scope
from reports.engine import entries_for
from tests.factories import LeadFactory
from tests.integrations.api.conftest import caller_of, codes
from tests.integrations.api.test_lists import known_lead
from tests.integrations.api.test_schema import resolved, schema  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db

REPORTS = "/api/v1/reports/"
LOOP = f"{REPORTS}closed-loop/"


def figures(report):
    """All of it but the moment, and the notes: a key is told that spend is the whole company's."""
    headline = [{name: value for name, value in one.items() if name != "note"} for one in report["headline"]]
    return {**report, "as_of": "", "headline": headline}


def test_the_list_tells_each_report_with_what_it_can_be_asked(mautic):
    answer = mautic.get(REPORTS).json()

    found = {one["name"]: one for one in answer["results"]}
    assert answer["next"] is None
    assert found["closed-loop"]["question"].startswith("What became of every lead")
    parameters = {one["name"]: one for one in found["closed-loop"]["parameters"]}
    assert parameters["by"] | {"help": ""} == {
        "name": "by",
        "help": "",
        "default": "channel",
        "choices": ["channel", "campaign"],
    }
    assert (parameters["team"]["choices"], parameters["team"]["default"]) == ([], "")


def test_it_is_the_object_of_the_page_and_of_the_command(mautic, marketing_client, rep):
    for lead in (LeadFactory(channel="webinar", won=True, owner=rep), LeadFactory(channel="email")):
        known_lead_of(lead)
    printed = io.StringIO()
    call_command("report", "closed-loop", "--channel", "webinar", "--format", "json", stdout=printed)

    told = mautic.get(f"{LOOP}?channel=webinar").json()

    on_the_page = marketing_client.get("/reports/closed-loop/?channel=webinar&format=json").json()
    assert figures(told) == figures(on_the_page) == figures(json.loads(printed.getvalue()))
    assert [(row["channel"], row["won"], row["revenue"]) for row in told["rows"]] == [("webinar", 1, "12000.00")]


def known_lead_of(lead):
    lead.identities.create(source="mautic", external_id=f"m-{lead.pk}")


def test_a_key_counts_the_leads_of_its_source_alone(mautic, hubspot):
    known_lead(channel="webinar")
    known_lead("hubspot", channel="email")
    LeadFactory(channel="referral")

    assert [row["channel"] for row in mautic.get(LOOP).json()["rows"]] == ["webinar"]
    assert [row["channel"] for row in hubspot.get(LOOP).json()["rows"]] == ["email"]


@pytest.mark.parametrize(
    ("query", "problem", "sentence"),
    [
        ("from=soon", "invalid-parameter", "from: “soon” is not a date. Write it as YYYY-MM-DD"),
        ("from=2026-02-30", "invalid-parameter", "from: “2026-02-30” is not a date"),
        ("from=2026-03-02&to=2026-03-01", "invalid-parameter", "from: 2026-03-02 is later than"),
        ("by=moon", "invalid-parameter", "by: “moon” is not possible. Choose one of: channel, campaign."),
        ("channel=nowhere", "invalid-parameter", "channel: there is no channel “nowhere”"),
        ("team=West", "invalid-parameter", "team: there is no team “West” among those you can see."),
        ("by=channel&by=campaign", "invalid-parameter", "by: Give it once."),
        ("colour=red", "unknown-parameter", "There is no parameter “colour”."),
        ("owner__password__startswith=p", "unknown-parameter", "There is no parameter “owner__password__startswith”."),
    ],
)
def test_a_wrong_parameter_is_a_problem_that_names_it(mautic, west, query, problem, sentence):
    answer = mautic.get(f"{LOOP}?{query}")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["type"], codes(answer)) == (problem, {"": problem})
    assert answer.json()["detail"].startswith(sentence)


def test_an_unknown_report_is_not_found_and_the_others_are_named(mautic):
    answer = mautic.get(f"{REPORTS}moon/")

    assert (answer.status_code, answer.json()["type"]) == (404, "not-found")
    assert "There is no report “moon”. Choose one of: " in answer.json()["detail"]


@pytest.mark.parametrize("url", [REPORTS, LOOP, f"{REPORTS}moon/"])
def test_a_key_needs_the_scope_for_reports(url):
    answer = caller_of("mautic", scopes=[Scope.LEADS_READ]).get(url)

    assert (answer.status_code, answer.json()["type"]) == (403, "missing-scope")
    assert "reports:read" in answer.json()["detail"]


def test_reports_only_answer(mautic):
    LeadFactory()

    assert mautic.post({}, url=LOOP).status_code == 405
    assert Lead.objects.count() == 1


def test_answers_are_as_the_schema_says(schema, mautic):  # noqa: F811  # the fixture
    known_lead(channel="webinar")

    resolved(schema, "#/components/schemas/ReportsAnswer").validate(mautic.get(REPORTS).json())
    for entry in entries_for(SYSTEM):
        answer = mautic.get(f"{REPORTS}{entry.name}/")
        assert answer.status_code == 200, entry.name
        resolved(schema, "#/components/schemas/ReportAnswer").validate(answer.json())


def test_every_parameter_is_documented(schema):  # noqa: F811  # the fixture
    documented = {one["name"] for one in schema["paths"][f"{REPORTS}{{name}}/"]["get"]["parameters"]}

    declared = {parameter.name for entry in entries_for(SYSTEM) for parameter in entry.parameters}
    assert documented == declared | {"name"}

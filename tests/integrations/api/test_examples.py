"""The examples in curl and in Python run as they stand, against a server, and all who show them show the same."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.html import escape

from dispositions.models import Disposition
from funnel.models import Lead
from integrations.api.docs import CALLS, EXAMPLES
from integrations.models import ApiKey, Endpoint
from integrations.outbound.fan_out import fan_out
from integrations.outbound.relay import relay
from tests.factories import AgreementFactory, LeadFactory
from tests.integrations.api.conftest import caller_of
from tests.leadflow.servers import free_port, wait_for_port

pytestmark = pytest.mark.curl

DOCS = Path(settings.BASE_DIR / "docs/api.md").read_text()
FILES = sorted(path.name for path in EXAMPLES.iterdir() if path.suffix in {".py", ".sh"})
LANGUAGE = {".py": "python", ".sh": "sh"}


@pytest.fixture
def run(live_server, transactional_db, rep, tmp_path, settings):
    """Runs an example in an empty folder, as somebody who copied it would; answers what it printed."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    AgreementFactory(clauses=["Asked to be called."])
    key = caller_of("mautic").headers["Authorization"].removeprefix("Bearer ")
    environment = {"PATH": os.environ["PATH"], "LEADFLOW": live_server.url, "KEY": key, "REP": rep.email}

    def run_one(name, **variables):
        how = ["sh", "-e"] if name.endswith(".sh") else [sys.executable]
        answer = subprocess.run(
            [*how, str(EXAMPLES / name)],
            cwd=tmp_path,
            env=environment | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    return run_one


def told_lead(**state):
    return LeadFactory(source="mautic", external_id="x-1", at=timezone.now(), **state)


def test_upsert(run):
    told = json.loads(run("upsert.sh"))
    again = run("upsert.py")

    lead = Lead.objects.get()
    assert (told["id"], told["external_ids"], lead.score) == (lead.pk, ["4711"], 85)
    assert again == f'updated {lead.pk} inquiry "v1"\n'


def test_bulk(run):
    assert [one["result"] for one in json.loads(run("bulk.sh"))["results"]] == ["created", "created"]
    assert run("bulk.py") == "700 told\n"
    assert Lead.objects.count() == 702


@pytest.mark.parametrize("name", ["promote.sh", "promote.py"])
def test_promote(run, name):
    lead = told_lead()

    told = run(name, LEAD=str(lead.pk))

    lead.refresh_from_db()
    assert lead.stage == "mql"
    assert "clause" in told


def test_disposition(run, rep):
    lead = told_lead(handed_off=True, owner=rep)

    told = json.loads(run("disposition.sh", LEAD=str(lead.pk), VERSION=str(lead.version)))
    run("disposition.py", LEAD=str(lead.pk))

    assert told["stage"] == "sal"
    assert list(Disposition.objects.values_list("outcome", flat=True)) == ["voicemail", "conversation"]
    assert set(Disposition.objects.values_list("by", flat=True)) == {rep.pk}


def test_changes(run):
    lead = told_lead(handed_off=True)

    page = json.loads(run("changes.sh"))
    first, again = run("changes.py"), run("changes.py")

    assert [one["type"] for one in page["results"]] == ["lead.created", "lead.stage_changed"]
    assert first.splitlines() == [f"{one['cursor']} {one['type']} {lead.pk}" for one in page["results"]]
    assert again == ""


def test_endpoint_and_what_it_gets(run, tmp_path, rep):
    """What LeadFlow sends is believed by the receiver of the example, and printed by it."""
    port = free_port()
    secret = json.loads(run("endpoint.sh", RECEIVER=f"http://127.0.0.1:{port}/hook"))["secret"]
    assert Endpoint.objects.get().kinds == ["lead.dispositioned", "lead.stage_changed"]
    environment = {"PATH": os.environ["PATH"], "SECRET": secret, "PORT": str(port)}
    with (tmp_path / "received").open("w") as received:
        receiver = subprocess.Popen(
            [sys.executable, str(EXAMPLES / "endpoint.py")], env=environment, stdout=received, stderr=subprocess.DEVNULL
        )
        try:
            wait_for_port(port, receiver)
            lead = told_lead(handed_off=True, owner=rep)
            fan_out(now=timezone.now())
            done = relay(clock=timezone.now, until=timezone.now() + timedelta(seconds=30))
        finally:
            receiver.kill()
            receiver.wait()

    assert done["sent"] == 1
    assert (tmp_path / "received").read_text() == f"lead.stage_changed {lead.pk} 2\n"


def test_every_example_is_run_above():
    source = Path(__file__).read_text()

    assert {name.removesuffix(".sh").removesuffix(".py") for name in FILES} == {call.name for call in CALLS}
    assert len(FILES) == 2 * len(CALLS)
    assert [name for name in FILES if f'"{name}"' not in source] == []


@pytest.mark.parametrize("name", FILES)
def test_the_docs_have_it_word_for_word(name):
    text = (EXAMPLES / name).read_text()

    assert f"```{LANGUAGE[Path(name).suffix]}\n{text}```" in DOCS


def test_the_docs_have_no_other_code_that_nobody_runs():
    blocks = re.findall(r"```(?:python)\n(.*?)```", DOCS, re.DOTALL)

    assert set(blocks) == {(EXAMPLES / name).read_text() for name in FILES if name.endswith(".py")}


def test_the_page_about_the_api_shows_them_without_a_script(client):
    page = client.get("/api/docs/").content.decode()

    for call in CALLS:
        assert escape(call.curl) in page
        assert escape(call.python) in page


@pytest.mark.django_db
def test_the_page_is_whole_offline_and_under_the_strict_policy(strict_page, live_server):
    """`strict_page` fails on a request to anybody else and on whatever the policy blocks."""
    strict_page.goto(f"{live_server.url}/api/docs/")
    strict_page.get_by_text("Hand a lead to sales").first.click()

    assert strict_page.get_by_text("managing director asked to be called").is_visible()
    strict_page.set_viewport_size({"width": 390, "height": 800})
    strict_page.locator("#swagger-ui .opblock").first.wait_for()
    assert strict_page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert ApiKey.objects.count() == 0

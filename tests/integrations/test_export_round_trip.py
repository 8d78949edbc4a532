"""P15: a file of leads runs nothing, is complete while others write, and changes nothing when it is read again."""

import io
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from funnel.inputs import CompanyInput
from funnel.lifecycle import Stage
from funnel.models import Channel, Company, Evidence, Lead, LeadEvent
from integrations.files.tables import open_table
from tests.accounts.test_formulas import runs_in_a_spreadsheet
from tests.conftest import signed_in
from tests.exported import body_of, csv_rows, sheet
from tests.factories import NOW, LeadFactory, UserFactory

# What a machine may tell of a person, and what a spreadsheet, a page or a database might take for something else.
PAYLOADS = (
    *("=1+1", "+1+1", "-2+3", "@SUM(1,1)", "|calc", "%0A=1+1", "＝1+1", "＋1", "－1", "＠SUM", "=", "-"),
    *("=cmd|'/c calc'!A1", '=HYPERLINK("http://x/","y")', "a,=1+1", 'a"\n=1+1', "x;=1+1", "a\r\n=1+1"),
    *("'=1+1", "''=1+1", "' =1+1", "'t Hooft", "O'Neil", "'", "\u200b=1+1", "\ufeff=1+1", "\u2060@x"),
    *("+33 6 12 34 56 78", "+33612345678", "<script>alert(1)</script>", '"><img onerror=alert(1)>', "{{7*7}}"),
    *("${7*7}", "' OR 1=1--", "1;SELECT pg_sleep(8)--", "%", "_", "\\", "\u202eabc", "a\u2028b", "_x0041_", "&amp;"),
    *("1e5", "007", "1/2/2026", "TRUE", "#N/A", "a\tb", "plain", "Zoë"),
)


@pytest.fixture
def leads_of_every_payload(db):
    """Each payload in every text that a lead has, as a file would bring them; answers how many leads."""
    for number, payload in enumerate(PAYLOADS):
        LeadFactory(
            email=f"lead.{number}@buyer.example",
            external_id=f"{payload} {number}",
            company=CompanyInput(name=f"{payload} {number}"),
            attributes={"pain": payload, "budget": f"{payload}\n{payload}"},
            score=-5,
            **dict.fromkeys(("first_name", "last_name", "title", "phone", "self_reported_source"), payload),
        )
    return len(PAYLOADS)


@pytest.mark.parametrize("role", ["marketing", "admin"])
def test_no_cell_of_leads_of_every_payload_runs(request, leads_of_every_payload, role):
    client = signed_in(request.getfixturevalue(role))

    rows = csv_rows(client.get("/exports/leads/?format=csv"))
    workbook = sheet(client.get("/exports/leads/?format=xlsx"))

    numbers = {"score", "id", "hand_offs"}
    texts = [(name, cell) for row in rows for name, cell in row.items() if name not in numbers]
    assert len(rows) == leads_of_every_payload
    assert [found for found in texts if runs_in_a_spreadsheet(found[1])] == []
    assert {row["score"] for row in rows} == {"-5"}
    assert {cell.data_type for row in workbook.iter_rows() for cell in row} <= {"s", "n", "d"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_read_again_has_every_text_as_it_was(marketing_client, leads_of_every_payload, tmp_path, kind):
    path = tmp_path / f"leads.{kind}"
    path.write_bytes(body_of(marketing_client.get(f"/exports/leads/?format={kind}&sort=created")))

    rows = [row.cells for row in open_table(path)]

    leads = {str(lead.pk): lead for lead in Lead.objects.select_related("company")}
    pains = dict(Evidence.objects.filter(attribute="budget").values_list("lead__pk", "text"))
    assert len(rows) == leads_of_every_payload
    for row in rows:
        lead = leads[row["id"]]
        told = (row["first_name"], row["title"], row["company.name"], row["attributes.budget"])
        assert told == (lead.first_name, lead.title, lead.company.name, pains[lead.pk])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_imported_again_changes_nothing(marketing_client, rep, leads_of_every_payload, tmp_path, kind):
    LeadFactory(qualified=True, owner=rep, phone="+49 30 901820", campaign="spring", email="sql@buyer.example")
    LeadFactory(won=True, owner=rep, email="won@buyer.example")
    LeadFactory(handed_off=True, owner=None, team=rep.team, email="pool@buyer.example")
    path = tmp_path / f"leads.{kind}"
    path.write_bytes(body_of(marketing_client.get(f"/exports/leads/?format={kind}")))
    before = everything()

    out = io.StringIO()
    call_command("import_leads", path, stdout=out)

    count = leads_of_every_payload + 3
    assert f"{count} rows: created 0, updated 0, skipped {count}, rejected 0." in out.getvalue()
    assert everything() == before


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Lead, Company, Evidence, Channel, LeadEvent)]


# --- while others write -------------------------------------------------------------------------------------


def bare_lead(number, channel, at):
    """As good as any for a list, and a thousand times as quick to write."""
    return Lead(
        email=f"bare.{number}@buyer.example",
        email_key=f"bare.{number}@buyer.example",
        last_name=f"Name {number * 7919 % 20_011}",
        channel=channel,
        source="test",
        stage=Stage.INQUIRY,
        stage_entered_at=at,
        due_at=at + timedelta(days=30),
        created_at=at + timedelta(seconds=number * 31 % 977),
        updated_at=at,
    )


class Writer(threading.Thread):
    """Adds leads, renames them, makes them older and gives them away, until it is told to stop."""

    def __init__(self, channel, to):
        super().__init__()
        self.channel, self.to, self.stopped, self.rounds = channel, to, threading.Event(), 0

    def run(self):
        try:
            while not self.stopped.is_set():
                self.rounds += 1
                some = Lead.objects.filter(pk__in=range(self.rounds % 40, 40_000, 40))
                some.update(last_name=f"Name {self.rounds % 7}", created_at=timezone.now(), owner=self.to)
                number = 1_000_000 + self.rounds
                Lead.objects.bulk_create([bare_lead(number, self.channel, timezone.now())])
                self.stopped.wait(0.005)
        finally:
            connection.close()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "count"), [("csv", 20_000), ("xlsx", 4_000)])
def test_thousands_of_leads_are_each_in_the_file_once_while_somebody_writes(marketing, kind, count):
    channel, _ = Channel.objects.get_or_create(slug="webinar", defaults={"name": "Webinar"})
    Lead.objects.bulk_create([bare_lead(number, channel, NOW) for number in range(count)], batch_size=500)
    there = {str(pk) for pk in Lead.objects.values_list("pk", flat=True)}
    writer = Writer(channel, UserFactory())
    writer.start()

    try:
        answer = signed_in(marketing).get(f"/exports/leads/?format={kind}&sort=name")
        during = writer.rounds
        content = list(answer.streaming_content)
    finally:
        writer.stopped.set()
        writer.join()

    answer.streaming_content = content
    told = ids_in(answer, kind)
    assert writer.rounds > during + 3
    assert len(told) == len(set(told))
    assert there <= set(told)


def ids_in(answer, kind):
    if kind == "csv":
        return [row["id"] for row in csv_rows(answer)]
    return [str(value) for (value,) in sheet(answer).iter_rows(min_row=2, max_col=1, values_only=True)]

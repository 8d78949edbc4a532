"""On PostgreSQL several processes write the chunks of a file, and make of it what one would have made."""

import os
import signal
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from funnel.models import Campaign, Company, Lead
from integrations.imports.lanes import LANES
from integrations.imports.leads import LeadImporter
from integrations.imports.run import CHUNK_ROWS, ImportRun
from tests.integrations.imports.conftest import Imports
from tests.processes import start, wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CHUNKS = 5
ROWS = CHUNKS * CHUNK_ROWS - 300
HEADER = "email,external_id,company.domain,company.country,campaign\n"


@pytest.fixture
def imports(tmp_path, transactional_db):
    return Imports(tmp_path)


def row(number):
    """Neighbours share companies, also where one chunk ends and the next begins; campaigns run through the file."""
    return f"a{number}@x.test,{number},company{number // 7}.example,DE,campaign-{number % 3}\n"


def rows():
    return [row(number) for number in range(ROWS)]


@pytest.fixture
def processes(monkeypatch):
    """The chunks that were written, by the process that wrote them."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    original = LeadImporter.write_apart

    def write_apart(self, prepared):
        os.write(writing, f"{os.getpid()} ".encode())
        return original(self, prepared)

    monkeypatch.setattr(LeadImporter, "write_apart", write_apart)

    def written():
        try:
            return os.read(reading, 10_000).decode().split()
        except BlockingIOError:
            return []

    yield written
    os.close(reading)
    os.close(writing)


def test_the_file_is_there_as_one_process_would_have_written_it(imports, processes):
    told = rows()
    told[1500] = "nobody,1500,,,\n"
    told[4200] = "a3@x.test,,,,\n"  # the same person as far above

    printed = imports.leads(HEADER + "".join(told))

    assert f"{ROWS} rows: created {ROWS - 2}, updated 0, skipped 0, rejected 2." in printed
    assert "; campaigns campaign-0, campaign-1, campaign-2." in printed
    assert imports.rejected() == [
        ("1502", "email", '"nobody" is not an e-mail address'),
        ("4202", "email", "duplicate-in-file: line 5 names the same lead."),
    ]
    assert Lead.objects.count() == ROWS - 2
    assert Company.objects.filter(country="DE").count() == -(-ROWS // 7)
    assert Lead.objects.get(email_key="a4698@x.test").company.domain == f"company{4698 // 7}.example"
    assert Campaign.objects.count() == 3
    call_command("verify_history", stdout=StringIO())
    by_process = processes()
    assert (len(by_process), len(set(by_process))) == (CHUNKS, LANES)
    assert str(os.getpid()) not in by_process


def test_the_same_file_again_changes_nothing(imports):
    imports.leads(HEADER + "".join(rows()))
    before = list(Lead.objects.order_by("pk").values_list("pk", "version", "ledger_seq", "updated_at"))

    printed = imports.leads(HEADER + "".join(rows()))

    assert f"{ROWS} rows: created 0, updated 0, skipped {ROWS}, rejected 0." in printed
    assert list(Lead.objects.order_by("pk").values_list("pk", "version", "ledger_seq", "updated_at")) == before


def test_rows_with_owners_are_written_in_their_order_by_one_process(imports, processes):
    told = "".join(f"a{number}@x.test,Rita Rep\n" for number in range(CHUNK_ROWS + 10))

    imports.leads("email,owner\n" + told)

    assert processes() == []
    assert Lead.objects.filter(owner__name="Rita Rep").count() == CHUNK_ROWS + 10


def test_a_process_that_is_killed_ends_the_import_and_loses_nothing(imports, monkeypatch):
    original = LeadImporter.write_apart

    def write_apart(self, prepared):
        if any(said["external_id"] == "2500" for said, _ in prepared.values()):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(self, prepared)

    monkeypatch.setattr(LeadImporter, "write_apart", write_apart)
    with pytest.raises(CommandError) as ended:
        imports.leads(HEADER + "".join(rows()))
    written = Lead.objects.count()  # each chunk whole or not at all, and the last one has fewer rows
    monkeypatch.undo()

    printed = imports.leads(HEADER + "".join(rows()))

    assert str(ended.value).startswith("A process that wrote rows was killed; its last rows were not written.")
    assert str(ended.value).endswith("Run it again for the rest.")
    assert written in {whole * CHUNK_ROWS - short for whole in range(CHUNKS) for short in (0, CHUNK_ROWS - 700)}
    assert f"created {ROWS - written}, updated 0, skipped {written}, rejected 0." in printed
    assert Lead.objects.count() == ROWS


def test_what_was_being_written_when_somebody_stops_it_is_told(imports, monkeypatch):
    def stop_at_the_first(self, rejects, *, told, examples=0):
        def stopping(position):
            if next(calls) == 0:
                raise KeyboardInterrupt

        original(self, rejects, told=stopping, examples=examples)

    original, calls = ImportRun.write, count()
    monkeypatch.setattr(ImportRun, "write", stop_at_the_first)

    with pytest.raises(CommandError) as ended:
        imports.leads(HEADER + "".join(rows()))

    assert f"Imported before: {Lead.objects.count()} rows: created {Lead.objects.count()}," in str(ended.value)
    assert 0 < Lead.objects.count() < ROWS


SLOWLY = """
import os, time
from django.core.management import call_command
from integrations.imports.leads import LeadImporter
LeadImporter.write_apart = lambda self, prepared: time.sleep(600)
call_command("import_leads", os.environ["FILE"], verbosity=0)
"""


def children_of(pid):
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_there(pid):
    """And no mere entry of one that has ended."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_whoever_has_no_parent_any_more_ends(imports, tmp_path):
    file = imports.file(HEADER + "".join(rows()))
    parent = start(SLOWLY, FILE=str(file), LEADFLOW_DATA_DIR=str(tmp_path))
    wait_until(lambda: len(children_of(parent.pid)) == LANES, seconds=60)
    lanes = children_of(parent.pid)

    parent.kill()
    parent.wait()

    wait_until(lambda: not any(map(is_there, lanes)), seconds=30)

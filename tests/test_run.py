"""`make test`: what its rounds say arrives, and what ends it ends them."""

import signal
import subprocess
import sys

import pytest

from tests.processes import ROOT
from tests.run import Round, end, run_rounds

pytestmark = pytest.mark.anywhere


def program(title, script):
    return Round(title, [sys.executable, "-uc", script])


def test_each_says_all_it_has_to_say_in_the_order_of_the_rounds(capfd):
    slow = program("Slow", "import time; print('one'); time.sleep(1); print('=== 1 passed in 1 s ===')")
    quick = program("Quick", "import sys; print('=== 2 passed ==='); print('a warning', file=sys.stderr)")

    assert run_rounds([slow, quick])

    said = capfd.readouterr().out
    parts = [
        "=== Tests on Slow ===\none\n=== 1 passed in 1 s ===\n",
        "=== Tests on Quick ===\n=== 2 passed ===\na warning\n",
    ]
    assert [said.find(part) for part in parts] == sorted(said.find(part) for part in parts)
    assert all(part in said for part in parts)


@pytest.mark.parametrize("failing", [0, 1])
def test_one_that_fails_fails_all_and_the_other_goes_on_to_its_end(capfd, failing):
    scripts = ["print('whole')", "print('whole')"]
    scripts[failing] = "raise SystemExit(1)"

    assert not run_rounds([program(str(number), script) for number, script in enumerate(scripts)])
    assert capfd.readouterr().out.count("\nwhole\n") == 1


def test_a_line_now_and_then_says_how_far_they_are(capfd):
    script = "import time; print('.......... [ 12%]'); print('.......... [ 24%]'); time.sleep(2)"

    assert run_rounds([program("SQLite", script), program("PostgreSQL", "print('.. [100%]')")], told_every=0.5)
    assert "SQLite: 24%; PostgreSQL: ended" in capfd.readouterr().out.splitlines()


def test_they_run_at_the_same_time(tmp_path, capfd):
    """Each waits for the other to have begun."""
    script = (
        "import pathlib, sys, time\nmine, other = map(pathlib.Path, {names!r})\nmine.touch()\n"
        "until = time.monotonic() + 60\nwhile not other.exists() and time.monotonic() < until: time.sleep(0.05)\n"
        "sys.exit(not other.exists())"
    )
    one, two = str(tmp_path / "one"), str(tmp_path / "two")

    assert run_rounds([program("1", script.format(names=[one, two])), program("2", script.format(names=[two, one]))])


def test_no_round_knows_the_servers_of_another(capfd, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "sqlite:///ours")
    script = "import os; print(os.environ.get('DATABASE_URL'), os.environ['LEADFLOW_DATA_DIR'])"

    run_rounds([program("1", script), Round("2", [sys.executable, "-c", script], {"DATABASE_URL": "postgres://x"})])

    said = [line.split() for line in capfd.readouterr().out.splitlines() if line.startswith(("None", "postgres"))]
    assert [url for url, _ in said] == ["None", "postgres://x"]
    assert said[0][1] != said[1][1]


AT_WORK = """
import time
print(".. [ 3%]", flush=True)
try:
    time.sleep(600)
except KeyboardInterrupt:
    print("put away")
"""
RUNNER = f"""
import sys
from tests.run import Round, run_rounds
run_rounds([Round(title, [sys.executable, "-uc", {AT_WORK!r}]) for title in ("one", "two")], told_every=0.2)
"""


def test_an_interruption_ends_both_and_shows_how_far_they_came():
    command = [sys.executable, "-uc", RUNNER]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as runner:
        while "one: 3%; two: 3%" not in (said := runner.stdout.readline()):
            assert said, "it ended by itself"
        runner.send_signal(signal.SIGINT)
        rest = runner.stdout.read()

    assert rest.count("\nput away\n") == 2
    assert "=== Tests on two ===" in rest


DEAF = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


def test_one_that_does_not_end_is_ended():
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, start_new_session=True) as process:
        process.stdout.readline()

        end([process], to_clear_away=0.5)

        assert process.returncode == -signal.SIGKILL

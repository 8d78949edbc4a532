import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.anywhere

# A child writes its process id to a file; a stubborn one does not stop when asked, a parent starts another.
CHILD = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + CHILD
PARENT = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {CHILD!r}, sys.argv[1] + '-grandchild']);" + CHILD
)
LAUNCHER = """
import sys
from pathlib import Path
from leadflow.process_tree import Program, run_together

sources, folder = sys.argv[2:], Path(sys.argv[1])
files = [folder / f"child{number}" for number in range(len(sources))]
sys.exit(
    run_together(
        [
            Program(file.name, (sys.executable, "-c", source, str(file)))
            for file, source in zip(files, sources, strict=True)
        ],
        grace_seconds=1,
        is_ready=lambda: all(file.exists() and file.read_text() for file in files),
        on_ready=lambda: print("ready", flush=True),
        on_death=lambda name, code: print(f"{name} ended with {code}", flush=True),
    )
)
"""


class Tree:
    def __init__(self, folder: Path, *sources: str):
        self.folder = folder
        self.launcher = subprocess.Popen(
            [sys.executable, "-c", LAUNCHER, str(folder), *sources], stdout=subprocess.PIPE, text=True
        )
        assert self.launcher.stdout.readline() == "ready\n"

    def pids(self) -> list[int]:
        return [int(file.read_text()) for file in sorted(self.folder.iterdir())]

    def output(self) -> str:
        """What the launcher printed until it ended."""
        return self.launcher.communicate(timeout=20)[0]


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"  # a zombie waits for nobody but its reaper


def survivors(pids: list[int]) -> list[int]:
    """Who is left; signals arrive in their own time, so those on their way out get a few seconds."""
    deadline = time.monotonic() + 10
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return list(filter(is_alive, pids))


@pytest.fixture
def start(tmp_path):
    trees = []

    def start(*sources):
        trees.append(Tree(tmp_path, *sources))
        return trees[-1]

    yield start
    for tree in trees:
        tree.launcher.kill()
        tree.launcher.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_stop_signal_stops_all_and_is_no_failure(start, number):
    tree = start(CHILD, CHILD)
    pids = tree.pids()

    tree.launcher.send_signal(number)

    assert tree.output() == ""
    assert tree.launcher.returncode == 0
    assert survivors(pids) == []


def test_when_one_program_dies_the_rest_is_stopped_and_the_exit_code_says_so(start):
    tree = start(CHILD, CHILD)
    pids = tree.pids()

    os.kill(pids[0], signal.SIGKILL)

    assert tree.output() == "child0 ended with -9\n"
    assert tree.launcher.returncode == 1
    assert survivors(pids) == []


def test_what_a_killed_program_had_started_is_stopped_too(start):
    tree = start(PARENT, CHILD)
    while not (tree.folder / "child0-grandchild").exists() or not (tree.folder / "child0-grandchild").read_text():
        time.sleep(0.05)
    pids = tree.pids()

    os.kill(int((tree.folder / "child0").read_text()), signal.SIGKILL)

    assert tree.output() == "child0 ended with -9\n"
    assert survivors(pids) == []


def test_a_program_that_does_not_stop_when_asked_is_killed_after_the_grace(start):
    tree = start(STUBBORN, CHILD)
    pids = tree.pids()

    tree.launcher.terminate()

    assert tree.output() == ""
    assert tree.launcher.returncode == 0
    assert survivors(pids) == []


def test_a_killed_launcher_leaves_nothing_behind(start):
    tree = start(CHILD, CHILD)
    pids = tree.pids()

    tree.launcher.kill()
    tree.launcher.wait()

    assert survivors(pids) == []

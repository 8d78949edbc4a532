"""`make test`: the suite on SQLite alone and, beside it, on PostgreSQL and Redis where they answer.

LEADFLOW_TEST_DATABASE_URL, LEADFLOW_TEST_REDIS_URL and CHROMIUM say where they are, if in an unusual place.
LEADFLOW_REQUIRE=postgres,redis,browser,curl makes the lack of one a failure; otherwise it is only told.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import redis

DATABASE_URL = os.environ.get("LEADFLOW_TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/leadflow")
REDIS_URL = os.environ.get("LEADFLOW_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
NAMES = {
    "postgres": f"PostgreSQL ({DATABASE_URL})",
    "redis": f"Redis ({REDIS_URL})",
    "browser": "Chromium",
    "curl": "curl",
}
TOLD_EVERY = 60  # seconds between two lines about how far the tests are
TO_CLEAR_AWAY = 30  # seconds for a round that is interrupted
INTERRUPTED = 130


def postgres_answers() -> bool:
    try:
        # The server's own database: Django makes and drops the one the tests use.
        url = urlsplit(DATABASE_URL)._replace(path="/postgres").geturl()
        psycopg2.connect(url, connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


def redis_answers() -> bool:
    try:
        return bool(redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3).ping())
    except redis.RedisError:
        return False


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def available() -> set[str]:
    found = {
        "postgres": postgres_answers(),
        "redis": redis_answers(),
        "browser": chromium(),
        "curl": shutil.which("curl"),
    }
    return {name for name, answer in found.items() if answer}


def lacking(present: set[str], required: str) -> str | None:
    """The sentence that refuses to start, where something required is not there or not known."""
    wanted = set(filter(None, required.split(",")))
    if unknown := wanted - NAMES.keys():
        return f"LEADFLOW_REQUIRE knows {', '.join(NAMES)}, not {', '.join(sorted(unknown))}."
    if missing := wanted - present:
        return f"Required but not here: {', '.join(NAMES[name] for name in sorted(missing))}."
    return None


@dataclass(frozen=True)
class Round:
    """The suite, or a part of it, on one set of servers."""

    title: str
    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)

    def start(self, folder: Path, **streams: Any) -> subprocess.Popen[bytes]:
        inherited = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
        environment = inherited | {"LEADFLOW_DATA_DIR": str(folder)} | self.variables
        # A session of its own: Ctrl-C comes here alone, and each round is told of it once.
        return subprocess.Popen(self.command, env=environment, start_new_session=True, **streams)


@dataclass(frozen=True)
class Running:
    round: Round
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def progress(self) -> str:
        """How far pytest says it is."""
        said = re.findall(r"\[ *(\d+%)\]", self.output.read_text(errors="replace"))
        done = "ended" if self.process.poll() is not None else said[-1] if said else "begins"
        return f"{self.round.title}: {done}"

    def show(self) -> None:
        print(f"\n=== Tests on {self.round.title} ===\n{self.output.read_text(errors='replace')}", flush=True)


def run_rounds(rounds: Sequence[Round], *, told_every: float = TOLD_EVERY) -> bool:
    """All of them at once; whether all passed. What each says is printed whole when it has ended, in their order.

    A single one says it at once. An interruption ends all of them, shows how far they came, and goes on up.
    """
    with tempfile.TemporaryDirectory(prefix="leadflow-test-") as name:
        folders = [Path(name) / str(number) for number in range(len(rounds))]
        for folder in folders:
            folder.mkdir()
        if len(rounds) == 1:
            return _run_alone(rounds[0], folders[0])
        running = [_start(one, folder) for one, folder in zip(rounds, folders, strict=True)]
        shown = 0
        try:
            for one in running:
                _wait(one, running, told_every=told_every)
                one.show()
                shown += 1
        finally:
            end([one.process for one in running])
            for one in running[shown:]:
                one.show()
        return all(one.process.returncode == 0 for one in running)


def _run_alone(only: Round, folder: Path) -> bool:
    print(f"\n=== Tests on {only.title} ===", flush=True)
    process = only.start(folder)
    try:
        return process.wait() == 0
    finally:
        end([process])


def _start(one: Round, folder: Path) -> Running:
    output = folder / "output"
    with output.open("wb") as stream:
        process = one.start(folder, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT)
    return Running(one, process, output)


def _wait(one: Running, running: Sequence[Running], *, told_every: float) -> None:
    """Until it ends, with a line now and then that says how far all have come."""
    while True:
        try:
            one.process.wait(timeout=told_every)
        except subprocess.TimeoutExpired:
            print("; ".join(each.progress for each in running), flush=True)
        else:
            return


def end(processes: Sequence[subprocess.Popen[bytes]], *, to_clear_away: float = TO_CLEAR_AWAY) -> None:
    """As Ctrl-C does, so that they put their databases away; then without asking, with all that they started."""
    still = [process for process in processes if process.poll() is None]
    for process in still:
        process.send_signal(signal.SIGINT)
    for process in still:
        try:
            process.wait(timeout=to_clear_away)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def on_sqlite(present: set[str], arguments: list[str]) -> Round:
    """With the browser, and without what does not depend on the database where the other round has time for it."""
    browser = {"CHROMIUM": path} if (path := chromium()) else {}
    elsewhere = {"anywhere"} if "postgres" in present else set()
    left_out = {"postgres", "redis"} | elsewhere | ({"browser"} - present)
    return pytest_round("SQLite", arguments, without=left_out, **browser)


def on_servers(present: set[str], arguments: list[str]) -> Round:
    """Without the browser: what pages look like does not depend on the database."""
    if "redis" in present:
        servers = {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL}
        return pytest_round("PostgreSQL and Redis", arguments, without={"browser"}, **servers)
    return pytest_round("PostgreSQL", arguments, without={"browser", "redis"}, DATABASE_URL=DATABASE_URL)


def pytest_round(title: str, arguments: list[str], *, without: set[str], **variables: str) -> Round:
    markers = " and ".join(f"not {name}" for name in sorted(without))
    cache = f"cache_dir=.pytest_cache/{title.split(maxsplit=1)[0].lower()}"
    command = [sys.executable, "-m", "pytest", "-o", cache, *(("-m", markers) if markers else ()), *arguments]
    return Round(title, command, variables)


def main(arguments: list[str]) -> int:
    present = available()
    if refusal := lacking(present, os.environ.get("LEADFLOW_REQUIRE", "")):
        print(refusal, file=sys.stderr)
        return 1
    rounds = [on_sqlite(present, arguments)]
    if "postgres" in present:
        rounds.append(on_servers(present, arguments))
        print(
            f"Tests on {' and, beside it, on '.join(one.title for one in rounds)}: what they say comes at their ends."
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(INTERRUPTED))
    try:
        passed = run_rounds(rounds)
    except KeyboardInterrupt:
        return INTERRUPTED
    if missing := sorted(NAMES.keys() - present):
        print(f"\nNot tested, because not here: {', '.join(NAMES[name] for name in missing)}.")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

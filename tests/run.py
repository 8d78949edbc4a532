"""`make test`: the suite on SQLite alone, then again on PostgreSQL and Redis where they answer.

LEADFLOW_TEST_DATABASE_URL, LEADFLOW_TEST_REDIS_URL and CHROMIUM say where they are, if in an unusual place.
LEADFLOW_REQUIRE=postgres,redis,browser makes the lack of one a failure; otherwise it is only told.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import urlsplit

import psycopg2
import redis

DATABASE_URL = os.environ.get("LEADFLOW_TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/leadflow")
REDIS_URL = os.environ.get("LEADFLOW_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
NAMES = {"postgres": f"PostgreSQL ({DATABASE_URL})", "redis": f"Redis ({REDIS_URL})", "browser": "Chromium"}


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
    found = {"postgres": postgres_answers(), "redis": redis_answers(), "browser": chromium()}
    return {name for name, answer in found.items() if answer}


def lacking(present: set[str], required: str) -> str | None:
    """The sentence that refuses to start, where something required is not there or not known."""
    wanted = set(filter(None, required.split(",")))
    if unknown := wanted - NAMES.keys():
        return f"LEADFLOW_REQUIRE knows {', '.join(NAMES)}, not {', '.join(sorted(unknown))}."
    if missing := wanted - present:
        return f"Required but not here: {', '.join(NAMES[name] for name in sorted(missing))}."
    return None


def run_pytest(title: str, arguments: list[str], *, without: set[str], **variables: str) -> bool:
    print(f"\n=== Tests on {title} ===", flush=True)
    markers = " and ".join(f"not {name}" for name in sorted(without))
    command = [sys.executable, "-m", "pytest", *(("-m", markers) if markers else ()), *arguments]
    inherited = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    with tempfile.TemporaryDirectory(prefix="leadflow-test-") as data_dir:
        environment = inherited | {"LEADFLOW_DATA_DIR": data_dir} | variables
        return subprocess.run(command, env=environment, check=False).returncode == 0


def run_on_sqlite(present: set[str], arguments: list[str]) -> bool:
    browser = {"CHROMIUM": path} if (path := chromium()) else {}
    return run_pytest("SQLite", arguments, without={"postgres", "redis"} | ({"browser"} - present), **browser)


def run_on_servers(present: set[str], arguments: list[str]) -> bool:
    """Without the browser: what pages look like does not depend on the database."""
    if "redis" in present:
        servers = {"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL}
        return run_pytest("PostgreSQL and Redis", arguments, without={"browser"}, **servers)
    return run_pytest("PostgreSQL", arguments, without={"browser", "redis"}, DATABASE_URL=DATABASE_URL)


def main(arguments: list[str]) -> int:
    present = available()
    if refusal := lacking(present, os.environ.get("LEADFLOW_REQUIRE", "")):
        print(refusal, file=sys.stderr)
        return 1
    passed = [run_on_sqlite(present, arguments)]
    if "postgres" in present:
        passed.append(run_on_servers(present, arguments))
    if missing := sorted(NAMES.keys() - present):
        print(f"\nNot tested, because not here: {', '.join(NAMES[name] for name in missing)}.")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The product's web server, and one that does nothing but insert a row by REST framework, each as gunicorn runs it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection

from django.conf import settings
from django.core.management.utils import get_random_secret_key
from django.db import connection

from leadflow.management.commands.serve import GUNICORN

WORKERS = "2"
HOST, PORT = "127.0.0.1", 8147
STARTS_WITHIN = 60


@contextmanager
def product() -> Iterator[None]:
    """As `manage.py serve` starts it, with two workers, on this process's database. Needs REDIS_URL."""
    own = {"SECRET_KEY": get_random_secret_key(), "ALLOWED_HOSTS": HOST, "SECURE_SSL_REDIRECT": "0"}
    with _running(["manage.py", "serve", "--bind", f"{HOST}:{PORT}"], own, "/livez"):
        yield


@contextmanager
def bare() -> Iterator[None]:
    command = ["-m", "gunicorn", "benchmarks.bare:application", "--bind", f"{HOST}:{PORT}", *GUNICORN]
    with _running(command, {}, "/"):
        yield


@contextmanager
def _running(command: Sequence[str], own: Mapping[str, str], path: str) -> Iterator[None]:
    environment = os.environ | {"DATABASE_URL": _database_url(), "WEB_CONCURRENCY": WORKERS} | own
    server = subprocess.Popen([sys.executable, *command], cwd=settings.BASE_DIR, env=environment)
    try:
        _await(server, path)
        yield
    finally:
        server.terminate()
        server.wait()


def _database_url() -> str:
    """Of the database that was made for the measurement."""
    own = connection.settings_dict
    login = f"{own['USER']}:{own['PASSWORD']}" if own["PASSWORD"] else own["USER"]
    return f"postgres://{login}@{own['HOST']}:{own['PORT'] or 5432}/{own['NAME']}"


def _await(server: subprocess.Popen[bytes], path: str) -> None:
    """Until it answers, whatever it says."""
    ends_at = time.monotonic() + STARTS_WITHIN
    while server.poll() is None and time.monotonic() < ends_at:
        try:
            http = HTTPConnection(HOST, PORT, timeout=5)
            http.request("GET", path)
            http.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("The server does not answer: there is nothing to measure.")

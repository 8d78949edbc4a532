import json
import os
import secrets
import subprocess
import sys

import pytest

from tests.leadflow.servers import free_port, get, wait_for_port

AS_THE_PROXY = {"Host": "leadflow.example", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def port(data_dir):
    """The port of a web server in production mode, on a database without tables."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "sqlite://:memory:",
        "REDIS_URL": "redis://127.0.0.1:6379/9",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "leadflow.example",
        "WEB_CONCURRENCY": "1",
        "LEADFLOW_DATA_DIR": str(data_dir),
    }
    server = subprocess.Popen([sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}"], env=environment)
    wait_for_port(port, server)
    yield port
    server.terminate()
    assert server.wait(timeout=30) == 0


def test_a_page_is_served_to_the_proxy(port):
    assert get(port, "/livez", **AS_THE_PROXY).status == 200


def test_a_foreign_host_name_is_refused(port):
    assert get(port, "/login/", **AS_THE_PROXY | {"Host": "evil.example"}).status == 400


def test_plain_http_is_sent_on_to_https(port):
    answer = get(port, "/login/", Host="leadflow.example")

    assert (answer.status, answer.headers["Location"]) == (301, "https://leadflow.example/login/")


def test_static_files_are_hashed_and_kept_for_ever(port, data_dir):
    hashed = json.loads((data_dir / "static" / "staticfiles.json").read_text())["paths"]["css/base.css"]

    answer = get(port, f"/static/{hashed}", **AS_THE_PROXY)

    assert (answer.status, hashed != "css/base.css") == (200, True)
    assert "immutable" in answer.headers["Cache-Control"]

import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentTypeError

import pytest
from django.core.management import CommandError, call_command

from leadflow.management.commands.up import DEMO_LOGINS, port_number
from tests.leadflow.servers import free_port, get


def start_up(data_dir, port, *, leads=300):
    environment = {key: text for key, text in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.Popen(
        [sys.executable, "manage.py", "up", "--port", str(port), "--leads", str(leads)],
        env=environment | {"LEADFLOW_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        text=True,
    )


def lines_until_ready(launcher):
    lines = []
    for line in launcher.stdout:
        lines.append(line)
        if line.startswith("Demo API key"):
            return "".join(lines)
    raise AssertionError(f"it never got ready: {lines}")


def stop(launcher):
    launcher.send_signal(signal.SIGINT)
    return launcher.communicate(timeout=60)[0]


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "", "80.0"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(ArgumentTypeError, match="is not a port; use a number from 1 to 65535"):
        port_number(text)


def test_a_port_in_use_is_told_before_anything_starts(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(CommandError, match=rf"^Port {port} cannot be used \(Address already in use\)"):
            call_command("up", port=port)

    assert list(tmp_path.iterdir()) == []


def test_up_refuses_in_production(settings):
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="in production use `serve`"):
        call_command("up", port=free_port())


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["rep", "manager", "marketing"])
def test_each_login_is_told_with_the_page_where_its_role_starts(request, role):
    client = request.getfixturevalue(f"{role}_client")

    assert DEMO_LOGINS[f"{role}@demo.leadflow.test"] == client.get("/").url


@pytest.mark.anywhere
@pytest.mark.slow
def test_the_first_start_makes_the_demo_company_and_the_second_keeps_it(tmp_path):
    port = free_port()
    launcher = start_up(tmp_path, port)
    first = lines_until_ready(launcher)
    assert f"http://127.0.0.1:{port}/" in first
    assert [login for login in DEMO_LOGINS if login in first] == list(DEMO_LOGINS)
    assert get(port, "/login/").status == 200
    assert stop(launcher).endswith("LeadFlow has stopped.\n")
    assert launcher.returncode == 0

    launcher = start_up(tmp_path, port)
    second = lines_until_ready(launcher)
    stop(launcher)

    assert "making the demo company" in first
    assert "making the demo company" not in second
    assert second.splitlines()[-1] == first.splitlines()[-1]  # the same API key

import os
import subprocess
import sys

import pytest

from leadflow.production import NotReadyForProduction, production_environment

pytestmark = pytest.mark.anywhere

COMPLETE = {
    "DATABASE_URL": "postgres://leadflow@127.0.0.1/leadflow",
    "REDIS_URL": "redis://127.0.0.1/0",
    "SECRET_KEY": "made up for the tests",
    "ALLOWED_HOSTS": "leadflow.example",
}


def run(*command, **environment):
    return subprocess.run(
        [sys.executable, *command],
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("value", [None, "", "  "], ids=["unset", "empty", "blank"])
def test_a_missing_variable_is_named(name, value):
    environment = {key: text for key, text in COMPLETE.items() if key != name}
    if value is not None:
        environment[name] = value

    with pytest.raises(NotReadyForProduction, match=rf"not set: {name} \([^;]+\)\. See \.env\.example"):
        production_environment(environment)


def test_a_complete_environment_is_kept_and_marked_as_production():
    assert production_environment(COMPLETE) == {**COMPLETE, "LEADFLOW_PRODUCTION": "1"}


def test_the_entry_point_refuses_in_one_sentence():
    answer = run("-m", "leadflow.production", "echo", "started", **COMPLETE | {"REDIS_URL": ""})

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == (
        "LeadFlow cannot start, not set: REDIS_URL (Celery's broker: redis://HOST:6379/0). See .env.example.\n"
    )


def test_the_entry_point_becomes_the_command_in_production_mode():
    answer = run("-m", "leadflow.production", "printenv", "LEADFLOW_PRODUCTION", **COMPLETE)

    assert (answer.returncode, answer.stdout) == (0, "1\n")


def test_serve_refuses_in_one_sentence_that_names_all_that_is_missing(tmp_path):
    answer = run("manage.py", "serve", LEADFLOW_DATA_DIR=str(tmp_path))

    assert answer.returncode == 1
    assert answer.stderr.startswith("CommandError: LeadFlow cannot start, not set: DATABASE_URL")
    assert [name for name in COMPLETE if name in answer.stderr] == list(COMPLETE)
    assert answer.stderr.count("\n") == 1

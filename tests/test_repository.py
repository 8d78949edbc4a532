"""What holds the repository together: files that must agree with each other, and rules no linter has."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
APPS = ["leadflow", "accounts", "funnel", "dispositions", "reports", "integrations"]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
ENV_EXAMPLE = (ROOT / ".env.example").read_text()
TEMPLATES = sorted(path for app in [*APPS, "templates"] for path in (ROOT / app).rglob("*.html"))
SOURCES = sorted(
    path
    for folder in [*APPS, "tests", "deploy", "benchmarks", "templates", "static"]
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".html", ".css", ".js", ".sh"} and "migrations" not in path.parts
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def first_match(pattern: str, name: str) -> str:
    return re.search(pattern, (ROOT / name).read_text())[1]


# --- versions -----------------------------------------------------------------------------------------------


def test_postgresql_is_tested_in_the_version_that_production_runs():
    tested = first_match(r"POSTGRES_MAJOR=(\d+)", ".ci/run")

    assert COMPOSE["services"]["postgres"]["image"] == f"postgres:{tested}"


def test_the_oldest_python_supported_is_the_one_of_the_container_the_lock_and_the_tools():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    oldest = project["project"]["requires-python"].removeprefix(">=")

    assert first_match(r"FROM python:(\S+)-slim", "deploy/Dockerfile") == oldest
    assert first_match(r"--python-version (\S+)", "Makefile") == oldest
    assert project["tool"]["mypy"]["python_version"] == oldest
    assert project["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"


# --- requirements -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_with_hashes(name):
    entries = re.sub(r"\\\n\s*", "", (ROOT / name).read_text()).splitlines()
    packages = [line for line in entries if line.strip() and not line.lstrip().startswith("#")]

    assert packages
    assert [line for line in packages if not re.match(r"\S+==\S+.*--hash=sha256:", line)] == []


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in"])
def test_every_requirement_says_what_it_is_for(name):
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-"))]

    assert [line for line in lines if not re.search(r"# \w", line)] == []


# --- docker compose -----------------------------------------------------------------------------------------

OWN_SERVICES = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "leadflow"}


@pytest.mark.parametrize("service", OWN_SERVICES)
def test_every_command_of_compose_is_a_plain_process_that_knows_its_options(service):
    program, *arguments = OWN_SERVICES[service]["command"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    answer = subprocess.run(
        [program, *arguments, "--help"],
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        check=False,
    )

    assert (answer.returncode, answer.stderr) == (0, b"")


def test_every_service_of_ours_waits_for_the_migrations():
    waiting = {
        name: service["depends_on"]["migrate"]["condition"]
        for name, service in OWN_SERVICES.items()
        if name != "migrate"
    }

    assert waiting == dict.fromkeys(["web", "worker", "beat"], "service_completed_successfully")


def test_the_worker_may_end_its_longest_task_before_it_is_killed(settings):
    grace = COMPOSE["services"]["worker"]["stop_grace_period"]

    assert int(grace.removesuffix("s")) > settings.CELERY_TASK_TIME_LIMIT


def test_the_broker_neither_forgets_nor_drops_messages():
    conf = dict(line.split(maxsplit=1) for line in (ROOT / "deploy/redis.conf").read_text().splitlines() if " " in line)

    assert (conf["appendonly"], conf["maxmemory-policy"]) == ("yes", "noeviction")


# --- environment variables ----------------------------------------------------------------------------------


def variables_in_use() -> set[str]:
    settings = (ROOT / "leadflow/settings.py").read_text()
    compose = (ROOT / "docker-compose.yml").read_text()
    production = (ROOT / "leadflow/production.py").read_text()
    return {
        *re.findall(r"\benv(?:\.\w+)?\(\s*\"(\w+)\"", settings),
        *re.findall(r"\$\{(\w+)", compose),
        *re.findall(r"^    \"([A-Z_]+)\":", production, re.MULTILINE),
        *re.findall(r"\"((?:LEADFLOW|CHROMIUM)\w*)\"", (ROOT / "tests/run.py").read_text()),
        *re.findall(r"environ\.get\(\"(\w+)\"", (ROOT / "tests/integrations/faults/conftest.py").read_text()),
    }


def test_every_variable_is_in_the_example_and_the_example_has_no_other():
    documented = set(re.findall(r"^(?:# )?([A-Z_]+)=", ENV_EXAMPLE, re.MULTILINE))

    assert documented == variables_in_use()


def test_every_variable_of_the_example_has_its_comment_above():
    blocks = ENV_EXAMPLE.splitlines()
    assignments = [number for number, line in enumerate(blocks) if re.match(r"(# )?[A-Z_]+=", line)]

    assert [
        blocks[number]
        for number in assignments
        if not re.match(r"# +\w", blocks[number - 1]) or re.match(r"# [A-Z_]+=", blocks[number - 1])
    ] == []


# --- the code -----------------------------------------------------------------------------------------------


def test_no_file_is_longer_than_400_lines():
    assert [relative(path) for path in SOURCES if len(path.read_text().splitlines()) > 400] == []


def test_no_module_is_named_for_having_no_topic():
    topicless = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py"}

    assert [relative(path) for path in SOURCES if path.name in topicless] == []


def lines_with(pattern: str, paths: list[Path]) -> list[str]:
    return [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_templates_escape_everything():
    assert lines_with(r"\|\s*safe\b|autoescape\s+off|\|\s*safeseq\b", TEMPLATES) == []
    python = [path for path in SOURCES if path.suffix == ".py" and path != Path(__file__)]
    assert lines_with(r"\bmark_safe\b|\bSafeString\(", python) == []


def test_templates_have_no_inline_style_or_script():
    # A mail has nowhere else to keep its style; no policy of ours stands around it.
    pages = [path for path in TEMPLATES if path.parent.name != "letters"]
    assert lines_with(r"\sstyle\s*=|<style\b", pages) == []
    assert lines_with(r"\son[a-z]+\s*=\s*[\"']|javascript:", TEMPLATES) == []
    scripts = [
        relative(path) for path in TEMPLATES if re.search(r"<script\b(?![^>]*\bsrc=)(?![^>]*\bjson)", path.read_text())
    ]
    assert scripts == []


def test_templates_leave_the_format_of_dates_and_numbers_to_the_viewer():
    named = r"['\"](?:(?:(?:SHORT_)?DATE(?:TIME)?|TIME|MONTH_DAY|YEAR_MONTH)_FORMAT|[DlcU]|Y-m-d)['\"]"

    assert lines_with(rf"\|(?:date|time):(?!{named})|{{% now (?!{named})", TEMPLATES) == []
    assert lines_with(r"\|(?:date|time)\s*[|}]|\|intcomma|\|floatformat(?!:[\"']-?\d+[gu]*[\"'])", TEMPLATES) == []


def test_pages_ask_nobody_outside():
    assert lines_with(r"(?:src|href|action)=\"(?:https?:)?//", TEMPLATES) == []
    assert (
        lines_with(r"@import|url\(\s*[\"']?(?:https?:)?//", [path for path in SOURCES if path.suffix == ".css"]) == []
    )


# --- the README ---------------------------------------------------------------------------------------------


def commands_of_the_readme() -> list[list[str]]:
    """Each command line in its code blocks, in words; `$ ` and comments left out."""
    blocks = re.findall(r"```(?:\w*)\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if re.match(r"(make|python|\S*/python) ", line)]


def test_the_readme_names_only_make_targets_that_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for command in commands_of_the_readme() if command[0] == "make" for word in command[1:2]}

    assert {"run", "test"} <= named <= targets


def test_the_readme_names_only_commands_that_exist():
    folders = [path for app in APPS for path in (ROOT / app).glob("management/commands/*.py")]
    ours = {path.stem for path in folders} | {"migrate", "createsuperuser", "shell", "check"}
    named = re.findall(r"manage\.py ([a-z_]+)", (ROOT / "README.md").read_text())

    assert sorted(set(named) - ours) == []

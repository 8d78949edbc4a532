import os
import socket
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser, call_command
from django.db import connections, transaction

from leadflow.process_tree import Program, end_with, run_together

HOST = "127.0.0.1"
GRACE_SECONDS = 10.0
DEMO_PASSWORD = "leadflow-demo"  # noqa: S105 - public: it opens demo data on this machine's loopback only
DEMO_LOGINS = {
    "rep@demo.leadflow.test": "/queue/",
    "manager@demo.leadflow.test": "/team/",
    "marketing@demo.leadflow.test": "/reports/",
    "admin@demo.leadflow.test": "/admin/",
}


def port_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text!r} is not a port; use a number from 1 to 65535")
    return int(text)


class Command(BaseCommand):
    help = "Start everything on this machine: migrate, demo data on the first start, web, worker and beat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000, help="where the web pages are (default 8000)")
        parser.add_argument("--leads", type=int, default=5000, help="of the demo company, on the first start (5000)")
        parser.add_argument(
            "--with-parent", action="store_true", help="stop when the program that started this one ends"
        )

    def handle(self, *, port: int, leads: int = 5000, with_parent: bool = False, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("`up` is for trying LeadFlow out; in production use `serve`, a worker and a beat.")
        check_port_is_free(port)
        if with_parent:
            end_with(os.getppid())
        self.prepare_database(leads)
        self.say("Starting the web server, the worker and the beat…")
        exit_code = run_together(
            programs(port),
            grace_seconds=GRACE_SECONDS,
            is_ready=lambda: port_answers(port),
            on_ready=lambda: self.announce(port),
            on_death=lambda name, code: self.say(f"The {name} ended with exit code {code}; stopping the rest."),
        )
        self.say("LeadFlow has stopped.")
        if exit_code:
            sys.exit(exit_code)

    def prepare_database(self, leads: int) -> None:
        self.say(f"Preparing the database ({settings.DATA_DIR})…")
        settings.STATIC_ROOT.mkdir(exist_ok=True)  # stays empty here, but WhiteNoise complains where there is none
        call_command("migrate", verbosity=0)
        if not get_user_model().objects.exists():
            self.say("First start: making the demo company…")
            with transaction.atomic():  # an interrupted first start leaves nothing, and the next one starts anew
                call_command("seed_demo", leads=leads, stdout=self.stdout, stderr=self.stderr)

    def announce(self, port: int) -> None:
        self.say(f"\nLeadFlow is ready: http://{HOST}:{port}/   (Ctrl-C stops it)")
        if get_user_model().objects.filter(email__in=DEMO_LOGINS).exists():
            self.say(f"Demo logins, password {DEMO_PASSWORD}:")
            for login, page in DEMO_LOGINS.items():
                self.say(f"  {login:<30} {page}")
        key = Path(settings.DATA_DIR) / "demo_api_key"
        if key.exists():
            self.say(f"Demo API key: {key.read_text().strip()}")
        connections.close_all()  # from here on the launcher only watches

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()  # the programs write to the same terminal


def programs(port: int) -> list[Program]:
    """The web server and the worker with its beat, each as a plain process."""
    python = sys.executable
    return [
        Program(
            "web server",
            (
                *(python, "-m", "gunicorn", "leadflow.wsgi", "--bind", f"{HOST}:{port}"),
                *("--worker-class", "gthread", "--workers", "1", "--threads", "4", "--graceful-timeout", "5"),
                *("--no-control-socket", "--log-level", "warning"),
            ),
        ),
        # One task at a time: from a broker made of files a killed worker loses only the task in hand.
        Program(
            "worker",
            (
                *(python, "-W", "ignore:You're running the worker with superuser"),  # root, as in most containers
                *("-m", "celery", "--quiet", "--app", "leadflow", "worker", "--pool", "solo", "--beat"),
                *("--without-gossip", "--without-mingle", "--loglevel", "warning"),
            ),
        ),
    ]


def check_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does: a closed port is free at once
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}). Choose another: make run PORT={port + 1}"
            ) from error


def port_answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0

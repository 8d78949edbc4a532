import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from leadflow.production import NotReadyForProduction, production_environment

GUNICORN = (
    *("--worker-class", "gthread", "--threads", "4"),
    # No connection is kept: its process would have to answer all that comes by it while others have nothing to do.
    *("--timeout", "30", "--graceful-timeout", "30", "--keep-alive", "0"),
    *("--max-requests", "5000", "--max-requests-jitter", "500"),
    *("--limit-request-line", "4094", "--no-control-socket"),
)
# Pages and API calls give up after 5 s, so a slow statement answers 503 instead of holding a thread.
WEB_DEFAULTS = {"WEB_CONCURRENCY": "3", "LEADFLOW_STATEMENT_TIMEOUT_MS": "5000"}


class Command(BaseCommand):
    help = (
        "Serve the pages and the API in production mode. Needs DATABASE_URL, REDIS_URL, SECRET_KEY and "
        "ALLOWED_HOSTS. A proxy that buffers requests belongs in front."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="HOST:PORT to listen on (127.0.0.1:8000)")

    def handle(self, *, bind: str, **options: Any) -> None:
        try:
            environment = WEB_DEFAULTS | production_environment(os.environ)
        except NotReadyForProduction as error:
            raise CommandError(str(error)) from error
        collect_static_files(environment)
        os.chdir(settings.BASE_DIR)
        command = [sys.executable, "-m", "gunicorn", "leadflow.wsgi", "--bind", bind, *GUNICORN]
        os.execve(sys.executable, command, environment)


def collect_static_files(environment: dict[str, str]) -> None:
    """Hashed, compressed copies under the data folder; made by a process in production mode."""
    manage = settings.BASE_DIR / "manage.py"
    command = [sys.executable, str(manage), "collectstatic", "--no-input", "--verbosity", "0"]
    if subprocess.run(command, env=environment, check=False).returncode:
        raise CommandError("The static files could not be collected; the lines above say why.")

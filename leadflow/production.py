"""Production mode: what must be set before anything starts. Also the container's entry point.

python -m leadflow.production COMMAND ARGUMENT…     check the environment, then become COMMAND
"""

import os
import sys
from collections.abc import Mapping

REQUIRED = {
    "DATABASE_URL": "the PostgreSQL database: postgres://USER:PASSWORD@HOST:5432/NAME",
    "REDIS_URL": "Celery's broker: redis://HOST:6379/0",
    "SECRET_KEY": "50 or more random characters, the same for all processes",
    "ALLOWED_HOSTS": "the host names people type, with commas between",
}


class NotReadyForProduction(Exception):
    """A required variable is not set; the message names each and says what it is."""


def production_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a production process. Raises NotReadyForProduction."""
    missing = [f"{name} ({meaning})" for name, meaning in REQUIRED.items() if not environment.get(name, "").strip()]
    if missing:
        raise NotReadyForProduction(f"LeadFlow cannot start, not set: {'; '.join(missing)}. See .env.example.")
    return {**environment, "LEADFLOW_PRODUCTION": "1"}


def main(command: list[str]) -> None:
    try:
        environment = production_environment(os.environ)
    except NotReadyForProduction as error:
        sys.exit(str(error))
    os.execvpe(command[0], command, environment)


if __name__ == "__main__":
    main(sys.argv[1:])

"""`python -m benchmarks`: measures LeadFlow and prints what it should be beside what it is."""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

NAMES = (
    *("import", "queue", "search", "team", "disposition", "sweep", "export", "reports", "attribution"),
    *("import-touches", "api", "bulk", "relay"),
)


def main() -> int:
    """1 where a goal was missed."""
    options = _options()
    with TemporaryDirectory(prefix="leadflow-bench-") as folder:
        # Before the settings are read: nothing of the installation's own data is touched.
        os.environ |= {"LEADFLOW_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "leadflow.settings"}
        (Path(folder) / "static").mkdir()  # WhiteNoise looks for it
        import django  # noqa: PLC0415

        django.setup()
        from benchmarks.run import run  # noqa: PLC0415  # needs the settings

        return run(
            options.names or NAMES, leads=options.leads, keep=options.keep, olist=options.olist, write=options.write
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)} (default: all)")
    parser.add_argument("--leads", type=int, default=100_000, help="in the database of all but import (100000)")
    parser.add_argument("--keep", action="store_true", help="that of the desk for the next time; PostgreSQL only")
    parser.add_argument("--olist", type=Path, metavar="FOLDER", help="with Olist's files (default: made up alike)")
    parser.add_argument("--write", action="store_true", help="the results into docs/performance.md")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(NAMES)):
        parser.error(f"There is no {', '.join(unknown)}. Choose of {', '.join(NAMES)}.")
    if options.leads < 10_000:
        parser.error("--leads has to be 10000 or more: each rep has to have some of every kind.")
    if options.keep and not os.environ.get("DATABASE_URL"):
        parser.error("--keep needs DATABASE_URL: SQLite's database is gone with the folder of the run.")
    return options


if __name__ == "__main__":
    sys.exit(main())

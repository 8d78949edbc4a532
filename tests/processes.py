"""Programs on the test's database that are killed at any moment, as a power cut would."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def database_url():
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    user = f"{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}"
    return f"postgres://{user}/{settings['NAME']}"


def start(script, **variables):
    """A Python program on the test's database, with Django set up."""
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "leadflow.settings"}
    program = f"import django\ndjango.setup()\n{script}"
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment | variables)


def kill_in_turn(script, *, kills, pauses, seed, **variables):
    """Run two of them, and kill -9 one or the other `kills` times; each is started again at once.

    Returns the two that still run. One that ended by itself is an error.
    """
    rng = random.Random(seed)  # the same kills each time
    running = [start(script, **variables) for _ in range(2)]
    for _ in range(kills):
        time.sleep(rng.uniform(*pauses))
        victim = rng.randrange(2)
        assert running[victim].poll() is None, "it ended by itself"
        stop([running[victim]])
        running[victim] = start(script, **variables)
    return running


def run_until(condition, script, *, seconds, **variables):
    """Run one, again each time it ends by itself, until the condition holds; answers how often it ended."""
    ended, deadline = 0, time.monotonic() + seconds
    running = start(script, **variables)
    while not condition() and time.monotonic() < deadline:
        if running.poll() is not None:
            ended += 1
            running = start(script, **variables)
        time.sleep(0.1)
    stop([running])
    assert condition()
    return ended


def stop(running):
    for process in running:
        process.kill()
        process.wait()


def wait_until(condition, *, seconds):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    assert condition()

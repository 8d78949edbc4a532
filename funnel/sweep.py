"""One pass of every time-driven job. Apps register their steps when they are ready; beat and `sweep` run them all."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Step(Protocol):
    """Does all that is due at `now`, and answers how many of what it did. Safe to run twice, late, or side by side."""

    def __call__(self, *, now: datetime) -> Counter[str]: ...


logger = logging.getLogger(__name__)
_steps: list[Step] = []


def register(step: Step) -> Callable[..., Counter[str]]:
    if step not in _steps:
        _steps.append(step)
    return step


class SweepFailed(Exception):
    """Some steps failed, each logged with its traceback; the others were done."""


def run_sweep(*, now: datetime) -> Counter[str]:
    """Run every step once, in the order of their registration. Raises SweepFailed after all had their turn."""
    done: Counter[str] = Counter()
    failed: list[str] = []
    for step in _steps:
        try:
            done += step(now=now)
        except Exception:  # one step at fault must not keep the others from their work
            name = getattr(step, "__name__", repr(step))
            logger.exception("sweep step %s failed", name)
            failed.append(name)
    if failed:
        raise SweepFailed(f"These steps of the sweep failed: {', '.join(failed)}. The log has the reasons.")
    return done

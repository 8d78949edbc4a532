"""One pass of every time-driven job. Apps register their steps when they are ready; beat and `sweep` run them all."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Protocol


class Step(Protocol):
    """Does all that is due at `now`, and answers how many of what it did. Safe to run twice, late, or side by side."""

    def __call__(self, *, now: datetime) -> Counter[str]: ...


_steps: list[Step] = []


def register(step: Step) -> Callable[..., Counter[str]]:
    if step not in _steps:
        _steps.append(step)
    return step


def run_sweep(*, now: datetime) -> Counter[str]:
    """Run every step once, in the order of their registration."""
    done: Counter[str] = Counter()
    for step in _steps:
        done += step(now=now)
    return done

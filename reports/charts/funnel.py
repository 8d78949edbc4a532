"""The funnel: one bar per stage on a common left edge, with what was lost since the stage before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from reports.charts.legend import LegendEntry
from reports.charts.scales import Number, largest_of, percent_of

_LABEL_HEIGHT = 22
_BAR_HEIGHT = 22
_STEP_HEIGHT = _LABEL_HEIGHT + _BAR_HEIGHT + 14


@dataclass(frozen=True)
class Step:
    key: str
    label: str
    value: Number
    text: str = ""
    href: str = ""


@dataclass(frozen=True)
class PlacedStep:
    """`share` is percent of the step before, None for the first step and after an empty one."""

    key: str
    label: str
    text: str
    href: str
    width: float
    width_before: float
    label_y: int
    bar_y: int
    share: float | None


@dataclass(frozen=True)
class Funnel:
    kind: ClassVar[str] = "funnel"
    steps: tuple[PlacedStep, ...]
    height: int
    bar_height: int = _BAR_HEIGHT
    legend: tuple[LegendEntry, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(step.width for step in self.steps)

    @property
    def has_links(self) -> bool:
        return any(step.href for step in self.steps)


def lay_out_funnel(steps: Sequence[Step]) -> Funnel:
    largest = largest_of(step.value for step in steps)
    before: list[Step | None] = [None, *steps]
    placed = tuple(_place_step(step, before[i], top=i * _STEP_HEIGHT, largest=largest) for i, step in enumerate(steps))
    return Funnel(placed, height=max(len(steps) * _STEP_HEIGHT - 14, 0))


def _place_step(step: Step, before: Step | None, *, top: int, largest: float) -> PlacedStep:
    return PlacedStep(
        key=step.key,
        label=step.label,
        text=step.text,
        href=step.href,
        width=percent_of(step.value, largest),
        width_before=percent_of(before.value, largest) if before else 0.0,
        label_y=top + 14,
        bar_y=top + _LABEL_HEIGHT,
        share=round(percent_of(step.value, before.value), 1) if before and before.value else None,
    )

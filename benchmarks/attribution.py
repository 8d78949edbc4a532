"""Attribution: counting journeys against a bare pass, its growth, its memory, all models at once. In CPU time."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from statistics import median

import numpy as np

from benchmarks.chains import MEAN_LENGTH, bare_pass, made_up, some_channels
from benchmarks.figures import Figure, cpu_seconds_of, times_of
from reports.attribution.credit import MODELS, credit
from reports.attribution.markov import removal_effects
from reports.attribution.paths import read_paths
from reports.journeys.credit import Attribution
from reports.journeys.packing import DEAL, TOUCH, Kind
from reports.journeys.selection import Deals, laid_out

MILLION = 1_000_000
TOUCHES_A_LEAD = 10
ROWS_OF_A_FILE = 10_000


def _median_cpu(call: Callable[[], object]) -> float:
    return median(times_of(call, repeat=5, warm_up=1).cpu)


def measure() -> Iterator[Figure]:
    journeys = made_up(MILLION)
    bare = _median_cpu(partial(bare_pass, journeys))
    ours = _median_cpu(partial(removal_effects, journeys))
    note = f"{ours * 1000:.0f} ms against {bare * 1000:.0f} ms"
    yield Figure("Markov over 1,000,000 journeys, of a bare pass", ours / bare, "×", 4, note)
    for order in (2, 3):
        seconds = _median_cpu(partial(removal_effects, journeys, order))
        yield Figure(f"the same, order {order}", seconds, "s")
    yield from _growth()
    yield from _file()
    yield from _all_models()


def _growth() -> Iterator[Figure]:
    """Each size in a process of its own, whose memory is then known."""
    (few, _), (many, memory) = (_alone(number) for number in (MILLION, 10 * MILLION))
    note = f"{many:.2f} s against {few:.2f} s; 10 × is in proportion"
    yield Figure("Markov over 10,000,000 journeys, of 1,000,000", many / few, "×", 13, note)
    yield Figure("memory of it, with the journeys and all that is loaded", memory / 1024**2, "GiB", 1.5)


def _alone(number: int) -> tuple[float, float]:
    """Median CPU seconds, and the most memory in KiB."""
    command = [sys.executable, "-m", "benchmarks.chains", str(number)]
    seconds, memory = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(memory)


def _file() -> Iterator[Figure]:
    """In memory: how long the command takes beyond Django's start, but for reading the disk and printing."""
    chance = np.random.default_rng(7)
    lines = ["path,total_conversions,total_conversion_value,total_null"]
    for length in chance.geometric(1 / MEAN_LENGTH, ROWS_OF_A_FILE).tolist():
        path = " > ".join(f"channel {one}" for one in some_channels(length, chance).tolist())
        won, lost = chance.integers(0, 5, 2).tolist()
        lines.append(f"{path},{won + 1},{won + 0.244},{lost}")
    text = "\n".join(lines)
    for model, order in (("linear", 1), ("markov", 1), ("markov", 3)):
        seconds = cpu_seconds_of(lambda: credit(read_paths(StringIO(text)).journeys, model, order=order))  # noqa: B023
        yield Figure(f"a file of 10,000 paths, {model}, order {order}", seconds, "s", 1)


def _all_models() -> Iterator[Figure]:
    touches, deals, leads = _packed(MILLION)
    unpacked: list[Deals] = []
    seconds = cpu_seconds_of(lambda: unpacked.append(laid_out(touches, deals, leads)))
    yield Figure("1,000,000 packed journeys of 10 touches laid out", seconds, "s")
    (everything,) = unpacked
    attribution = Attribution(everything=everything)
    won = everything.chosen(everything.is_kind(Kind.WON))
    crediting = attribution.crediting(won)
    each = {model: cpu_seconds_of(partial(crediting.credit, model)) for model in MODELS}
    slowest = max(each, key=lambda model: each[model])
    note = f"the longest, {slowest}: {each[slowest]:.2f} s"
    yield Figure("all models over them", seconds + sum(each.values()), "s", 15, note)


def _packed(number: int) -> tuple[list[bytes], list[bytes], np.ndarray]:
    chance = np.random.default_rng(7)
    touches = np.zeros(number * TOUCHES_A_LEAD, dtype=TOUCH)
    touches["channel"] = some_channels(len(touches), chance)
    touches["second"] = np.tile(np.arange(TOUCHES_A_LEAD) * 86_400 * 3, number)
    deals = np.zeros(number, dtype=DEAL)
    deals["kind"] = np.where(chance.random(number) < 1 / 6, Kind.WON, Kind.ENDED)
    deals["touches"], deals["creation"], deals["opportunity"] = TOUCHES_A_LEAD, 1, 6
    deals["closed_at"], deals["cents"], deals["lasted"] = 1_700_000_000, 123_457, 86_400 * 30
    size = TOUCH.itemsize * TOUCHES_A_LEAD
    told, own = touches.tobytes(), deals.tobytes()
    return (
        [told[begin : begin + size] for begin in range(0, len(told), size)],
        [own[begin : begin + DEAL.itemsize] for begin in range(0, len(own), DEAL.itemsize)],
        np.arange(number, dtype=np.int64),
    )

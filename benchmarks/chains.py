"""Made-up journeys, and the least that counting them takes. Without Django: run alone, its memory is that of these."""

import resource
import sys
from functools import partial
from statistics import median
from time import process_time

import numpy as np

from reports.attribution.journeys import Integers, Journeys
from reports.attribution.markov import removal_effects

CHANNELS = 12
MEAN_LENGTH = 4


def made_up(number: int) -> Journeys:
    """Journeys of some touches each over a dozen channels, a sixth of which convert; always the same ones."""
    chance = np.random.default_rng(7)
    lengths = chance.geometric(1 / MEAN_LENGTH, number)
    won = (chance.random(number) < 1 / 6).astype(np.int64)
    return Journeys(
        channels=tuple(f"channel {one:02}" for one in range(CHANNELS)),
        touches=some_channels(int(lengths.sum()), chance).astype(np.int32),
        offsets=np.concatenate(([0], np.cumsum(lengths))),
        conversions=won,
        values=won * 120_000,
        nulls=1 - won,
    )


def bare_pass(journeys: Journeys) -> Integers:
    """The least that must be done: every pair of touches counted once."""
    pairs = journeys.touches[:-1] * np.int64(CHANNELS) + journeys.touches[1:]
    within = np.ones(len(journeys.touches), dtype=bool)
    within[journeys.lasts] = False
    return np.bincount(pairs[within[:-1]], minlength=CHANNELS**2)


def some_channels(number: int, chance: np.random.Generator) -> np.ndarray:
    """Some far commoner than others, as channels are."""
    return np.minimum(chance.geometric(0.25, number) - 1, CHANNELS - 1)


def main() -> None:
    """Median CPU seconds, and the most memory in KiB, over as many journeys as the argument says."""
    count, seconds = partial(removal_effects, made_up(int(sys.argv[1]))), []
    for _ in range(3):
        begin = process_time()
        count()
        seconds.append(process_time() - begin)
    print(median(seconds), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    main()

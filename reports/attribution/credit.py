"""All models by their names, and what each credits to every channel over many journeys together."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.attribution import markov, markov_by_deal, positional, shapley, time_decay
from reports.attribution.apportion import share_out
from reports.attribution.journeys import Floats, Integers, Journeys, tally
from reports.attribution.milestones import MILESTONE
from reports.attribution.positional import POSITIONAL

_SHARES = POSITIONAL | MILESTONE
MODELS = (
    *("first_touch", "last_touch", "lead_creation", "linear", "u_shaped", "u_50_50", "position_40_40_20"),
    *("w_shaped", "full_path", "time_decay", "j_shaped", "markov", "markov_by_deal", "shapley"),
)
MARKOV_MODELS = frozenset({"markov", "markov_by_deal"})


@dataclass(frozen=True, eq=False)
class Credit:
    """By channel, in the order of `Journeys.channels`. `values` are whole units and sum to the total exactly.

    `conversions` sum to the total, exactly so as fractions (Markov and time decay are floats). `effects`: removal
    effects, of the Markov models only.
    """

    conversions: Sequence[Fraction | float]
    values: Sequence[int]
    effects: markov.RemovalEffects | None = None


def credit(journeys: Journeys, model: str, *, order: int = 1, half_life: float = time_decay.HALF_LIFE) -> Credit:
    """What `model`, one of MODELS, credits over all journeys together. Raises markov.NotSolvable."""
    effects = markov.removal_effects(journeys, order) if model in MARKOV_MODELS else None
    if model == "markov":
        assert effects is not None
        conversions = _in_proportion(journeys.total_conversions, effects.conversions)
        return Credit(conversions, share_out(journeys.total_value, effects.value.tolist()), effects)
    weights = touch_weights(journeys, model, half_life=half_life, effects=effects)
    if np.issubdtype(weights.dtype, np.integer):
        exact = _exact_sums(journeys, weights, journeys.values)
        return Credit(_exact_sums(journeys, weights, journeys.conversions), share_out(journeys.total_value, exact))
    values = _sums(journeys, weights, journeys.values)
    conversions = _sums(journeys, weights, journeys.conversions).tolist()
    return Credit(conversions, share_out(journeys.total_value, values.tolist()), effects)


def touch_weights(
    journeys: Journeys, model: str, *, half_life: float = time_decay.HALF_LIFE, effects: markov.RemovalEffects | None
) -> NDArray[Any]:
    """Of each touch, whole numbers or floats, for every model that splits each journey by itself: all but `markov`."""
    match model:
        case "time_decay":
            return time_decay.weights(journeys, half_life)
        case "shapley":
            return shapley.weights(journeys)
        case "markov_by_deal":
            assert effects is not None
            return markov_by_deal.weights(journeys, effects.conversions)
        case _:
            return positional.weights(journeys, _SHARES[model])


def _in_proportion(total: int, weights: Floats) -> list[float]:
    whole = weights.sum()
    return (weights * (total / whole)).tolist() if whole else [0.0] * len(weights)


def _exact_sums(journeys: Journeys, weights: NDArray[np.int64], amounts: Integers) -> list[Fraction]:
    """By channel, the sum of amount × weight / the journey's weights. Summed as integers, one sum for each divisor."""
    divisors = np.add.reduceat(weights, journeys.firsts) if len(journeys.lengths) else weights
    known, divisor_of_journey = np.unique(divisors, return_inverse=True)
    number = len(journeys.channels)
    places = divisor_of_journey[journeys.journey_of_touch] * number + journeys.touches
    order = np.argsort(places, kind="stable")
    present, begins = np.unique(places[order], return_index=True)
    products = _products(journeys, weights, amounts)[order]
    sums = np.add.reduceat(products, begins) if len(begins) else products
    credited = [Fraction()] * number
    for place, amount in zip(present.tolist(), sums, strict=True):
        credited[place % number] += Fraction(int(amount), int(known[place // number]))
    return credited


def _products(journeys: Journeys, weights: NDArray[np.int64], amounts: Integers) -> NDArray[Any]:
    """Amount × weight of each touch, in Python's integers where 64 bits could not hold their sum."""
    longest_sum = float(np.abs(amounts).sum()) * float(weights.max(initial=0)) * float(journeys.lengths.max(initial=1))
    if longest_sum >= 2**62:
        amounts = amounts.astype(object)
    return amounts[journeys.journey_of_touch] * weights


def _sums(journeys: Journeys, weights: Floats, amounts: Integers) -> Floats:
    """The same in floating point."""
    amounts = np.asarray(amounts, dtype=np.float64)
    sums = np.add.reduceat(weights, journeys.firsts) if len(journeys.lengths) else weights
    each = np.divide(amounts, sums, out=np.zeros_like(amounts), where=sums > 0)
    parts = weights * each[journeys.journey_of_touch]
    return tally(journeys.touches, parts, len(journeys.channels))

"""What the models credit to the channels or campaigns of deals, to the cent.

The chain of the Markov models is learned from all deals there are; credit goes to those in question. Models that split
each deal by itself do so to the cent, by largest remainder within the deal; `markov` and `shapley` share out the total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from reports.attribution.apportion import share_out, share_out_each
from reports.attribution.credit import MARKOV_MODELS, credit, touch_weights
from reports.attribution.markov import RemovalEffects, removal_effects
from reports.attribution.time_decay import HALF_LIFE
from reports.journeys.packing import Kind
from reports.journeys.selection import Deals, Key, Named, journeys_of


@dataclass(frozen=True)
class Credited:
    """By key: cents, and deals in parts of one. Cents sum to what is known of the deals that have touches."""

    cents: Mapping[Key, int]
    deals: Mapping[Key, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Attribution:
    """`everything`: all deals, of which the Markov chain is learned. `by_campaign`: keys have a campaign too."""

    everything: Deals
    by_campaign: bool = False
    order: int = 1
    half_life: float = HALF_LIFE

    @cached_property
    def _whole(self) -> Named:
        touched = self.everything.with_touches()
        return journeys_of(touched, by_campaign=self.by_campaign, credited=touched.is_kind(Kind.WON))

    @cached_property
    def effects(self) -> RemovalEffects:
        """In the order of `keys`. Raises NotSolvable."""
        return removal_effects(self._whole.journeys, self.order)

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key that any deal has a touch of."""
        return self._whole.keys

    def crediting(self, deals: Deals) -> "Crediting":
        """`deals`: some of everything; those without touches are credited to nobody."""
        touched = deals.with_touches()
        converting = np.ones(len(touched.own), dtype=bool)
        return Crediting(self, journeys_of(touched, by_campaign=self.by_campaign, credited=converting))

    def split(self, deals: Deals, model: str) -> NDArray[np.int64]:
        """Cents of each touch of deals that all have touches, for the models that split deal by deal."""
        named = self.crediting(deals).named
        return share_out_each(deals.known_cents, self.weights(named, model), deals.offsets)

    def weights(self, named: Named, model: str) -> NDArray[np.int64] | NDArray[np.float64]:
        """Of each touch, for the models that split each deal by itself. Raises NotSolvable."""
        if model not in MARKOV_MODELS:
            return touch_weights(named.journeys, model, half_life=self.half_life, effects=None)
        by_key = dict(zip(self.keys, self.effects.conversions.tolist(), strict=True))
        effects = np.array([by_key[key] for key in named.keys], dtype=np.float64)
        weights = touch_weights(named.journeys, model, effects=RemovalEffects(effects, effects))
        return _never_all_zero(weights, named)


@dataclass(frozen=True, eq=False)
class Crediting:
    """Deals that each model can be asked about; `named` are their journeys, laid out once."""

    attribution: Attribution
    named: Named

    def credit(self, model: str) -> Credited:
        """Raises NotSolvable."""
        if model == "markov":
            return self._by_effects()
        if model != "shapley":
            return self._deal_by_deal(model)
        shared = credit(self.named.journeys, model)
        parts = [float(part) for part in shared.conversions]
        keys = self.named.keys
        return Credited(dict(zip(keys, shared.values, strict=True)), dict(zip(keys, parts, strict=True)))

    def _by_effects(self) -> Credited:
        named, effects = self.named, self.attribution.effects
        cents = share_out(named.journeys.total_value, effects.value.tolist())
        whole = float(effects.conversions.sum())
        each = named.journeys.total_conversions / whole if whole else 0.0
        return Credited(
            dict(zip(self.attribution.keys, cents, strict=True)),
            dict(zip(self.attribution.keys, (effects.conversions * each).tolist(), strict=True)),
        )

    def _deal_by_deal(self, model: str) -> Credited:
        named, journeys = self.named, self.named.journeys
        weights = self.attribution.weights(named, model)
        parts = share_out_each(journeys.values, weights, journeys.offsets)
        number = len(named.keys)
        sums = np.add.reduceat(weights, journeys.firsts) if len(journeys.lengths) else weights
        shares = np.bincount(journeys.touches, weights=weights / sums[journeys.journey_of_touch], minlength=number)
        cents = np.zeros(number, dtype=np.int64)
        np.add.at(cents, journeys.touches, parts)
        return Credited(
            dict(zip(named.keys, cents.tolist(), strict=True)), dict(zip(named.keys, shares.tolist(), strict=True))
        )


def _never_all_zero(weights: NDArray[np.float64], named: Named) -> NDArray[np.float64]:
    """An open deal may have touches that no won one had: its touches then count alike."""
    journeys = named.journeys
    if not len(weights):
        return weights
    is_empty = np.add.reduceat(weights, journeys.firsts) == 0
    return np.where(is_empty[journeys.journey_of_touch], 1.0, weights)

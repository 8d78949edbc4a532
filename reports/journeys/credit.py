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

    def credit(self, deals: Deals, model: str) -> Credited:
        """`deals`: some of everything; those without touches are credited to nobody. Raises NotSolvable."""
        touched = deals.with_touches()
        named = journeys_of(touched, by_campaign=self.by_campaign, credited=np.ones(len(touched.own), dtype=bool))
        if model == "markov":
            return self._by_effects(named)
        if model == "shapley":
            shared = credit(named.journeys, model)
            parts = [float(part) for part in shared.conversions]
            return Credited(
                dict(zip(named.keys, shared.values, strict=True)), dict(zip(named.keys, parts, strict=True))
            )
        return self._deal_by_deal(named, model)

    def split(self, deals: Deals, model: str) -> NDArray[np.int64]:
        """Cents of each touch of deals that all have touches, for the models that split deal by deal."""
        named = journeys_of(deals, by_campaign=self.by_campaign, credited=np.ones(len(deals.own), dtype=bool))
        return share_out_each(deals.known_cents, self._weights(named, model), deals.offsets)

    def _by_effects(self, named: Named) -> Credited:
        cents = share_out(named.journeys.total_value, self.effects.value.tolist())
        whole = float(self.effects.conversions.sum())
        each = named.journeys.total_conversions / whole if whole else 0.0
        return Credited(
            dict(zip(self.keys, cents, strict=True)),
            dict(zip(self.keys, (self.effects.conversions * each).tolist(), strict=True)),
        )

    def _deal_by_deal(self, named: Named, model: str) -> Credited:
        journeys = named.journeys
        weights = self._weights(named, model)
        parts = share_out_each(journeys.values, weights, journeys.offsets)
        number = len(named.keys)
        sums = np.add.reduceat(weights, journeys.firsts) if len(journeys.lengths) else weights
        shares = np.bincount(journeys.touches, weights=weights / sums[journeys.journey_of_touch], minlength=number)
        cents = np.zeros(number, dtype=np.int64)
        np.add.at(cents, journeys.touches, parts)
        return Credited(
            dict(zip(named.keys, cents.tolist(), strict=True)), dict(zip(named.keys, shares.tolist(), strict=True))
        )

    def _weights(self, named: Named, model: str) -> NDArray[np.int64] | NDArray[np.float64]:
        if model not in MARKOV_MODELS:
            return touch_weights(named.journeys, model, half_life=self.half_life, effects=None)
        by_key = dict(zip(self.keys, self.effects.conversions.tolist(), strict=True))
        effects = np.array([by_key[key] for key in named.keys], dtype=np.float64)
        weights = touch_weights(named.journeys, model, effects=RemovalEffects(effects, effects))
        return _never_all_zero(weights, named)


def _never_all_zero(weights: NDArray[np.float64], named: Named) -> NDArray[np.float64]:
    """An open deal may have touches that no won one had: its touches then count alike."""
    journeys = named.journeys
    if not len(weights):
        return weights
    is_empty = np.add.reduceat(weights, journeys.firsts) == 0
    return np.where(is_empty[journeys.journey_of_touch], 1.0, weights)

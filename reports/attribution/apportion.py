"""Whole units (cents) shared out by largest remainder: the parts always sum to the whole.

Everybody gets the whole units of his exact share; those left over go, one each, to the largest remainders. Among equal
remainders the earlier one is first: the earlier touch of a deal, the channel whose name comes first.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

import numpy as np
from numpy.typing import NDArray

from reports.attribution.journeys import Floats, Integers


def share_out(total: int, weights: Sequence[Fraction | float]) -> list[int]:
    """`total` in proportion to `weights`, none of them negative. Nobody gets anything where all weights are zero."""
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact)
    if not whole:
        return [0] * len(exact)
    quotas = [total * weight / whole for weight in exact]
    parts = [floor(quota) for quota in quotas]
    order = sorted(range(len(parts)), key=lambda number: parts[number] - quotas[number])  # stable: ties keep theirs
    for number in order[: total - sum(parts)]:
        parts[number] += 1
    return parts


def share_out_each(totals: Integers, weights: Integers | Floats, offsets: Integers) -> NDArray[np.int64]:
    """The same for many deals at once: `totals[j]` over the touches from `offsets[j]` to `offsets[j + 1]`.

    Exact for whole weights. Every deal has at least one touch, and a weight that is not zero.
    """
    lengths = np.diff(offsets)
    deal = np.repeat(np.arange(len(totals)), lengths)
    sums = np.add.reduceat(weights, offsets[:-1]) if len(totals) else weights[:0]
    if np.issubdtype(weights.dtype, np.integer):
        # a * W + b instead of the total: total * weight might not fit into 64 bits.
        times, rest = np.divmod(totals, sums)
        parts, remainders = np.divmod(rest[deal] * weights, sums[deal])
        parts += times[deal] * weights
    else:
        exact = totals[deal] * (weights / sums[deal])
        parts = np.floor(exact).astype(np.int64)
        remainders = exact - parts
    left = totals - np.add.reduceat(parts, offsets[:-1]) if len(totals) else totals
    order = np.lexsort((np.arange(len(deal)), -remainders, deal))
    rank = np.empty(len(deal), dtype=np.int64)
    rank[order] = np.arange(len(deal)) - np.repeat(offsets[:-1], lengths)
    return (parts + (rank < left[deal])).astype(np.int64)

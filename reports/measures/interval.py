"""How sure a share is that was seen in a number of cases: Wilson's interval. Pure."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

# Fewer cases than this say too little to compare by.
LEAST = 30
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """Shares 0 to 1: what was seen, and between what the true share lies with the confidence of 95 %."""

    share: float
    low: float
    high: float
    count: int

    def is_above(self, share: float) -> bool:
        return self.low > share

    def is_below(self, share: float) -> bool:
        return self.high < share


def wilson(part: int, count: int, *, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of a binomial share, without continuity correction:

        (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)

    with p = part/n and z the normal quantile of the confidence. It stays within 0 and 1, and is honest also for few
    cases and for shares near 0 or 1, where p ± z √(p(1 − p)/n) is not.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22 (1927), 209–212; method 3 of R. G. Newcombe, Two-sided confidence intervals for the
    single proportion, Statistics in Medicine 17 (1998), 857–872.

    Raises ValueError where there is no case, or the part is none of them.
    """
    if not 0 <= part <= count or not count:
        raise ValueError(f"{part} of {count} is no share")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, square = part / count, z * z
    middle = share + square / (2 * count)
    reach = z * sqrt(share * (1 - share) / count + square / (4 * count * count))
    whole = 1 + square / count
    # Nothing but rounding could lead beyond what was seen.
    low, high = min((middle - reach) / whole, share), max((middle + reach) / whole, share)
    return Interval(round(share, 6), round(max(low, 0.0), 6), round(min(high, 1.0), 6), count)


def telling(part: int, count: int) -> Interval | None:
    """None where the cases are too few to say."""
    return wilson(part, count) if count >= LEAST else None

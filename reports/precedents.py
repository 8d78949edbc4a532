"""How often leads of each kind were won: for the brief of a lead, the order of the queue and the forecast report."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate

from django.db.models import Sum

from accounts.formats import rounded, whole
from dispositions.precedents import Likeness, Precedent, Precedents
from funnel.models import Channel
from funnel.reference_cache import kept
from reports.facts.segments import EVERYTHING
from reports.measures.interval import Interval, telling
from reports.models import SegmentMonth
from reports.traits import Traits, segment_label, traits_of

# Kind and value of a segment.
Key = tuple[str, str]
EVERYBODY: Key = (EVERYTHING, "")


class Rates:
    """How many hand-offs of each segment were over, and won, by the months in which they ended. Pure."""

    def __init__(self, rows: Iterable[tuple[str, str, date, int, int]]) -> None:
        """`rows`: kind, value, first day of the month, over, won."""
        found: dict[Key, list[tuple[date, int, int]]] = defaultdict(list)
        for kind, value, month, over, won in rows:
            found[kind, value].append((month, over, won))
        self._months: dict[Key, Sequence[date]] = {}
        self._sums: dict[Key, Sequence[tuple[int, int]]] = {}
        for key, months in found.items():
            months.sort()
            self._months[key] = [month for month, *_ in months]
            self._sums[key] = list(
                accumulate(((over, won) for _, over, won in months), lambda a, b: (a[0] + b[0], a[1] + b[1]))
            )

    def record(self, key: Key, before: date | None = None) -> Interval | None:
        """How often it was won, of what was over before that month; None where that is too few."""
        months = self._months.get(key, ())
        place = len(months) if before is None else bisect_left(months, before)
        over, won = self._sums[key][place - 1] if place else (0, 0)
        return telling(won, over)

    def records(self, traits: Traits, before: date | None = None) -> Mapping[Key, Interval]:
        """Of the segments that it is in, those that have enough."""
        found = {key: self.record(key, before) for key in traits.items()}
        return {key: one for key, one in found.items() if one}

    def chance(self, traits: Traits, before: date | None = None) -> float | None:
        """The mean of the rates of its segments; where none has enough, that of all hand-offs; else None."""
        found = self.records(traits, before)
        if found:
            return sum(one.share for one in found.values()) / len(found)
        everybody = self.record(EVERYBODY, before)
        return everybody.share if everybody else None


@kept(SegmentMonth)
def rates_now() -> Rates:
    """One query over the roll-up: as many rows as there are segments."""
    rows = SegmentMonth.objects.order_by().values_list("kind", "value").annotate(Sum("over"), Sum("won"))
    return Rates((kind, value, date.min, over, won) for kind, value, over, won in rows)


@kept(Channel)
def _channel_names() -> dict[str, str]:
    return {str(pk): name for pk, name in Channel.objects.values_list("pk", "name")}


def rates_by_month() -> Rates:
    return Rates(SegmentMonth.objects.values_list("kind", "value", "month", "over", "won"))


class Records:
    """What is told of a lead (`dispositions.precedents`), over the whole company: no lead is known by a segment of at
    least thirty.
    """

    def tell(self, like: Likeness) -> Precedents:
        rates, traits, channels = rates_now(), _traits(like), _channel_names()
        found = rates.records(traits)
        segments = [Precedent(segment_label(*key, channels), record_in_words(one)) for key, one in found.items()]
        chance = rates.chance(traits)
        return Precedents(segments, chance, _basis(chance, len(segments)))

    def chances(self, likes: Sequence[Likeness]) -> Sequence[float | None]:
        rates = rates_now()
        return [rates.chance(_traits(like)) for like in likes]


def _traits(like: Likeness) -> Traits:
    return traits_of(
        title=like.title,
        naics=like.naics,
        employees=like.employees,
        country=like.country,
        channel_id=like.channel_id,
    )


def record_in_words(one: Interval) -> str:
    return f"{_percent(one.share)} won, {_range(one)}, n = {whole(one.count)}"


def _range(one: Interval) -> str:
    return f"{rounded(one.low * 100, 0)}–{_percent(one.high)}"


def _percent(share: float) -> str:
    return f"{rounded(share * 100, 0)}\u00a0%"


def _basis(chance: float | None, segments: int) -> str:
    if chance is None:
        return ""
    if not segments:
        return f"{_percent(chance)} won of all hand-offs; of its own kinds too few are over"
    return f"{_percent(chance)} won" + (f", the mean of {segments} kinds" if segments > 1 else "")

"""Which of the ten attributes are known, in one number: a bit each, in the order of `Attribute`. Pure."""

from collections.abc import Iterable

from funnel.attributes import Attribute

BITS: dict[Attribute, int] = {one: 1 << place for place, one in enumerate(Attribute)}


def bits_of(known: Iterable[Attribute]) -> int:
    return sum(BITS[one] for one in set(known))


def are_known(bits: int, attribute: Attribute) -> bool:
    return bool(bits & BITS[attribute])

"""Leads in blocks, each with the version of its facts."""

from collections.abc import Collection, Iterable, Iterator

from django.db.models import ExpressionWrapper, F, IntegerField, Max, Q, Value

from reports.models import FactsBlock

# Small enough that counting one block again takes about a millisecond.
LEADS_A_BLOCK = 500


def block_of(lead_id: int) -> int:
    return lead_id // LEADS_A_BLOCK


def block_of_row() -> ExpressionWrapper:
    """Of rows that have a `lead`. Of whole numbers both databases keep the whole part."""
    return ExpressionWrapper(F("lead_id") / Value(LEADS_A_BLOCK), output_field=IntegerField())


def within(blocks: Iterable[int]) -> Q:
    """Rows of these blocks; those that follow each other are one range of keys."""
    condition, begin, end = Q(pk__in=()), None, None
    for block in sorted(blocks):
        if block != end:
            if begin is not None:
                condition |= _range(begin, end)
            begin = block
        end = block + 1
    return condition if begin is None else condition | _range(begin, end)


def _range(begin: int, end: int | None) -> Q:
    assert end is not None
    return Q(lead_id__gte=begin * LEADS_A_BLOCK, lead_id__lt=end * LEADS_A_BLOCK)


def mark_written(lead_ids: Collection[int]) -> None:
    """Their blocks get the next version. Call it where one writer at a time is: in the transaction of the facts."""
    version = latest_version() + 1
    blocks = {block_of(lead_id) for lead_id in lead_ids}
    known = FactsBlock.objects.filter(number__in=blocks)
    known.update(version=version)
    missing = blocks - set(known.values_list("number", flat=True))
    FactsBlock.objects.bulk_create([FactsBlock(number=number, version=version) for number in sorted(missing)])


def latest_version() -> int:
    """0 where nothing was written yet."""
    return FactsBlock.objects.aggregate(last=Max("version"))["last"] or 0


def all_of_them(at_once: int) -> Iterator[list[int]]:
    """Those that have facts, so many at once."""
    numbers = list(FactsBlock.objects.order_by("number").values_list("number", flat=True))
    for begin in range(0, len(numbers), at_once):
        yield numbers[begin : begin + at_once]


def written_since(version: int) -> list[int]:
    return list(FactsBlock.objects.filter(version__gt=version).values_list("number", flat=True))

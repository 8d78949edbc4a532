"""What of a batch of inputs was told before: its touches, and what it says of attributes."""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from django.db import connection

from accounts.prepared import Prepared
from funnel.inputs import LeadInput
from funnel.models import Evidence, Lead, Touch

_A_SOURCE, _AN_ID = "the source of some touch", "the id of some touch"


class ToldBefore:
    """Two queries for the whole batch. What is told anew is added by whoever keeps it, so that it counts once."""

    def __init__(self, told: Sequence[tuple[Lead, LeadInput]]) -> None:
        inputs = [given for _, given in told]
        ids = {touch.external_id for given in inputs for touch in given.touches if touch.external_id}
        self._touches = _touches_told({given.source for given in inputs}, ids)
        self._evidence = _newest_evidence([(lead, given) for lead, given in told if given.attributes])

    def new_touches(self, touches: Iterable[Touch]) -> list[Touch]:
        """Those that nobody reported before; what has no id of its own is new each time."""
        new = []
        for touch in touches:
            key = (touch.source, touch.external_id)
            if touch.external_id is None or key not in self._touches:
                self._touches.add(key)
                new.append(touch)
        return new

    def evidence(self, lead: Lead, attribute: str) -> Evidence | None:
        """What is known of the attribute; the newest counts."""
        return self._evidence.get((lead.pk, attribute))

    def add_evidence(self, evidence: Evidence) -> None:
        self._evidence[evidence.lead_id, evidence.attribute] = evidence


def _touches_told(sources: Collection[str], ids: Collection[str]) -> set[tuple[str, str | None]]:
    if not ids:
        return set()
    if len(sources) == len(ids) == 1:
        (source,), (external_id,) = sources, ids
        return set(_one_touch(connection.vendor).ask({_A_SOURCE: source, _AN_ID: external_id}))
    known = Touch.objects.filter(source__in=sources, external_id__in=ids)
    return set(known.values_list("source", "external_id"))


@lru_cache(maxsize=2)
def _one_touch(vendor: str) -> Prepared[tuple[str, str | None]]:  # noqa: ARG001  # each has its own
    told = Touch.objects.order_by().filter(source=_A_SOURCE, external_id=_AN_ID)
    return Prepared(told.values_list("source", "external_id"))


def _newest_evidence(told: Sequence[tuple[Lead, LeadInput]]) -> dict[tuple[int, str], Evidence]:
    leads = {lead.pk for lead, _ in told}
    slugs = {slug for _, given in told for slug in given.attributes}
    if not slugs:
        return {}
    found = Evidence.objects.filter(lead__in=leads, attribute__in=slugs).order_by("learned_at", "id")
    return {(one.lead_id, one.attribute): one for one in found}

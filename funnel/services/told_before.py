"""What of a batch of inputs was told before: its touches, and what it says of attributes."""

from collections.abc import Iterable, Sequence

from funnel.inputs import LeadInput
from funnel.models import Evidence, Lead, Touch


class ToldBefore:
    """Two queries for the whole batch. What is told anew is added by whoever keeps it, so that it counts once."""

    def __init__(self, told: Sequence[tuple[Lead, LeadInput]]) -> None:
        inputs = [given for _, given in told]
        ids = {touch.external_id for given in inputs for touch in given.touches if touch.external_id}
        known = Touch.objects.filter(source__in={given.source for given in inputs}, external_id__in=ids)
        self._touches = set(known.values_list("source", "external_id"))
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


def _newest_evidence(told: Sequence[tuple[Lead, LeadInput]]) -> dict[tuple[int, str], Evidence]:
    leads = {lead.pk for lead, _ in told}
    slugs = {slug for _, given in told for slug in given.attributes}
    found = Evidence.objects.filter(lead__in=leads, attribute__in=slugs).order_by("learned_at", "id")
    return {(one.lead_id, one.attribute): one for one in found}

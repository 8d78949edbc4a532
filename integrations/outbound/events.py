"""What the world is told of an event: ids, codes and what marketing may read. Sales' private notes never."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dispositions.models import Disposition
from funnel.clauses import read_numbered_lines
from funnel.identity import OWN_NAME_PREFIX
from funnel.models import Clause, Lead, LeadEvent, LeadIdentity, LeadText, Touch
from integrations.inbound.hubspot import STAGE_TO_LEAD_STATUS, STAGE_TO_LIFECYCLE
from integrations.models import Source

# The kinds that endpoints may ask for. `lead.corrected` tells that a disposition told before was taken back.
KINDS = (
    LeadEvent.Kind.CREATED,
    LeadEvent.Kind.STAGE_CHANGED,
    LeadEvent.Kind.DISPOSITIONED,
    LeadEvent.Kind.BLACK_HOLE,
    LeadEvent.Kind.RECOVERED,
    LeadEvent.Kind.RECYCLED,
    LeadEvent.Kind.WON,
    LeadEvent.Kind.CLOSED,
    LeadEvent.Kind.CORRECTED,
    LeadEvent.Kind.ERASED,
)
MOST_TOUCHES = 50

# Credit is given for these: which touches a closed deal had before it.
_CLOSING = {LeadEvent.Kind.WON, LeadEvent.Kind.CLOSED}
_FACTS = {
    LeadEvent.Kind.STAGE_CHANGED: ("move", "old", "new", "hand_off", "reason"),
    LeadEvent.Kind.DISPOSITIONED: ("outcome", "reason", "hand_off", "failed_clauses"),
    LeadEvent.Kind.RECYCLED: ("reason",),
    LeadEvent.Kind.CLOSED: ("outcome",),
    LeadEvent.Kind.CORRECTED: ("undoes",),
}

Data = dict[str, Any]


def event_data(event: LeadEvent, *, source: str, adapter: str = "") -> Data:
    """The event as JSON for whoever speaks for `source` (empty: LeadFlow itself). Needs its lead and actor.

    `adapter`: of the source, where it is a tool's; HubSpot is told the stage in its own words too.

    Times are ISO 8601 in UTC, money is a decimal string with its currency.
    """
    lead = event.lead
    if event.kind == LeadEvent.Kind.ERASED or lead.erased_at:
        erased = {"id": lead.pk, "external_ids": _external_ids(lead, source), "erased": True}
        return {"lead": erased, "seq": event.seq, "at": event.at.isoformat()}
    data: Data = {
        "lead": _lead(lead, source),
        "seq": event.seq,
        "at": event.at.isoformat(),
        "by": event.actor.name if event.actor else event.actor_name,
        **{name: event.data.get(name) for name in _FACTS.get(LeadEvent.Kind(event.kind), ()) if name in event.data},
    }
    if event.kind in _MORE:
        data |= _MORE[LeadEvent.Kind(event.kind)](event)
    if event.kind in _CLOSING:
        data["touches"] = _touches(event)
    if adapter == Source.Adapter.HUBSPOT:
        data["hubspot"] = {
            "lifecyclestage": STAGE_TO_LIFECYCLE[lead.stage],
            "hs_lead_status": STAGE_TO_LEAD_STATUS[lead.stage],
        }
    return data


def adapter_of(source: str) -> str:
    """Of which tool a source is; empty where it has no hook."""
    return Source.objects.filter(slug=source).values_list("adapter", flat=True).first() or "" if source else ""


def _lead(lead: Lead, source: str) -> Data:
    return {
        "id": lead.pk,
        "email": lead.email,
        "external_ids": _external_ids(lead, source),
        "stage": lead.stage,
        "version": lead.version,
        "owner": lead.owner.name if lead.owner else None,
        "channel": lead.channel.slug,
        "campaign": lead.campaign.slug if lead.campaign else None,
        "cycle": lead.cycle,
    }


def _external_ids(lead: Lead, source: str) -> list[str]:
    ids = LeadIdentity.objects.filter(lead=lead, source=source).exclude(external_id__startswith=OWN_NAME_PREFIX)
    return list(ids.order_by("pk").values_list("external_id", flat=True)) if source else []


def _said(event: LeadEvent) -> Data:
    """What sales said with a disposition, and what the clauses that it cites fail for."""
    texts = dict(LeadText.objects.filter(lead=event.lead_id, seq=event.seq, kind__in=_TOLD).values_list("kind", "text"))
    said: Data = {"learned": texts.get(LeadText.Kind.LEARNED, "")}
    if numbers := event.data.get("failed_clauses"):
        said["clauses"] = _cited(event, numbers, read_numbered_lines(texts.get(LeadText.Kind.EVIDENCE, "")))
    disposition = Disposition.objects.filter(lead=event.lead_id, seq=event.seq).first()
    if disposition:
        said |= {"disposition": disposition.pk, "channel": disposition.channel}
    return said | _money(event)


def _cited(event: LeadEvent, numbers: Sequence[int], evidence: Mapping[int, str]) -> list[Data]:
    """The clauses of the hand-off's agreement that are not met, as sales says, with what sales saw."""
    of = Clause.objects.filter(
        agreement__hand_offs__lead=event.lead_id, agreement__hand_offs__number=event.data.get("hand_off")
    )
    sentences = dict(of.values_list("number", "sentence"))
    return [
        {"number": number, "sentence": sentences.get(number, ""), "evidence": evidence.get(number, "")}
        for number in numbers
    ]


_TOLD = (LeadText.Kind.LEARNED, LeadText.Kind.EVIDENCE)


def _money(event: LeadEvent) -> Data:
    lead = event.lead
    amount = event.data.get("amount", None if lead.amount is None else str(lead.amount))
    return {
        "amount": amount,
        "currency": event.data.get("currency", lead.currency) if amount is not None else "",
        "competitor": lead.competitor,
        "closed_on": lead.closed_on.isoformat() if lead.closed_on else None,
    }


def _closed(event: LeadEvent) -> Data:
    """With the reason of the move that closed it."""
    moves = LeadEvent.objects.filter(lead=event.lead_id, seq__lt=event.seq, kind=LeadEvent.Kind.STAGE_CHANGED)
    move = moves.order_by("-seq").first()
    return {"reason": move.data.get("reason") if move else None} | _money(event)


_MORE: Mapping[LeadEvent.Kind, Callable[[LeadEvent], Data]] = {
    LeadEvent.Kind.DISPOSITIONED: _said,
    LeadEvent.Kind.WON: _money,
    LeadEvent.Kind.CLOSED: _closed,
}


def _touches(event: LeadEvent) -> list[Data]:
    """The latest before the close, in their order, with the share that each has of it under three plain models."""
    before = Touch.objects.filter(lead=event.lead_id, at__lte=event.at).select_related("channel", "campaign")
    count = before.count()
    latest = list(reversed(before.order_by("-at", "-pk")[:MOST_TOUCHES]))
    return [
        {
            "at": touch.at.isoformat(),
            "kind": touch.kind,
            "channel": touch.channel.slug,
            "campaign": touch.campaign.slug if touch.campaign else None,
            "credit": {
                "first_touch": float(place == 1),
                "last_touch": float(place == count),
                "linear": round(1 / count, 6),
            },
        }
        for place, touch in enumerate(latest, count - len(latest) + 1)
    ]

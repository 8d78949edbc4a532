"""What the world is told of an event: ids, codes and what marketing may read. Sales' private notes never."""

from collections.abc import Callable, Mapping
from typing import Any

from dispositions.models import Disposition
from funnel.clauses import read_numbered_lines
from funnel.identity import OWN_NAME_PREFIX
from funnel.models import Lead, LeadEvent, LeadIdentity, LeadText, Touch

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


def event_data(event: LeadEvent, *, source: str) -> Data:
    """The event as JSON for whoever speaks for `source` (empty: LeadFlow itself). Needs its lead and actor.

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
        data["touches"] = _touches(lead)
    return data


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
    if evidence := texts.get(LeadText.Kind.EVIDENCE):
        said["clauses"] = [
            {"number": number, "evidence": text} for number, text in read_numbered_lines(evidence).items()
        ]
    disposition = Disposition.objects.filter(lead=event.lead_id, seq=event.seq).first()
    if disposition:
        said |= {"disposition": disposition.pk, "channel": disposition.channel}
    return said | _money(event)


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


_MORE: Mapping[LeadEvent.Kind, Callable[[LeadEvent], Data]] = {
    LeadEvent.Kind.DISPOSITIONED: _said,
    LeadEvent.Kind.WON: _money,
    LeadEvent.Kind.CLOSED: _money,
}


def _touches(lead: Lead) -> list[Data]:
    """The latest before now, in their order: what the close is credited to."""
    touches = Touch.objects.filter(lead=lead).select_related("channel", "campaign").order_by("-at", "-pk")
    return [
        {
            "at": touch.at.isoformat(),
            "kind": touch.kind,
            "channel": touch.channel.slug,
            "campaign": touch.campaign.slug if touch.campaign else None,
        }
        for touch in reversed(touches[:MOST_TOUCHES])
    ]

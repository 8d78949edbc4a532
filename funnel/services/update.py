"""What an input may change on a lead that is already known."""

from typing import Any

from funnel.inputs import LeadInput
from funnel.models import Evidence, Lead, LeadEvent
from funnel.services.changes import LeadChange
from funnel.services.lookups import Lookups
from funnel.services.touches import add_touches, touch_rows

# Plain columns that an input may fill; a blank never overwrites.
MONEY = ("expected_value", "currency")
COLUMNS = ("first_name", "last_name", "title", "phone", "self_reported_source", *MONEY)


def update_lead(
    change: LeadChange, given: LeadInput, email_key: str | None, lookups: Lookups, *, raises_version: bool = False
) -> bool:
    """Take over what is new; answers whether anything was. Stage, channel and sales' fields stay as they are."""
    edits = _edits(change.lead, given, email_key, lookups)
    if edits:
        change.set(**edits)
        change.record(LeadEvent.Kind.EDITED, fields=sorted(edits), source=given.source)
    scored = given.score is not None and given.score != change.lead.score
    if scored:
        change.set(score=given.score)
    touched = add_touches(change, touch_rows(change.lead, given.touches, source=given.source, lookups=lookups))
    learned = _learn(change, given)
    if edits or scored or touched or learned:
        change.write(raises_version=raises_version)
        return True
    return False


def _edits(lead: Lead, given: LeadInput, email_key: str | None, lookups: Lookups) -> dict[str, Any]:
    # Once sales has named an amount, its currency is no longer the input's to say.
    columns = COLUMNS if lead.amount is None else [name for name in COLUMNS if name not in MONEY]
    edits = {
        name: value
        for name in columns
        if (value := getattr(given, name)) not in ("", None) and value != getattr(lead, name)
    }
    if email_key and lead.email_key is None:
        edits |= {"email": given.email.strip(), "email_key": email_key}
    company = lookups.company(given.company)
    if company and company.pk != lead.company_id:
        edits["company"] = company
    if lead.campaign_id is None and given.campaign:
        edits["campaign"] = lookups.campaign(given.campaign)
    consent = lead.consent | dict(given.consent or {})
    if consent != lead.consent:
        edits["consent"] = consent
    return edits


def _learn(change: LeadChange, given: LeadInput) -> int:
    """Keep new evidence; what sales learned is not overwritten by what marketing heard."""
    told = {slug: text for slug, text in given.attributes.items() if text}
    if not told:
        return 0
    known: dict[str, Evidence] = {}
    for evidence in Evidence.objects.filter(lead=change.lead, attribute__in=told).order_by("learned_at", "id"):
        known[evidence.attribute] = evidence
    new = [
        Evidence(lead=change.lead, attribute=slug, text=text, learned_at=change.at, source=given.source)
        for slug, text in told.items()
        if slug not in known or (known[slug].learned_by_id is None and known[slug].text != text)
    ]
    Evidence.objects.bulk_create(new)
    return len(new)

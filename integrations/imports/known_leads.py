"""The leads that rows of a file are about."""

from collections.abc import Mapping, Sequence
from typing import Any

from funnel.identity import InvalidEmail, email_key
from funnel.models import Lead, LeadIdentity
from integrations.imports.records import RowRefused

UNKNOWN_LEAD = "No lead is known by this: import the leads first."


class KnownLeads:
    """The leads that rows name, found with two queries for all of them. `id_field`: which field has the source's id."""

    def __init__(self, source: str, rows: Sequence[Mapping[str, Any]], *, id_field: str = "external_id") -> None:
        self._id_field = id_field
        identities = LeadIdentity.objects.filter(
            source=source, external_id__in=[values[id_field] for values in rows if id_field in values]
        )
        self._by_id = {one.external_id: one.lead for one in identities.select_related("lead")}
        keys = [_email_key(values["email"]) for values in rows if "email" in values]
        named = Lead.objects.filter(email_key__in=keys).select_related("merged_into")
        self._by_email = {lead.email_key: lead.merged_into or lead for lead in named}

    def find(self, values: Mapping[str, Any]) -> Lead:
        """Raises RowRefused."""
        by_id = self._by_id.get(values.get(self._id_field, ""))
        by_email = self._by_email.get(_email_key(values["email"])) if "email" in values else None
        if by_id and by_email and by_id != by_email:
            raise RowRefused(self._id_field, "The e-mail address and the external id belong to two different leads.")
        lead = by_id or by_email
        if lead is None:
            raise RowRefused(self._id_field if self._id_field in values else "email", UNKNOWN_LEAD)
        return lead


def _email_key(address: str) -> str:
    """Empty for what no lead can have."""
    try:
        return email_key(address)
    except InvalidEmail:
        return ""

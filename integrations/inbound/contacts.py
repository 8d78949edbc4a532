"""Fetching what a message does not say: HubSpot's contacts by their ids, through one small interface."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import httpx

from integrations.inbound.hubspot import PROPERTIES
from integrations.outbound.guard import NotAllowed, client

MOST_AT_ONCE = 100
BASE_URL = "https://api.hubapi.com"
ALSO = (
    *("lifecyclestage", "hs_lead_status", "hs_email_optout", "hs_analytics_source", "hs_analytics_source_data_1"),
    *("hs_latest_source", "recent_conversion_date", "recent_conversion_event_name"),
)


class FetchFailed(Exception):
    """The tool did not give the contacts; asked again later it may."""


class Contacts(Protocol):
    def fetch(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """The contacts that there are, by id. Raises FetchFailed."""
        ...


class HubSpotContacts:
    """`options` of the source: `token` of a private app with crm.objects.contacts.read, and `base_url` for tests."""

    def __init__(self, options: Mapping[str, Any], properties: Sequence[str] = ()) -> None:
        self._token = str(options.get("token", ""))
        self._base_url = str(options.get("base_url", BASE_URL)).rstrip("/")
        self._properties = sorted({*PROPERTIES, *ALSO, *properties})

    def fetch(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        if not self._token:
            raise FetchFailed("The source has no token: put that of a HubSpot private app into its options.")
        found: dict[str, Mapping[str, Any]] = {}
        with client() as http:
            for start in range(0, len(ids), MOST_AT_ONCE):
                for contact in self._page(http, ids[start : start + MOST_AT_ONCE]):
                    found[str(contact.get("id"))] = contact
        return found

    def _page(self, http: httpx.Client, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        body = {"properties": self._properties, "inputs": [{"id": one} for one in ids]}
        try:
            answer = http.post(
                f"{self._base_url}/crm/v3/objects/contacts/batch/read",
                json=body,
                headers={"Authorization": f"Bearer {self._token}"},
            )
            answer.raise_for_status()
            results = answer.json().get("results", [])
        except (httpx.HTTPError, NotAllowed, ValueError, AttributeError) as error:
            raise FetchFailed(f"HubSpot did not give the contacts: {type(error).__name__}.") from error
        return [one for one in results if isinstance(one, dict)]

"""Which adapter reads which tool."""

from collections.abc import Mapping

from integrations.inbound.generic import Generic
from integrations.inbound.hubspot import HubSpot
from integrations.inbound.marketo import Marketo
from integrations.inbound.mautic import Mautic
from integrations.inbound.message import Adapter
from integrations.inbound.salesforce import SalesforceWebToLead
from integrations.models import Source

ADAPTERS: Mapping[str, Adapter] = {
    Source.Adapter.MAUTIC: Mautic(),
    Source.Adapter.HUBSPOT: HubSpot(),
    Source.Adapter.MARKETO: Marketo(),
    Source.Adapter.SALESFORCE_WEB_TO_LEAD: SalesforceWebToLead(),
    Source.Adapter.GENERIC: Generic(),
}

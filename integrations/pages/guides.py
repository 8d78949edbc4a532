"""How each tool is connected: which clicks on its side send leads in, and which take the outcomes back.

docs/integrations says the same and more; a test holds both against each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from integrations.models import Source

Adapter = Source.Adapter


@dataclass(frozen=True)
class Guide:
    """`word`: what the tool calls its own secret; empty where LeadFlow makes one. `there`, `back`: steps in it."""

    tells: str
    there: Sequence[str]
    back: Sequence[str]
    word: str = ""
    word_help: str = ""


_RECEIVER = (
    "Add an endpoint under Endpoints with the address of your receiver, and keep its secret.",
    "Verify each delivery with a Standard Webhooks library.",
    "Find the contact by data.lead.external_ids: they are its ids in the tool.",
)

GUIDES: Mapping[str, Guide] = {
    Adapter.MAUTIC: Guide(
        tells="Contacts, points, forms, page hits and consent, by Mautic's own webhooks.",
        there=(
            "Open Settings (the wheel) › Webhooks › New.",
            "Webhook POST Url: the hook's address. Secret: the secret.",
            (
                "Webhook Events: Contact Identified, Contact Updated, Contact Points Changed, "
                "Contact Channel Subscription Change, Contact Deleted, Form Submitted, Page Hit."
            ),
            "Order of the queued events: Chronological. Save, and Send Test Payload.",
        ),
        back=(
            *_RECEIVER,
            "Let the receiver set the contact's fields by Mautic's API: PATCH /api/contacts/ID/edit.",
        ),
    ),
    Adapter.HUBSPOT: Guide(
        tells="Contacts, fetched when HubSpot says that they are new or changed.",
        word="Client secret",
        word_help="Of the private app, under Auth.",
        there=(
            "Open Settings › Integrations › Private Apps › Create a private app.",
            "Scopes: crm.objects.contacts.read.",
            (
                "Webhooks: target URL is the hook's address; subscribe to contact creation, property change (email, "
                "lifecyclestage, hs_lead_status, firstname, lastname, company, hs_email_optout) and privacy deletion."
            ),
            "Auth: copy the access token into the source's options as token, and the client secret into its secret.",
        ),
        back=(
            *_RECEIVER,
            (
                "Let the receiver write data.hubspot.lifecyclestage and data.hubspot.hs_lead_status to the contact: "
                "PATCH /crm/v3/objects/contacts/ID."
            ),
        ),
    ),
    Adapter.MARKETO: Guide(
        tells="A webhook in a smart campaign sends the lead; its response mapping takes the outcome back at once.",
        there=(
            "Open Admin › Integration › Webhooks › New Webhook.",
            "URL: the hook's address. Request Type: POST. Request Token Encoding: JSON. Response type: JSON.",
            "Template: a JSON object of tokens, with the names that docs/integrations/marketo.md lists.",
            "Webhook Actions › Set Custom Header: X-LeadFlow-Secret with the secret.",
            "Make a trigger smart campaign with the flow step Call Webhook.",
        ),
        back=(
            "Response Mappings: stage, disposition, reason, owner, amount and leadflow_id to fields of yours.",
            (
                "Make a second trigger smart campaign, Campaign is Requested, with Call Webhook, and a recurring "
                "batch one with Request Campaign for leads with sales: Call Webhook works in trigger campaigns alone."
            ),
        ),
    ),
    Adapter.SALESFORCE_WEB_TO_LEAD: Guide(
        tells="The form that Salesforce made stays as it is; only its address changes.",
        word="oid",
        word_help="The value of the hidden field oid in the form.",
        there=(
            "Open Setup › Feature Settings › Marketing › Web-to-Lead › Create Web-to-Lead Form, and Generate.",
            "In the HTML, set action of the form to the hook's address and leave the field oid as it is.",
            "Name the hosts that retURL may lead to in the source's options as return_hosts.",
        ),
        back=(
            *_RECEIVER[:2],
            "Find the lead by data.lead.email and update it by Salesforce's REST API.",
        ),
    ),
    Adapter.GENERIC: Guide(
        tells="JSON or a form of any other tool, read by a field map.",
        there=(
            "Give the tool the hook's address as the target of its webhook.",
            "Have it signed as Standard Webhooks with the secret, by an HMAC, or send the secret in a header.",
            "Say in field_map where each of our fields stands in the message.",
        ),
        back=_RECEIVER,
    ),
}

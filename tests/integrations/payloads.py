"""Messages of the tools in the shape that each documents, with people of our own."""


def _field(number, alias, kind, value, group="core"):
    label = alias.capitalize()
    return {
        "id": number,
        "group": group,
        "label": label,
        "alias": alias,
        "type": kind,
        "properties": [],
        "value": value,
        "normalizedValue": value,
    }


MAUTIC_CONTACT = {
    "isPublished": True,
    "dateAdded": "2026-11-20T09:58:00+00:00",
    "createdBy": None,
    "createdByUser": None,
    "dateIdentified": "2026-11-20T10:00:00+00:00",
    "dateModified": None,
    "modifiedBy": None,
    "modifiedByUser": None,
    "id": 1234,
    "points": 40,
    "color": None,
    "preferredProfileImage": "gravatar",
    "fields": {
        "core": {
            "title": _field(1, "title", "lookup", "Ms"),
            "firstname": _field(2, "firstname", "text", "Ann"),
            "lastname": _field(3, "lastname", "text", "Lee"),
            "company": _field(4, "company", "text", "Buyer GmbH"),
            "position": _field(5, "position", "text", "Head of IT"),
            "email": _field(6, "email", "email", "ann@buyer.example"),
            "mobile": _field(7, "mobile", "tel", None),
            "phone": _field(8, "phone", "tel", "+49 30 901820"),
            "points": _field(9, "points", "number", "40"),
            "country": _field(10, "country", "country", "Germany"),
        },
        "social": {"facebook": _field(27, "facebook", "text", None, "social")},
        "personal": [],
        "professional": [],
    },
    "lastActive": "2026-11-20T10:00:00+00:00",
    "owner": None,
    "ipAddresses": {"192.0.2.7": {"id": 3, "ipAddress": "192.0.2.7", "ipDetails": {"city": "", "timezone": ""}}},
    "tags": [{"id": 4, "tag": "webinar"}],
    "utmtags": [],
    "stage": None,
    "doNotContact": [],
    "frequencyRules": [],
}
_BASIC_FORM = {"id": 11, "name": "Ask us", "alias": "ask_us", "category": None}
_IP = {"ipAddress": "192.0.2.7", "id": 3, "ipDetails": None}

# One body with an event of each kind, as the background workflow puts them together.
MAUTIC = {
    "mautic.lead_post_save_new": [{"contact": MAUTIC_CONTACT, "timestamp": "2026-11-20T10:00:00+00:00"}],
    "mautic.page_on_hit": [
        {
            "hit": {
                "dateHit": "2026-11-20T10:01:00+00:00",
                "dateLeft": None,
                "page": {"id": 5, "title": "Prices", "alias": "prices", "category": None},
                "redirect": None,
                "email": None,
                "lead": MAUTIC_CONTACT,
                "ipAddress": _IP,
                "country": "",
                "code": 200,
                "referer": "https://www.search.example/",
                "url": "https://www.example.com/prices?utm_source=google&utm_medium=cpc&utm_campaign=Spring%2026",
                "urlTitle": "Prices",
                "userAgent": "Mozilla/5.0",
                "remoteHost": "host.example",
                "pageLanguage": "en",
                "browserLanguages": ["en"],
                "trackingId": "a1b2c3",
                "source": None,
                "sourceId": None,
                "query": {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "Spring 26"},
                "id": 78,
            },
            "timestamp": "2026-11-20T10:01:00+00:00",
        }
    ],
    "mautic.form_on_submit": [
        {
            "submission": {
                "id": 77,
                "ipAddress": _IP,
                "form": _BASIC_FORM,
                "lead": MAUTIC_CONTACT,
                "trackingId": "a1b2c3",
                "dateSubmitted": "2026-11-20T10:02:00+00:00",
                "referer": "https://www.example.com/ask?utm_source=newsletter&utm_medium=email",
                "page": None,
                "results": {"email": "ann@buyer.example", "question": "Does it work with SAP?"},
            },
            "timestamp": "2026-11-20T10:02:00+00:00",
        }
    ],
    "mautic.lead_points_change": [
        {
            "contact": MAUTIC_CONTACT,
            "points": {"old_points": 40, "new_points": 55},
            "timestamp": "2026-11-20T10:03:00+00:00",
        }
    ],
    "mautic.lead_channel_subscription_changed": [
        {
            "contact": MAUTIC_CONTACT,
            "channel": "email",
            "old_status": "contactable",
            "new_status": "unsubscribed",
            "timestamp": "2026-11-20T10:04:00+00:00",
        }
    ],
    "mautic.lead_post_save_update": [{"contact": MAUTIC_CONTACT, "timestamp": "2026-11-20T10:05:00+00:00"}],
}
MAUTIC_DELETED = {
    "mautic.lead_post_delete": [
        {"id": 1234, "contact": MAUTIC_CONTACT | {"id": None}, "timestamp": "2026-11-20T11:00:00+00:00"}
    ]
}

# --- HubSpot --------------------------------------------------------------------------------------------------

_HUBSPOT_EVENT = {
    "eventId": 3816279340,
    "subscriptionId": 25,
    "portalId": 33,
    "appId": 1160452,
    "occurredAt": 1763632800000,
    "attemptNumber": 0,
    "objectId": 1246965,
    "changeSource": "ACADEMY",
}
HUBSPOT = [
    _HUBSPOT_EVENT | {"subscriptionType": "contact.creation", "changeFlag": "CREATED"},
    _HUBSPOT_EVENT
    | {
        "eventId": 3816279480,
        "subscriptionType": "contact.propertyChange",
        "propertyName": "lifecyclestage",
        "propertyValue": "marketingqualifiedlead",
    },
    _HUBSPOT_EVENT | {"eventId": 22, "subscriptionType": "deal.creation", "changeFlag": "NEW", "objectId": 5},
]
# As the newer platform says the same.
HUBSPOT_GENERIC = [
    _HUBSPOT_EVENT
    | {
        "subscriptionType": "object.propertyChange",
        "objectTypeId": "0-1",
        "propertyName": "firstname",
        "propertyValue": "REDACTED",
        "isSensitive": True,
    },
    _HUBSPOT_EVENT | {"subscriptionType": "object.creation", "objectTypeId": "0-3", "objectId": 6},
]
HUBSPOT_MERGE = [
    _HUBSPOT_EVENT
    | {
        "subscriptionType": "contact.merge",
        "primaryObjectId": 1246965,
        "mergedObjectIds": [1246978],
        "newObjectId": 1246999,
        "numberOfPropertiesMoved": 3,
    }
]
HUBSPOT_PROPERTIES = {
    "createdate": "2026-11-20T10:00:00.000Z",
    "email": "ben@buyer.example",
    "firstname": "Ben",
    "lastname": "Berg",
    "jobtitle": None,
    "phone": "REDACTED",
    "company": "Buyer Inc",
    "numemployees": "250",
    "hubspotscore": "61",
    "hs_analytics_source": "PAID_SEARCH",
    "hs_email_optout": None,
    "hs_lead_status": None,
    "lastmodifieddate": "2026-11-20T10:00:01.000Z",
    "lifecyclestage": "marketingqualifiedlead",
}


def hubspot_contact(contact_id="1246965", **properties):
    return {
        "id": contact_id,
        "properties": HUBSPOT_PROPERTIES | properties,
        "createdAt": "2026-11-20T10:00:00.000Z",
        "updatedAt": "2026-11-20T10:00:01.000Z",
        "archived": False,
    }


# --- Marketo --------------------------------------------------------------------------------------------------

# The template of docs/integrations/marketo.md with its tokens filled in.
MARKETO = """{
  "external_id": "318593",
  "email": "cleo@buyer.example",
  "first_name": "Cleo",
  "last_name": "Cole",
  "title": "Buyer \\"IT\\"",
  "company": {"name": "Buyer & Sons Ltd"},
  "score": "70",
  "channel": "Webinar",
  "stage": "mql"
}"""
MARKETO_REST = {
    "action": "createOrUpdate",
    "lookupField": "email",
    "partitionName": "Default",
    "asyncProcessing": False,
    "input": [
        {"email": "kjashaedd-1@buyer.example", "firstName": "Kataldar-1", "postalCode": "04828"},
        {"email": "kjashaedd-2@buyer.example", "firstName": "Kataldar-2", "leadScore": 12},
    ],
}

# --- Salesforce Web-to-Lead -----------------------------------------------------------------------------------

SALESFORCE = {
    "oid": "00D5g000004XXXX",
    "retURL": "https://www.example.com/thanks",
    "first_name": "Dora",
    "last_name": "Day",
    "email": "dora@buyer.example",
    "company": "Buyer SA",
    "city": "Lyon",
    "state": "",
    "lead_source": "Trade Show",
    "Campaign_ID": "7015g000000AbCdAAK",
    "member_status": "Responded",
    "00N5g00000ABcde": "We lose leads",
    "emailOptOut": "1",
    "submit": "Submit",
}

curl --fail-with-body "$LEADFLOW/api/v1/leads/" \
  --header "Authorization: Bearer $KEY" \
  --header "Content-Type: application/json" \
  --data '{
    "email": "ann@example.com",
    "external_id": "4711",
    "first_name": "Ann",
    "last_name": "Smith",
    "phone": "+49 30 901820",
    "company": {"name": "Example GmbH", "domain": "example.com", "employees": 250, "country": "DE"},
    "channel": "webinar",
    "campaign": "spring-webinar",
    "score": 85,
    "consent": {"email": {"granted": true, "at": "2026-03-02T09:14:00Z", "how": "form"}},
    "attributes": {"pain": "Leads get lost between the CRM and the sales team."},
    "touches": [{"at": "2026-03-02T09:14:00Z", "kind": "webinar", "channel": "webinar", "external_id": "t-1"}]
  }'

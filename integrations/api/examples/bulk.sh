curl --fail-with-body "$LEADFLOW/api/v1/leads/bulk/" \
  --header "Authorization: Bearer $KEY" \
  --header "Content-Type: application/json" \
  --data '{
    "leads": [
      {"email": "ben@example.com", "channel": "paid-search", "campaign": "brand"},
      {"email": "cat@example.com", "channel": "email", "score": 40}
    ],
    "all_or_none": false
  }'

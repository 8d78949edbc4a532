curl --fail-with-body "$LEADFLOW/api/v1/endpoints/" \
  --header "Authorization: Bearer $KEY" \
  --header "Content-Type: application/json" \
  --data '{"name": "CRM", "url": "'"$RECEIVER"'", "kinds": ["lead.stage_changed", "lead.dispositioned"]}'

curl --fail-with-body "$LEADFLOW/api/v1/leads/$LEAD/promote/" \
  --header "Authorization: Bearer $KEY" \
  --header "Content-Type: application/json" \
  --data '{"override_reason": "Their managing director asked to be called."}'

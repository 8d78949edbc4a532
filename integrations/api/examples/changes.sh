curl --fail-with-body "$LEADFLOW/api/v1/changes/?limit=100" --header "Authorization: Bearer $KEY"

# VERSION is the “version” of the lead that the rep looked at.
curl --fail-with-body "$LEADFLOW/api/v1/leads/$LEAD/dispositions/" \
  --header "Authorization: Bearer $KEY" \
  --header "Content-Type: application/json" \
  --data '{
    "outcome": "voicemail",
    "rep": "'"$REP"'",
    "version": '"$VERSION"',
    "channel": "phone",
    "learned": "Her assistant says that the budget is decided in April."
  }'

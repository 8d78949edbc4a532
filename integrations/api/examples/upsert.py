import json
import os
import urllib.error
import urllib.request

lead = {"email": "ann@example.com", "external_id": "4711", "channel": "webinar", "score": 85}
request = urllib.request.Request(
    os.environ["LEADFLOW"] + "/api/v1/leads/",
    data=json.dumps(lead).encode(),
    headers={"Authorization": "Bearer " + os.environ["KEY"], "Content-Type": "application/json"},
)
try:
    with urllib.request.urlopen(request, timeout=30) as answer:
        told = json.load(answer)
        print("created" if answer.status == 201 else "updated", told["id"], told["stage"], answer.headers["ETag"])
except urllib.error.HTTPError as refusal:
    problem = json.load(refusal)
    for error in problem["errors"]:
        print(problem["type"], error["pointer"], error["code"], error["message"])
    raise SystemExit(1) from refusal

import json
import os
import urllib.request

leads = [{"email": f"person-{number}@example.com", "channel": "event"} for number in range(700)]
for start in range(0, len(leads), 500):  # 500 are the most of one call
    request = urllib.request.Request(
        os.environ["LEADFLOW"] + "/api/v1/leads/bulk/",
        data=json.dumps({"leads": leads[start : start + 500]}).encode(),
        headers={"Authorization": "Bearer " + os.environ["KEY"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        for item in json.load(answer)["results"]:
            if item["errors"]:
                print(start + item["index"], item["status"], item["errors"])
print(len(leads), "told")

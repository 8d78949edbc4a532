import json
import os
import urllib.request
from pathlib import Path

kept = Path("leadflow-cursor")  # where the last run ended; write it only when all before is done with
url = os.environ["LEADFLOW"] + "/api/v1/changes/" + (f"?after={kept.read_text()}" if kept.exists() else "")
while url:
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + os.environ["KEY"]})
    with urllib.request.urlopen(request, timeout=30) as answer:
        page = json.load(answer)
    for change in page["results"]:
        print(change["cursor"], change["type"], change["data"]["lead"]["id"])
    kept.write_text(page["cursor"])
    url = page["next"]

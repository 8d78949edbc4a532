import json
import os
import urllib.request

request = urllib.request.Request(
    f"{os.environ['LEADFLOW']}/api/v1/leads/{os.environ['LEAD']}/promote/",
    data=b"{}",
    headers={"Authorization": "Bearer " + os.environ["KEY"], "Content-Type": "application/json"},
)
with urllib.request.urlopen(request, timeout=30) as answer:
    lead = json.load(answer)
print(lead["stage"], lead["owner"] and lead["owner"]["email"], lead["due_at"])
for clause in lead["clauses"]:
    print("clause", clause["number"], {True: "met", False: "not met", None: "judged by people"}[clause["met"]])

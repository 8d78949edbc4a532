import json
import os
import urllib.request

url = f"{os.environ['LEADFLOW']}/api/v1/leads/{os.environ['LEAD']}/"
headers = {"Authorization": "Bearer " + os.environ["KEY"], "Content-Type": "application/json"}

with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
    version = json.load(answer)["version"]  # better: the one that the rep had before him
said = {"outcome": "conversation", "rep": os.environ["REP"], "version": version, "channel": "phone"}
request = urllib.request.Request(url + "dispositions/", data=json.dumps(said).encode(), headers=headers)
with urllib.request.urlopen(request, timeout=30) as answer:
    lead = json.load(answer)
print(lead["stage"], lead["version"], lead["disposition"])

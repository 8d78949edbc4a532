# Receives what LeadFlow sends, and believes only what is signed: pip install standardwebhooks
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["SECRET"])  # whsec_…, shown once when the endpoint was made
seen = set()  # keep these where a restart does not lose them


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            event = webhook.verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError:
            self.send_response(401)
        else:
            self.send_response(204)  # anything else than 2xx, and it is sent again
            if self.headers["webhook-id"] not in seen:  # at least once means now and then twice
                seen.add(self.headers["webhook-id"])
                print(event["type"], event["data"]["lead"]["id"], event["data"]["seq"], flush=True)
        self.end_headers()


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver).serve_forever()

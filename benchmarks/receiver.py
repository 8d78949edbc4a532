"""A receiver of webhooks that needs 50 ms for each; `GET /` tells how many came, and the seconds from first to last."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NEEDS_SECONDS = 0.05


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    came_at: list[float] = []  # of all: each connection has a handler of its own

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(NEEDS_SECONDS)
        with self.lock:
            self.came_at.append(time.monotonic())
        self._answer(b"ok")

    def do_GET(self) -> None:
        with self.lock:
            came_at = list(self.came_at)
            self.came_at.clear()
        lasted = came_at[-1] - came_at[0] if came_at else 0.0
        self._answer(json.dumps({"came": len(came_at), "lasted": lasted}).encode())

    def log_message(self, *_said: object) -> None:
        """Nothing: a line for each would be most of the work."""

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()

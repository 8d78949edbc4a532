"""A real HTTP server that takes deliveries, and misbehaves as it is told."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """`answers(number, headers)`: what to do with the delivery of this number: a status, “slow”, “hang” or “reset”."""

    def __init__(self, answers):
        self.answers = answers
        self.got = []  # (webhook-id, headers, body, status)
        self.lock = threading.Lock()
        self.url = ""

    def ids(self):
        return [one[0] for one in self.got]


@contextmanager
def receiver(answers=lambda _number, _headers: 200, *, hang_seconds=30, headers=None, body=lambda _got: b"ok"):
    """`body`: what it answers to a body that it got."""
    state = Receiver(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            got = self.rfile.read(int(self.headers["Content-Length"]))
            with state.lock:
                what = state.answers(len(state.got), self.headers)
                state.got.append((self.headers["webhook-id"], dict(self.headers), got, what))
            if what == "hang":
                time.sleep(hang_seconds)
                what = 200
            if what == "slow":
                time.sleep(0.3)
                what = 200
            if what == "reset":
                self.connection.close()
                self.close_connection = True
                return
            self.send_response(what)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            answer = body(got)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_args: None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()

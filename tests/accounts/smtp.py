"""A mail server for tests: as moody as the test wants it."""

import socketserver
import threading
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message

ACCEPT = b"250 OK\r\n"
GREYLIST = b"451 4.7.1 Try again later\r\n"
REFUSE = b"550 5.7.1 No such person\r\n"
DROP = b""  # the connection ends before an answer
DROP_AFTER = b"\0"  # the mail is taken, but the answer never comes


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 stub\r\n")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                if not self._take():
                    return
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 OK\r\n")

    def _take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        answer = self.server.answer(message_from_bytes(b"".join(lines)))
        if answer == DROP_AFTER:
            return False
        self.wfile.write(answer)
        return bool(answer)


class SmtpStub(socketserver.ThreadingTCPServer):
    """`received`: the mails whose delivery it confirmed, or took without a word. `mood` decides for each."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mood: Callable[[Message], bytes] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mood = mood or (lambda mail: ACCEPT)
        self.received: list[Message] = []

    @property
    def port(self) -> int:
        return self.server_address[1]

    def answer(self, mail: Message) -> bytes:
        answer = self.mood(mail)
        if answer in {ACCEPT, DROP_AFTER}:
            self.received.append(mail)
        return answer

    def __enter__(self) -> "SmtpStub":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A killed client is what the tests are about."""

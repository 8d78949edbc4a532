"""Receivers that no HTTP library would let one build: each answers with bytes of its own, without an end if told so."""

import socket
import ssl
import threading
from contextlib import contextmanager


@contextmanager
def raw_receiver(answer, *, certificate=None):
    """`answer`: a generator of what is sent once a request has begun. Yields the port, and how many connected."""
    listening = socket.create_server(("127.0.0.1", 0))
    connected = []

    def serve():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return  # closed: the test is over
            connected.append(connection)
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection):
        try:
            if certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate)
                connection = context.wrap_socket(connection, server_side=True)
            connection.recv(65_536)
            for part in answer():
                connection.sendall(part)
            connection.settimeout(1)
            while connection.recv(65_536):
                pass  # a close before all has been read would take the answer back
        except OSError:
            pass  # the sender has had enough, which is what is tested
        finally:
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1], connected
    finally:
        listening.close()

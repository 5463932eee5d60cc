"""A company's proxy on this machine, which tunnels what is meant for one host to a server here, and looks into nothing.

Names of systems beyond AWS lead nowhere on a machine of tests; behind a proxy it is the proxy that finds them.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_CHUNK = 65536


class Tunnel(ThreadingHTTPServer):
    """at: "host:port" that is meant. port: of the server on this machine. asked: what was asked for, in turn."""

    daemon_threads = True

    def __init__(self, at: str, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.at = at
        self.port = port
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Tunnel

    def do_CONNECT(self) -> None:
        """Carry bytes both ways until one side ends; any other host is refused."""
        self.server.asked.append(self.path)
        if self.path != self.server.at:
            self.send_error(403)
            return
        with socket.create_connection(("127.0.0.1", self.server.port)) as there:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_carry, args=(there, self.connection), daemon=True)
            back.start()
            _carry(self.connection, there)
            back.join()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def tunnel(at: str, port: int) -> Iterator[Tunnel]:
    """A running one."""
    made = Tunnel(at, port)
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
        thread.join()

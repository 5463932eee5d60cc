"""The server: the page from `dashboard/dist`, the API by the very function that AWS runs, and who one can be."""

from __future__ import annotations

import json
import mimetypes
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lambdas.dashboard import headers
from lambdas.dashboard.app import handler
from lambdas.runs.catalogue import catalogue
from nightshift.local.dashboard.events import event
from nightshift.local.dashboard.identities import HEADER, claims, identities
from nightshift.local.json_http import refusal

_MOST_BYTES = 10_000_000
"""Bytes of a payload ("Quotas for configuring and running an HTTP API", API Gateway Developer Guide)."""
_MISSING = "The dashboard's page has not been built yet. Run `make dashboard` in the project, then load this again.\n"
_CONFIG = {"auth": "local"}


class DashboardServer(ThreadingHTTPServer):
    """Serves on a listening socket. page: the folder with the built page."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, page: Path) -> None:
        super().__init__(listening.getsockname(), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.page = page
        # A Lambda function answers one request at a time, and powertools keeps the current one in the resolver.
        self.one_at_a_time = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    server: DashboardServer
    protocol_version = "HTTP/1.1"
    server_version = "nightshift"

    def __getattr__(self, name: str) -> Any:
        # http.server calls do_GET, do_PUT, ...; all methods go one way.
        if name.startswith("do_"):
            return self._respond
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """The function writes its own log."""

    def _respond(self) -> None:
        length = self.headers.get("content-length") or "0"
        if not length.isdigit() or int(length) > _MOST_BYTES or self.headers.get("transfer-encoding"):
            self.close_connection = True
            return self._send(413, "text/plain", b"")
        body = self.rfile.read(int(length))
        path = unquote(self.path.partition("?")[0])
        refused = refusal({name.lower(): value for name, value in self.headers.items()}, page=not _is_api(path))
        if refused:
            return self._send(421, "text/plain", f"{refused}\n".encode())
        if _is_api(path):
            return self._api(body)
        if self.command not in ("GET", "HEAD"):
            return self._send(405, "text/plain", b"")
        if path == "/config.json":
            return self._json(200, _CONFIG)
        if path == "/local/identities":
            listed = identities(catalogue().values())
            return self._json(200, {"identities": [{"name": n, "groups": g} for n, g in listed.items()]})
        return self._file(path)

    def _api(self, body: bytes) -> None:
        name = self.headers.get(HEADER, "")
        found = claims(name, identities(catalogue().values()))
        if found is None:
            # As the authorizer of API Gateway refuses a request without a token.
            return self._json(401, {"message": "Unauthorized"})
        request = event(self.command, self.path, self.headers.items(), body, found)
        with self.server.one_at_a_time:
            answer = handler(request, None)
        return self._send(answer["statusCode"], None, (answer.get("body") or "").encode(), answer["headers"])

    def _file(self, path: str) -> None:
        if "\0" in path:
            return self._send(404, "text/plain", b"not found\n")
        wanted = (self.server.page / path.lstrip("/")).resolve() if path != "/" else self.server.page / "index.html"
        inside = wanted.is_relative_to(self.server.page.resolve())
        hidden = inside and any(part.startswith(".") for part in wanted.relative_to(self.server.page.resolve()).parts)
        if path == "/" and not wanted.is_file():
            return self._send(503, "text/plain; charset=utf-8", _MISSING.encode())
        if not inside or hidden or not wanted.is_file():
            return self._send(404, "text/plain", b"not found\n")
        kind = mimetypes.guess_type(wanted.name)[0] or "application/octet-stream"
        # Names of assets hold a hash of their content.
        keep = "public, max-age=31536000, immutable" if wanted.parent.name == "assets" else "no-cache"
        more = {"content-security-policy": headers.page_policy(), "cache-control": keep}
        return self._send(200, kind, wanted.read_bytes(), {**headers.SECURITY, **more})

    def _json(self, status: int, value: Any) -> None:
        self._send(status, "application/json", json.dumps(value).encode(), headers.API)

    def _send(self, status: int, kind: str | None, body: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**({"content-type": kind} if kind else {}), **(more or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _is_api(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")

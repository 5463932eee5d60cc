"""The server of the local dashboard, over HTTP: the page, the API for who one says to be, and what it refuses."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightshift.local.dashboard.server import DashboardServer

INDEX = b"<!doctype html><title>nightshift</title>"


class Client:
    """Asks the server."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, content; names of headers have _ for -."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A built page, with a secret beside it and a hidden file in it."""
    made = tmp_path / "dist"
    (made / "assets").mkdir(parents=True)
    (made / "index.html").write_bytes(INDEX)
    (made / "assets" / "app-1a2b3c.js").write_bytes(b"export {};")
    (made / ".env").write_bytes(b"secret")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return made


@pytest.fixture
def client(page: Path) -> Iterator[Client]:
    """A server of the page."""
    server = DashboardServer(socket.create_server(("127.0.0.1", 0)), page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Client(int(server.server_address[1]))
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_page_and_its_parts(client: Client) -> None:
    status, headers, body = client.ask("/")
    assert (status, body, headers["content-type"], headers["cache-control"]) == (200, INDEX, "text/html", "no-cache")
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    status, headers, _ = client.ask("/assets/app-1a2b3c.js")
    assert (status, headers["content-type"]) == (200, "text/javascript")
    assert "immutable" in headers["cache-control"]
    status, headers, body = client.ask("/", "HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(INDEX)), b"")
    assert json.loads(client.ask("/config.json")[2]) == {"auth": "local"}


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/.env",
        "/assets",
        "/none.js",
        "/assets/%00",
    ],
)
def test_nothing_else_is_given_out(client: Client, path: str) -> None:
    status, _, body = client.ask(path)
    assert (status, body) == (404, b"not found\n")


def test_before_the_page_is_built_it_says_how(client: Client, page: Path) -> None:
    (page / "index.html").unlink()
    status, _, body = client.ask("/")
    assert status == 503
    assert b"make dashboard" in body


def test_the_api_is_for_who_one_says_to_be(aws: Any, client: Client) -> None:
    def flows(name: str) -> list[str]:
        status, _, body = client.ask("/api/flows", x_nightshift_identity=name)
        assert status == 200
        return [flow["name"] for flow in json.loads(body)["flows"]]

    listed = json.loads(client.ask("/local/identities")[2])["identities"]
    assert [found["name"] for found in listed] == ["admin", "service-desk-operator"]
    assert flows("service-desk-operator") == ["evening_stop", "morning_start"]
    assert len(flows("admin")) > 5
    assert client.ask("/api/flows")[0] == 401
    assert client.ask("/api/flows", x_nightshift_identity="mallory")[0] == 401


def test_it_is_not_for_other_sites(aws: Any, client: Client) -> None:
    own = f"127.0.0.1:{client.port}"

    def status(path: str = "/api/flows", **headers: str) -> int:
        return client.ask(path, "GET", None, x_nightshift_identity="admin", **headers)[0]

    # A site whose name somebody points at this machine must not reach it through a browser.
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example"):
        assert status(host=host) == 421
    for origin in ("http://evil.example", f"https://{own}", "http://127.0.0.1:1", "null", ""):
        assert status(origin=origin) == 421
        assert status("/", origin=origin) == 421
    assert status(origin=f"http://{own}") == 200
    for site in ("cross-site", "same-site"):
        assert status(sec_fetch_site=site, sec_fetch_mode="no-cors") == 421
        assert status(sec_fetch_site=site, sec_fetch_mode="navigate") == 421
        # The link in a mail.
        assert status("/", sec_fetch_site=site, sec_fetch_mode="navigate") == 200
    assert status(sec_fetch_site="same-origin", sec_fetch_mode="cors") == 200


def test_it_is_not_for_anything(client: Client) -> None:
    assert client.ask("/", "POST", b"x")[0] == 405
    assert client.ask("/api/flows", "POST", content_length="10000001")[0] == 413
    assert client.ask("/api/flows", "POST", content_length="many")[0] == 413

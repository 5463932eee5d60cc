"""The dashboard in a browser with a table of its own: what a test records is all there is, and nothing runs."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser

from nightshift.local.dashboard.server import DashboardServer
from tests.e2e.browser import ROOT, Dashboard

OPERATOR = "service-desk-operator"


@dataclass(frozen=True)
class Asker:
    """Asks the API as the page does, beside the page."""

    url: str
    identity: str

    def get(self, path: str) -> Any:
        """GET."""
        return self._send("GET", path, None)

    def put(self, path: str, body: Any) -> Any:
        """PUT a JSON body."""
        return self._send("PUT", path, json.dumps(body).encode())

    def _send(self, method: str, path: str, body: bytes | None) -> Any:
        headers = {"content-type": "application/json", "x-nightshift-identity": self.identity}
        with urlopen(Request(f"{self.url}/api{path}", body, headers, method=method), timeout=30) as answer:
            return json.load(answer)


@dataclass
class Site:
    """The dashboard, for whoever opens it."""

    browser: Browser
    url: str
    shown: list[Dashboard] = field(default_factory=list)

    @property
    def admin(self) -> Asker:
        """What an administrator reads and writes."""
        return Asker(self.url, "admin")

    @property
    def desk(self) -> Asker:
        """What an operator of the service desk reads and writes."""
        return Asker(self.url, OPERATOR)

    def open(self, identity: str = OPERATOR, path: str = "/", language: str = "en", theme: str = "light") -> Dashboard:
        """Open a page for somebody."""
        made = Dashboard(self.browser, self.url, identity=identity, language=language, theme=theme)
        self.shown.append(made)
        made.page.set_default_timeout(30_000)
        made.open(path)
        return made

    def button(self, letter: str, **more: Any) -> str:
        """A button for a server; its id."""
        title, tag = f"Server {letter.upper()}", f"Name={letter}"
        given = {"version": None, "flow": "evening_stop", "title": title, "title_ja": f"サーバー {letter.upper()}"}
        made = self.admin.put(f"/presets/server-{letter}", {**given, "parameters": {"tag": tag}, **more})
        return str(made["id"])

    def board(self, group: str, *panels: dict[str, Any]) -> None:
        """Arrange the default board of a group."""
        version = self.admin.get(f"/boards/{group}")["version"]
        made = [{"id": f"p-{n}", "column_span": 2, "row_span": 6, **panel} for n, panel in enumerate(panels)]
        self.admin.put(f"/boards/{group}", {"version": version, "panels": made})


@pytest.fixture
def site(aws: Any, browser: Browser) -> Iterator[Site]:
    """The dashboard; the browser must have nothing to complain about but a conflict."""
    server = DashboardServer(socket.create_server(("127.0.0.1", 0)), ROOT / "dashboard/dist")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    served = Site(browser, f"http://127.0.0.1:{server.server_address[1]}")
    yield served
    for each in served.shown:
        each.context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert [trouble for each in served.shown for trouble in each.troubles if "409" not in trouble] == []

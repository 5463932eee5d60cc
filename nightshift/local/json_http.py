"""HTTP of the local servers: JSON for their control endpoints, and whose requests they answer."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def get(url: str) -> Any:
    """The JSON at `url`."""
    with urllib.request.urlopen(url, timeout=30) as response:
        return json.load(response)


def post(url: str, body: dict[str, Any], method: str = "POST") -> Any:
    """The JSON answer to a JSON request."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def refusal(headers: Mapping[str, str], *, page: bool = False) -> str | None:
    """Why a loopback server does not answer a request, None when it does.

    A page of another site must not drive it through somebody's browser: by a name that it points at this machine (DNS
    rebinding), or by a form or an image of its own, which need no answer to have effect. Programs send neither Origin
    nor Sec-Fetch-Site, so that for them only the name counts. headers: by lower-case name. page: whether it has a page
    that links of other sites, such as those in a mail that is read in the browser, may open.
    Source: "Fetch Metadata Request Headers" (W3C).
    """
    host, origin = headers.get("host", ""), headers.get("origin")
    name = urlsplit(f"//{host}").hostname or ""
    if name not in ("127.0.0.1", "localhost") and not name.endswith(".localhost"):
        return "this server is 127.0.0.1 or localhost"
    if origin is not None and origin != f"http://{host}":
        return "this server answers its own page, and no page of another site"
    opened = page and headers.get("sec-fetch-mode") == "navigate"
    if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not opened:
        return "this server answers its own page, and no page of another site"
    return None

"""JSON over HTTP, for the control endpoints of the local servers."""

from __future__ import annotations

import json
import urllib.request
from typing import Any


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

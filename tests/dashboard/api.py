"""The dashboard's API as API Gateway calls it, for one user."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from lambdas.dashboard.app import handler
from nightshift.local.dashboard.events import event


@dataclass(frozen=True)
class Answer:
    """An answer. fields: of a problem, what is wrong with which field."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)

    @property
    def fields(self) -> dict[str, str]:
        """What is wrong with which field."""
        return {found["field"]: found["problem"] for found in self.json["fields"]}


@dataclass(frozen=True)
class Api:
    """Calls the function for a user."""

    user: str = "alice"
    groups: tuple[str, ...] = ("admin",)
    claims: Mapping[str, Any] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> Answer:
        """GET, with query parameters."""
        return self.send("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST a JSON body; names of headers have _ for -."""
        return self.send("POST", path, body, headers)

    def put(self, path: str, body: Any) -> Answer:
        """PUT a JSON body."""
        return self.send("PUT", path, body)

    def delete(self, path: str) -> Answer:
        """DELETE."""
        return self.send("DELETE", path)

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Any request; a body of bytes is sent as it is."""
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if body is not None:
            sent.setdefault("content-type", "application/json")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        claims = {
            "username": self.user,
            "token_use": "access",
            "cognito:groups": f"[{' '.join(self.groups)}]",
            **self.claims,
        }
        return answer(method, f"/api{path}", sent.items(), raw, claims)


def answer(
    method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes, claims: Mapping[str, Any] | None
) -> Answer:
    """What the function answers to a request."""
    got = handler(event(method, target, headers, body, claims), None)
    return Answer(got["statusCode"], got["headers"], got.get("body") or "")

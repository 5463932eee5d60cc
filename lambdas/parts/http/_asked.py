"""What a call of http.request asks for: where, with what, and with which secret in its places."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call, Json
from lambdas.outside.urls import has_place, to_https

SAFE = ("GET", "HEAD")
"""Methods that change nothing ("HTTP Semantics", RFC 9110, 9.2.1)."""

REPEATABLE = (*SAFE, "PUT", "DELETE")
"""Methods whose repetition has no further effect (RFC 9110, 9.2.2)."""

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = ("connection", "content-length", "host", "transfer-encoding", "te", "trailer", "upgrade", "accept-encoding")
"""Headers that say how a request travels."""


@dataclass(frozen=True)
class Asked:
    """A request as the flow writes it, "{secret}" in its places.

    said: the URL as results and messages show it, without its query.
    """

    method: str
    url: SplitResult
    headers: Mapping[str, str]
    body: str | None
    said: str

    @property
    def name(self) -> str:
        """The name of the host."""
        return (self.url.hostname or "").rstrip(".")

    @property
    def port(self) -> int:
        """The port; HTTPS's where the URL has none."""
        return self.url.port or 443


def asked(
    call: Call, method: str, url: str, headers: Mapping[str, str], body: str | None, payload: Json, key_header: str
) -> Asked:
    """The request of a call. Raises InvalidParameter for what is no HTTPS request."""
    if body is not None and payload is not None:
        raise InvalidParameter("give body or json, not both")
    sent = {name.lower(): value for name, value in headers.items()}
    for name, value in sent.items():
        if name in _OURS:
            raise InvalidParameter(f"the header {name} is the request's own; leave it out")
        if not _NAME.fullmatch(name) or not value.isprintable():
            raise InvalidParameter(f"{name!r} is no header: a name of letters and digits, and a value in one line")
    if payload is not None:
        body = json.dumps(payload, ensure_ascii=False)
        sent.setdefault("content-type", "application/json")
    if method in SAFE and body is not None:
        raise InvalidParameter(f"a {method} has no body; write method='POST'")
    if method not in SAFE and key_header:
        sent.setdefault(key_header.lower(), str(uuid.uuid5(uuid.NAMESPACE_URL, f"{call.run.id}/{call.run.key}")))
    split = to_https(url)
    return Asked(method, split, sent, body, f"{split.scheme}://{split.netloc}{split.path}")


def uses_secret(request: Asked) -> bool:
    """Whether a request has a place for a secret."""
    texts = (request.url.path, request.url.query, request.body or "", *request.headers.values())
    return has_place(*texts)

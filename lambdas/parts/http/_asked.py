"""What a call of http.request asks for: where, with what, and with which secret in its places."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call, Json

SAFE = ("GET", "HEAD")
"""Methods that change nothing ("HTTP Semantics", RFC 9110, 9.2.1)."""

REPEATABLE = (*SAFE, "PUT", "DELETE")
"""Methods whose repetition has no further effect (RFC 9110, 9.2.2)."""

_PLACE = re.compile(r"\{secret(?:\.([A-Za-z0-9_.-]+))?\}")
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = ("connection", "content-length", "host", "transfer-encoding", "te", "trailer", "upgrade", "accept-encoding")
"""Headers that say how a request travels."""

_LEAST_HIDDEN = 4
"""Characters of a secret from which on it is taken out of what comes back; shorter ones stand in any text."""


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


def to_https(url: str) -> SplitResult:
    """The parts of a URL of HTTPS with host, path and query. Raises InvalidParameter for any other."""
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError as error:
        raise InvalidParameter(f"url={url!r}: {error}") from None
    if split.scheme != "https" or not split.hostname:
        raise InvalidParameter(f"url={url!r} is not of HTTPS; write https://HOST/PATH")
    if split.username is not None or split.password is not None or split.fragment or port == 0:
        raise InvalidParameter(f"{split.hostname}: a URL has a host, a path and a query; give a secret by secret=")
    if not url.isprintable() or "\\" in url or not split.netloc.isascii():
        raise InvalidParameter(f"url={url!r} has characters that no URL has")
    return split


class Secret:
    """The secret of a call, in its places. text: as Secrets Manager has it; None where the call has none."""

    def __init__(self, text: str | None) -> None:
        self._text = text
        self._used: set[str] = set()

    def placed(self, text: str) -> str:
        """A text of the request with the secret in its places."""
        return _PLACE.sub(lambda found: self._value(found[1]), text)

    def hidden(self, text: str) -> str:
        """A text that came back, without what of the secret went out."""
        for value in sorted(self._used, key=len, reverse=True):
            text = text.replace(value, "***")
        return text

    def _value(self, key: str | None) -> str:
        if self._text is None:
            raise InvalidParameter("{secret} is in the request, and secret= names none")
        value: Any = self._text if key is None else _member(self._text, key)
        if not value.isprintable() or not value:
            raise InvalidParameter("the secret is empty or has control characters; keep it in one line")
        if len(value) >= _LEAST_HIDDEN:
            self._used |= {value, quote(value), json.dumps(value)[1:-1]}
        return str(value)


def _member(text: str, key: str) -> str:
    try:
        found = json.loads(text)[key]
    except (ValueError, KeyError, TypeError):
        raise InvalidParameter(f"{{secret.{key}}}: the secret is no JSON object with {key!r}") from None
    return found if isinstance(found, str) else json.dumps(found)


def uses_secret(request: Asked) -> bool:
    """Whether a request has a place for a secret."""
    texts = (request.url.path, request.url.query, request.body or "", *request.headers.values())
    return any(_PLACE.search(text) for text in texts)


def path_of(request: Asked, placed: Callable[[str], str]) -> str:
    """Path and query as they go out."""
    path = quote(placed(request.url.path) or "/", safe="/%:@!$&'()*+,;=-._~")
    query = quote(placed(request.url.query), safe="%:@!$&'()*+,;=-._~/?")
    return f"{path}?{query}" if query else path

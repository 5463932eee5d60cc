"""URLs of HTTPS, and the secrets that a request has in its places."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from lambdas.contract.errors import InvalidParameter

_PLACE = re.compile(r"\{secret(?:\.([A-Za-z0-9_.-]+))?\}")
_LEAST_HIDDEN = 4
"""Characters of a secret from which on it is taken out of what comes back; shorter ones stand in any text."""


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


def has_place(*texts: str) -> bool:
    """Whether one of the texts has a place for a secret."""
    return any(_PLACE.search(text) for text in texts)


def path_of(url: SplitResult, secret: Secret) -> str:
    """Path and query of a URL as they go out, the secret in its places."""
    path = quote(secret.placed(url.path) or "/", safe="/%:@!$&'()*+,;=-._~")
    query = quote(secret.placed(url.query), safe="%:@!$&'()*+,;=-._~/?")
    return f"{path}?{query}" if query else path


def secret_of(client: Any, name: str) -> Secret:
    """The secret with a name or ARN. client: of Secrets Manager. Raises InvalidParameter for one that is no text."""
    told = client.get_secret_value(SecretId=name)
    if "SecretString" not in told:
        raise InvalidParameter(f"the secret {name} is binary; keep it as text")
    return Secret(str(told["SecretString"]))


def region_of(secret: str) -> str | None:
    """The region in the ARN of a secret; None for a name, which means the region of the app."""
    return secret.split(":")[3] if secret.startswith("arn:") and secret.count(":") >= 6 else None

"""Telling a system beyond AWS: its URL as `notify` names it, and the request that it gets."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult

from lambdas.contract.errors import InvalidParameter, ServiceError, Unavailable
from lambdas.outside.hosts import HTTPS
from lambdas.outside.sending import PASSING, LostError, NotSentError, Sent, TooLargeError
from lambdas.outside.urls import Secret, has_place, path_of, region_of, secret_of, to_https

_SECRET = "secret="
_SECONDS = 15.0
"""For one request; the function has to tell the others, too."""

_MOST_BYTES = 65536
_OK, _NOT_OK = 200, 300


@dataclass(frozen=True)
class Webhook:
    """A webhook. url: with "{secret}" in its places. secret: name or ARN in AWS Secrets Manager, or ""."""

    url: SplitResult
    secret: str

    @property
    def host(self) -> str:
        """The name of the host."""
        return (self.url.hostname or "").rstrip(".")

    @property
    def port(self) -> int:
        """The port; HTTPS's where the URL has none."""
        return self.url.port or HTTPS


def webhook(text: str) -> Webhook:
    """The webhook that a recipient of `notify` is. Raises InvalidParameter for what is no URL of HTTPS.

    text: "https://hooks.example.com/in". Behind "#secret=", which is never sent, it names a secret: that goes to its
        places "{secret}" or "{secret.key}" in path and query; without one, out as `Authorization: Bearer`.
    """
    address, hash_, named = text.partition("#")
    url = to_https(address)
    secret = named.removeprefix(_SECRET)
    if hash_ and (not named.startswith(_SECRET) or not secret):
        raise InvalidParameter("behind # stands the name of a secret: #secret=nightshift/hook")
    if not secret and has_place(url.path, url.query):
        raise InvalidParameter('"{secret}" is in it, and it names no secret; append #secret=nightshift/hook')
    return Webhook(url, secret)


def is_webhook(recipient: str) -> bool:
    """Whether one of those that `notify` names is meant as a webhook."""
    return recipient.lower().startswith(("https:", "http:"))


def post(aws: Any, recipient: str, message: dict[str, Any], occasion: str) -> None:
    """Send a message to a webhook as JSON. A repetition has the same idempotency key.

    aws: the clients of the function. occasion: tells the message from others of the run.
    Raises Unavailable when another try may help, ServiceError or InvalidParameter when none does.
    """
    hook = webhook(recipient)
    outside = aws.outside()
    places = outside.addresses(hook.host, hook.port)
    secret = Secret(None)
    if hook.secret:
        secret = secret_of(aws.client("secretsmanager", region=region_of(hook.secret)), hook.secret)
    sent = _outgoing(hook, secret, message, f"{message['id']}/{occasion}/{recipient}")
    where = f"https://{hook.url.netloc}{hook.url.path}"
    try:
        answer = outside.send(sent, places)
    except NotSentError as error:
        raise (ServiceError if error.lasting else Unavailable)(f"{where} is not reached: {error}") from error
    except LostError as error:
        raise Unavailable(f"the answer of {where} is lost: {error}") from error
    except TooLargeError as error:
        raise ServiceError(f"{where}: {error}") from error
    if not _OK <= answer.status < _NOT_OK:
        kind = Unavailable if answer.status in PASSING else ServiceError
        raise kind(f"{where} answers {answer.status}")


def _outgoing(hook: Webhook, secret: Secret, message: dict[str, Any], name: str) -> Sent:
    headers = {
        "user-agent": "nightshift",
        "accept-encoding": "identity",
        "connection": "close",
        "content-type": "application/json",
        "idempotency-key": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
    }
    if hook.secret and not has_place(hook.url.path, hook.url.query):
        headers["authorization"] = secret.placed("Bearer {secret}")
    body = json.dumps(message, ensure_ascii=False).encode()
    return Sent("POST", hook.host, hook.port, path_of(hook.url, secret), headers, body, _SECONDS, _MOST_BYTES)

"""http.request: one request to a system beyond AWS.

It takes no stages: there is one request to one system.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Literal, Unpack
from urllib.parse import urljoin

from lambdas.contract.errors import AnswerLost, InvalidParameter
from lambdas.contract.invocation import MAX_WAIT
from lambdas.contract.part import Allow, Call, Common, Failure, Json, Pending, Result, part, seconds
from lambdas.outside import sending
from lambdas.outside.urls import Secret, path_of, region_of, secret_of, to_https
from lambdas.parts.http._asked import REPEATABLE, SAFE, Asked, asked, uses_secret

_MOST_BYTES = 5 * 1024 * 1024
_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_TOO_MANY = 429
_OK, _NOT_OK = 200, 300
_LEAST_LEFT = 10
"""Seconds that an invocation keeps for itself."""

_EXCERPT = 300


@dataclass
class RequestResult(Result):
    """Result of http.request.

    changed: the URL without its query, when a request that is no GET or HEAD was answered well.
    status: the status of the answer, 0 with dry_run.
    body: its body as text.
    headers: its headers, their names in lower case.
    """

    status: int = 0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def _repeats(given: Mapping[str, Json]) -> bool:
    return given.get("method", "POST") in REPEATABLE or given.get("idempotent") is True


@part(
    allow=(
        Allow(
            ("secretsmanager:GetSecretValue",),
            ("arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:nightshift/*",),
            named_by="secret",
        ),
    ),
    cost="Nothing but the invocation; Secrets Manager bills a read of a secret.",
    hints={
        "NotReached": "Look whether the host answers, and whether the functions reach the internet from their subnets.",
        "NotSecure": "The host needs a certificate for its name of an authority that is trusted.",
    },
    timeout="15m",
    repeats=_repeats,
)
def request(
    call: Call,
    *,
    url: str,
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "POST",
    headers: dict[str, str] | None = None,
    body: str | None = None,
    json: dict[str, Json] | None = None,
    secret: str | None = None,
    idempotent: bool = False,
    idempotency_header: str = "Idempotency-Key",
    accepted: list[int] | None = None,
    request_timeout: str | int = "30s",
    max_bytes: int = 262144,
    **common: Unpack[Common],
) -> RequestResult | Pending:
    """Send a request to a system beyond AWS by HTTPS.

    The host has to be in the app's setting `http_hosts`. Its addresses are looked up once, none may be private, and the
    connection goes to what was looked up. A GET or HEAD follows redirects to hosts of the list, without the headers
    when the host changes; no other method follows one.

    What changes nothing when it is repeated is repeated until the receiver answers well: GET, HEAD, PUT and DELETE, and
    with `idempotent` any other. Else a request is sent once: when its answer is lost, the step fails with AnswerLost.
    Every request but GET and HEAD carries the same idempotency key in each repetition.

    Parameters:
    url: of HTTPS. "{secret}" in path or query is the secret.
    method: the method. A dry run makes GET and HEAD, and no other.
    headers: by name. "{secret}" in a value is the secret: {"Authorization": "Bearer {secret}"}.
    body: text to send. "{secret}" in it is the secret.
    json: what to send as JSON, instead of a body.
    secret: name or ARN of a secret of AWS Secrets Manager, in the region of the app; "{secret.token}" is the text under
        that key of a secret in JSON. One that only the run knows has to be named nightshift/...
    idempotent: the receiver drops a repetition with the same idempotency key, or a repetition does no harm.
    idempotency_header: the header with the key, "" for none.
    accepted: statuses that are as good as 200 to 299: [404, 409].
    request_timeout: how long one request may take, its answer included: seconds, or "30s".
    max_bytes: how many bytes the answer may have, at most 5 MiB.

    Result: RequestResult.

    Errors:
    PartFailed: the host was not reached, or answered with another status.
    AnswerLost: a request that may not be repeated had no answer, and may have had effect.
    InvalidParameter: the host is not in the list, has a private address, or the request is none.

    Source: "HTTP Semantics" (RFC 9110); "The Idempotency-Key HTTP Header Field" (IETF draft); "GetSecretValue" (AWS
    Secrets Manager API Reference).

    Example:
        from lambdas.parts import ebs, http
        from nightshift import cron, flow


        @flow(schedule=cron("0 3 * * ? *", timezone="Asia/Tokyo"), timeout="6h")
        def backup_then_ticket():
            \"\"\"Snapshot the databases' volumes, and file a ticket that says so.\"\"\"
            made = ebs.create_snapshot(volume_tag="Role=database", keep="14d")
            http.request(
                url="https://tickets.example.com/api/tickets",
                headers={"Authorization": "Bearer {secret}"},
                json={"title": "Backup of the databases", "text": made.summary},
                secret="nightshift/tickets",
                idempotent=True,
            )
    """
    wanted = asked(call, method, url, headers or {}, body, json, idempotency_header)
    if not 1 <= max_bytes <= _MOST_BYTES:
        raise InvalidParameter(f"max_bytes={max_bytes}; write 1 to {_MOST_BYTES}")
    if secret is not None and not uses_secret(wanted):
        raise InvalidParameter('secret is given, and the request has no place for it; write "{secret}" where it stands')
    outcome = RequestResult(matched=[wanted.said])
    places = call.aws.outside().addresses(wanted.name, wanted.port)
    if call.dry_run and method not in SAFE:
        outcome.changed, outcome.summary = [wanted.said], f"would send {method} to {wanted.said}"
        return outcome
    known = _secret(call, secret) if secret is not None else Secret(None)
    terms = _Terms(known, seconds(request_timeout), max_bytes)
    repeatable = method in REPEATABLE or idempotent
    try:
        answer = _answer(call, wanted, places, terms)
    except (sending.NotSentError, sending.TooLargeError, sending.LostError) as error:
        return _unanswered(call, wanted, outcome, error, repeatable=repeatable)
    passing = answer.status in sending.PASSING and answer.status not in (accepted or ())
    # 429 says that the request was not taken.
    if passing and (repeatable or answer.status == _TOO_MANY) and not call.dry_run:
        return Pending({}, f"{wanted.said}, which answers {answer.status}", wait=_later(call, answer.headers))
    return _ended(outcome, wanted, answer, known, accepted or [])


@dataclass(frozen=True)
class _Terms:
    """What holds for each request of a call. seconds: for one. most: bytes of an answer."""

    secret: Secret
    seconds: float
    most: int


def _secret(call: Call, name: str) -> Secret:
    return secret_of(call.aws.client("secretsmanager", region=region_of(name)), name)


def _answer(call: Call, wanted: Asked, places: list[str], terms: _Terms) -> sending.Answer:
    """The answer, after the redirects that may be followed."""
    for _ in range(_MOST_REDIRECTS):
        answer: sending.Answer = call.aws.outside().send(_outgoing(call, wanted, terms), places)
        location = answer.headers.get("location")
        if wanted.method not in SAFE or answer.status not in _REDIRECTS or not location:
            return answer
        there = to_https(urljoin(wanted.url.geturl(), location))
        same = (there.hostname, there.port) == (wanted.url.hostname, wanted.url.port)
        wanted = replace(wanted, url=there, headers=wanted.headers if same else {})
        places = call.aws.outside().addresses(wanted.name, wanted.port)
    return answer


def _outgoing(call: Call, wanted: Asked, terms: _Terms) -> sending.Sent:
    placed = terms.secret.placed
    return sending.Sent(
        wanted.method,
        wanted.name,
        wanted.port,
        path_of(wanted.url, terms.secret),
        {
            "user-agent": "nightshift",
            "accept-encoding": "identity",
            "connection": "close",
            **{name: placed(value) for name, value in wanted.headers.items()},
        },
        placed(wanted.body).encode() if wanted.body is not None else None,
        max(1, min(terms.seconds, call.aws.remaining() - _LEAST_LEFT)),
        terms.most,
    )


def _unanswered(
    call: Call, wanted: Asked, outcome: RequestResult, error: Exception, *, repeatable: bool
) -> RequestResult | Pending:
    """What becomes of a request that has no answer. Raises AnswerLost where a repetition could have effect twice."""
    if isinstance(error, sending.TooLargeError):
        return _failed(outcome, "TooLarge", f"{error}; raise max_bytes")
    if isinstance(error, sending.NotSentError):
        if not error.lasting and not call.dry_run:
            return Pending({}, f"{wanted.said} to be reached ({error})")
        return _failed(outcome, "NotSecure" if error.lasting else "NotReached", str(error))
    if not repeatable:
        raise AnswerLost(
            f"{wanted.method} {wanted.said}: its answer is lost ({error}), so the request may have had effect. It is "
            "not repeated: look there, then redrive the run, or start it again from there."
        ) from error
    if call.dry_run:
        return _failed(outcome, "NotReached", str(error))
    return Pending({}, f"the answer of {wanted.said} ({error})")


def _failed(outcome: RequestResult, code: str, message: str) -> RequestResult:
    outcome.failed = [Failure(outcome.matched[0], code, message)]
    outcome.summary = f"could not reach {outcome.matched[0]}"
    return outcome


def _later(call: Call, headers: Mapping[str, str]) -> int | None:
    """Seconds until the receiver wants to be asked again ("Retry-After", RFC 9110, 10.2.3)."""
    told = headers.get("retry-after", "")
    try:
        wait = int(told) if told.isdecimal() else parsedate_to_datetime(told).timestamp() - call.now()
    except ValueError:
        return None
    return max(1, min(int(wait), MAX_WAIT))


def _ended(
    outcome: RequestResult, wanted: Asked, answer: sending.Answer, known: Secret, accepted: list[int]
) -> RequestResult:
    text = known.hidden(answer.body.decode(_charset(answer.headers.get("content-type", "")), "replace"))
    outcome.status, outcome.body = answer.status, text
    outcome.headers = {name: known.hidden(value) for name, value in answer.headers.items() if name != "set-cookie"}
    outcome.summary = f"{wanted.method} {wanted.said}: {answer.status}"
    if not (_OK <= answer.status < _NOT_OK or answer.status in accepted):
        message = text[:_EXCERPT].strip() or "no text besides"
        outcome.failed = [Failure(wanted.said, f"HTTP{answer.status}", message)]
    elif wanted.method not in SAFE:
        outcome.changed = [wanted.said]
    return outcome


def _charset(content_type: str) -> str:
    found = re.search(r"charset=\"?([\w.:-]+)", content_type, re.IGNORECASE)
    try:
        return codecs.lookup(found[1]).name if found else "utf-8"
    except LookupError:
        return "utf-8"

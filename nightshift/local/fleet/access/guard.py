"""Refuses requests to the fleet that the role behind their access key does not allow.

The control plane knows the roles and judges; the errors are those of each service ("Common client error codes", Amazon
EC2 Developer Guide; "Common Errors" in the API References of Elastic Load Balancing, Amazon RDS, Amazon EC2 Auto
Scaling and AWS Systems Manager).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from moto.ec2.models import ec2_backends
from moto.rds.models import rds_backends
from werkzeug.wrappers import Request, Response

from nightshift.local.account import OF_ACCOUNT
from nightshift.local.fleet.access.asked import Asked, Check
from nightshift.local.fleet.access.checks import checks
from nightshift.local.fleet.access.trail import event, recorded
from nightshift.local.fleet.services import BATCH
from nightshift.local.fleet.ssm.api import ACTIONS
from nightshift.local.fleet.world import World
from nightshift.local.json_http import post

_SCOPE = re.compile(r"Credential=(?P<key>[^/]*)/\d+/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request")
_SERVICES = ("autoscaling", "batch", "ec2", "ecs", "elasticloadbalancing", "glue", "organizations", "rds", "ssm")
_OF_ACCOUNT = f"HTTP_{OF_ACCOUNT.upper().replace('-', '_')}"


class Guard:
    """A WSGI application in front of another, and the control plane that judges. app: what answers the allowed ones."""

    def __init__(self, app: Any, world: World, control_plane: str) -> None:
        self._app, self._world = app, world
        self._judge = f"{control_plane}/_nightshift/access"
        self._known: dict[str, tuple[str, str]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request, or refuse it."""
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        # An access key of twelve digits is the account itself, which may do everything.
        if scope is not None and scope["key"].isdecimal():
            environ[_OF_ACCOUNT] = scope["key"]
        if scope is None or scope["key"].isdecimal() or scope["service"] not in _SERVICES:
            answered: Iterable[bytes] = self._app(environ, start_response)
            return answered
        body = Request(environ).get_data()
        environ["wsgi.input"] = BytesIO(body)
        action, params = _read(scope["service"], environ, body)
        if scope["service"] == "ssm" and action not in ACTIONS:
            # The control plane, which answers it, judges it, too.
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        account, principal = self._whose(scope["key"])
        asked = Asked(scope["service"], action, scope["region"], account, params)
        verdict = self._verdict(scope["key"], scope["region"], checks(asked, self._tags(asked)))
        if verdict["unknown"] or verdict["denied"]:
            response = _refused(asked, verdict)
            with self._world.lock:
                code = response.headers["x-nightshift-code"]
                self._world.calls.append((asked.service, action, code))
                self._world.trail.append(event(asked, principal, self._world.now(), code))
            return response(environ, start_response)
        environ[_OF_ACCOUNT] = asked.account
        return recorded(self._app, self._world, asked, principal, environ, start_response)

    def _whose(self, key: str) -> tuple[str, str]:
        """The account of an access key, and the ARN of its session."""
        if key not in self._known:
            told = self._verdict(key, "", [])
            self._known[key] = told["account"], told["principal"]
        return self._known[key]

    def _verdict(self, key: str, region: str, needed: list[Check]) -> dict[str, str]:
        listed = [(check.action, check.resource, check.keys) for check in needed]
        told: dict[str, str] = post(self._judge, {"key": key, "region": region, "checks": listed})
        return told

    def _tags(self, asked: Asked) -> Any:
        def of(id_: str) -> dict[str, str]:
            with self._world.lock:
                if asked.service == "rds":
                    return _tags_of_database(rds_backends[asked.account][asked.region], id_)
                return dict(ec2_backends[asked.account][asked.region].tags.get(id_, {}))

        return of


def _read(service: str, environ: Mapping[str, Any], body: bytes) -> tuple[str, dict[str, Any]]:
    """The action of a request and its parameters."""
    if service == "batch":
        word = environ["PATH_INFO"].rpartition("/")[2]
        return BATCH.get(word, word), json.loads(body or b"{}")
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return target.partition(".")[2], json.loads(body or b"{}")
    params = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    params.update(parse_qsl(body.decode(), keep_blank_values=True))
    return params.get("Action", ""), params


def _tags_of_database(backend: Any, arn: str) -> dict[str, str]:
    """The tags of a database or a snapshot that is there."""
    stores = (backend.databases, backend.clusters, backend.database_snapshots, backend.cluster_snapshots)
    found = next((known for store in stores for known in store.values() if known.arn == arn), None)
    return {tag["Key"]: tag["Value"] for tag in found.tags} if found else {}


def _refused(asked: Asked, verdict: Mapping[str, str]) -> Response:
    denied = verdict["denied"]
    if asked.service in ("batch", "ecs", "glue", "organizations", "ssm"):
        code, status = ("AccessDeniedException", 400) if denied else ("UnrecognizedClientException", 400)
        told = json.dumps({"__type": code, "Message": denied or verdict["unknown"]})
        return _response(code, told, status, "application/x-amz-json-1.1")
    if asked.service in ("autoscaling", "elasticloadbalancing", "rds"):
        code = "AccessDenied" if denied else "InvalidClientTokenId"
        error = f"<Type>Sender</Type>{_xml(code, denied or verdict['unknown'])}"
        return _response(code, f"<ErrorResponse><Error>{error}</Error><RequestId>1</RequestId></ErrorResponse>", 403)
    code, status = ("UnauthorizedOperation", 403) if denied else ("AuthFailure", 401)
    text = f"You are not authorized to perform this operation. {denied}." if denied else verdict["unknown"]
    error = f"<Errors><Error>{_xml(code, text)}</Error></Errors>"
    return _response(code, f"<Response>{error}<RequestID>1</RequestID></Response>", status)


def _xml(code: str, message: str) -> str:
    return f"<Code>{code}</Code><Message>{escape(message)}</Message>"


def _response(code: str, text: str, status: int, content_type: str = "text/xml") -> Response:
    return Response(text, status, {"x-nightshift-code": code}, content_type=content_type)

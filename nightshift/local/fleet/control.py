"""The control endpoints of the fleet's server: its clock, its faults, the calls it received."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from moto.moto_api._internal.models import moto_api_backend
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from nightshift.local.fleet.faults import Fault
from nightshift.local.fleet.inventory import inventory
from nightshift.local.fleet.world import Retention, World

_ROUTES = Map(
    [
        Rule("/_nightshift/health", endpoint="health", methods=["GET"]),
        Rule("/_nightshift/clock", endpoint="advance", methods=["POST"]),
        Rule("/_nightshift/clock", endpoint="clock", methods=["GET"]),
        Rule("/_nightshift/settle", endpoint="settle", methods=["POST"]),
        Rule("/_nightshift/settings", endpoint="settings", methods=["POST"]),
        Rule("/_nightshift/world", endpoint="world", methods=["GET"]),
        Rule("/_nightshift/reset", endpoint="reset", methods=["POST"]),
        Rule("/_nightshift/faults", endpoint="faults", methods=["GET"]),
        Rule("/_nightshift/faults", endpoint="add_fault", methods=["POST"]),
        Rule("/_nightshift/faults", endpoint="clear_faults", methods=["DELETE"]),
        Rule("/_nightshift/retention", endpoint="retain", methods=["POST"]),
        Rule("/_nightshift/calls", endpoint="calls", methods=["GET"]),
        Rule("/_nightshift/calls", endpoint="forget_calls", methods=["DELETE"]),
        Rule("/_nightshift/trail", endpoint="trail", methods=["GET"]),
    ]
)


class Control:
    """A WSGI application; every answer is JSON."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one control request."""
        try:
            endpoint, _ = _ROUTES.bind_to_environ(environ).match()
            request = Request(environ)
            with self.world.lock:
                self.world.catch_up()
                answer = getattr(self, f"_{endpoint}")(request)
            response = _json(answer)
        except HTTPException as error:
            response = _json({"error": error.description}, error.code or 500)
        return response(environ, start_response)

    def _health(self, _: Request) -> Any:
        return {"ok": True}

    def _clock(self, _: Request) -> Any:
        return {"now": self.world.now(), "speed": self.world.clock.speed}

    def _advance(self, request: Request) -> Any:
        self.world.clock.advance(float(_body(request)["seconds"]))
        self.world.catch_up()
        return self._clock(request)

    def _settle(self, _: Request) -> Any:
        self.world.settle()
        return {}

    def _settings(self, request: Request) -> Any:
        settings = _body(request)
        self.world.strict = bool(settings.get("strict", self.world.strict))
        self.world.executes = bool(settings.get("executes", self.world.executes))
        return {"strict": self.world.strict, "executes": self.world.executes}

    def _world(self, _: Request) -> Any:
        return inventory()

    def _reset(self, _: Request) -> Any:
        moto_api_backend.reset()
        self.world.reset()
        return {}

    def _faults(self, _: Request) -> Any:
        return [fault.to_json() for fault in self.world.faults]

    def _add_fault(self, request: Request) -> Any:
        try:
            fault = Fault(**_body(request))
        except (TypeError, ValueError) as error:
            raise BadRequest(str(error)) from error
        self.world.faults.append(fault)
        return fault.to_json()

    def _clear_faults(self, _: Request) -> Any:
        self.world.faults.clear()
        return []

    def _retain(self, request: Request) -> Any:
        body = _body(request)
        try:
            rule = Retention(float(body["days"]), str(body.get("tag", "")))
        except (KeyError, TypeError, ValueError) as error:
            raise BadRequest("a retention rule has days, a number, and may have a tag") from error
        self.world.retention.append(rule)
        return asdict(rule)

    def _calls(self, _: Request) -> Any:
        return list(self.world.calls)

    def _trail(self, _: Request) -> Any:
        return list(self.world.trail)

    def _forget_calls(self, _: Request) -> Any:
        self.world.calls.clear()
        self.world.trail.clear()
        return []


def _body(request: Request) -> dict[str, Any]:
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise BadRequest("the body has to be a JSON object")
    return body


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")

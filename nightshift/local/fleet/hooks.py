"""Puts the rules around moto's EC2: every request passes `answer`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.ec2.exceptions import DryRunClientError
from moto.ec2.responses import EC2Response

from nightshift.local.fleet import patches, rules  # noqa: F401  importing the rules registers them
from nightshift.local.fleet.errors import SERVER_ERRORS
from nightshift.local.fleet.requests import AFTER, BEFORE, FIRST, INSTEAD, After, Before, Instead, Request
from nightshift.local.fleet.services import disturbed
from nightshift.local.fleet.world import World, as_current

_POLL = 0.05
"""Seconds between two polls of whether a request still hangs."""


@contextmanager
def honest(world: World) -> Iterator[World]:
    """Within, moto's EC2 in this process obeys the rules; with moto's server as with `mock_aws`."""
    original = EC2Response.call_action

    def call_action(response: Any) -> Any:
        return answer(world, response)

    EC2Response.call_action = call_action  # type: ignore[assignment, method-assign]
    try:
        with patches.applied(), as_current(world), disturbed(world):
            yield world
    finally:
        EC2Response.call_action = original  # type: ignore[method-assign]


def answer(world: World, response: Any) -> Any:
    """Answer one request: status, headers and body."""
    _hang(world, response._get_action())
    with world.lock:
        world.catch_up()
        request = Request(world, response._get_action(), response)
        code = ""
        try:
            result = result_of(request)
        except ServiceException as error:
            code = error.code
            result = ActionResult(error)
        world.calls.append(("ec2", request.action, code))
        status, headers, body = response.serialized(result)
        status = SERVER_ERRORS.get(code, status)
        headers["status"] = str(status)
        response.response_headers.update(headers)
        headers, body = response._enrich_response(response.response_headers, body)
        return status, headers, body


def _hang(world: World, action: str) -> None:
    """Hold a request, and only this one, for as long as a fault says so."""
    with world.lock:
        holding = [f for f in world.faults if f.kind == "hang" and f.action in ("*", action) and f.strike()]
    while any(fault is held for fault in world.faults for held in holding):
        time.sleep(_POLL)


def result_of(request: Request) -> ActionResult:
    """What the rules and moto answer. Raises ServiceException."""
    first, before, answer, after = _rules_of(request.action)
    for rule in first:
        rule(request)
    if request.get("DryRun", False):
        raise DryRunClientError()
    for rule in before:
        rule(request)
    result = answer(request)
    for consequence in after:
        consequence(request, result)
    return result


@cache
def _rules_of(action: str) -> tuple[list[Before], list[Before], Instead, list[After]]:
    """The rules of an action, which importing them has registered."""
    first, before = ([*table.get("*", []), *table.get(action, [])] for table in (FIRST, BEFORE))
    return first, before, INSTEAD.get(action, _moto), [*AFTER.get(action, []), *AFTER.get("*", [])]


def _moto(request: Request) -> ActionResult:
    method: Callable[[], Any] | None = getattr(request.response, _method(request.action), None)
    if method is None:
        raise ServiceException("InvalidAction", f"The action {request.action} is not valid for this web service.")
    result = method()
    return result if isinstance(result, ActionResult) else ActionResult(result)


@lru_cache(1000)
def _method(action: str) -> str:
    """The name of moto's method for an action; moto makes it letter by letter."""
    return camelcase_to_underscores(action)

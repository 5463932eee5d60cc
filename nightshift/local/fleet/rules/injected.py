"""Faults of a test or an operator that hit requests: refusals, throttling, server errors, lost answers.

The codes are those of "Error codes for the Amazon EC2 API" (Amazon EC2 Developer Guide).
"""

from __future__ import annotations

from typing import Any

from nightshift.local.fleet.errors import ec2_error
from nightshift.local.fleet.requests import Request, after, first


@first("*")
def refuse(request: Request) -> None:
    """Nothing is done."""
    if not request.world.faults:
        return
    for fault in request.faults("throttle"):
        if _hits(request, fault) and fault.strike():
            raise ec2_error("RequestLimitExceeded", "Request limit exceeded.")
    for fault in request.faults("server_error"):
        if _hits(request, fault) and fault.strike():
            raise ec2_error("InternalError", "An internal error has occurred")
    for fault in request.faults("error"):
        hit = _hits(request, fault)
        if hit and fault.strike():
            message = fault.message or f"The request for '{hit}' was refused"
            raise ec2_error(fault.code or "UnauthorizedOperation", message)


@after("*")
def lose_answer(request: Request, _: Any) -> None:
    """It is done, but the caller does not learn of it."""
    for fault in request.faults("lost_response"):
        if _hits(request, fault) and fault.strike():
            raise ec2_error("InternalError", "An internal error has occurred")


def _hits(request: Request, fault: Any) -> str:
    """The resource of the request that the fault lies on, or ""."""
    if fault.resource == "*" and not fault.tag:
        return "*"
    return next((resource.id for resource in request.named() if fault.concerns(resource)), "")

"""Puts clock and faults around moto's other services, whose rules lie in their own folders.

The codes of throttling and of failures are those of "Common Errors" (Amazon RDS API Reference; Amazon EC2
Auto Scaling API Reference; Amazon ECS API Reference).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError
from moto.autoscaling.responses import AutoScalingResponse
from moto.batch.responses import BatchResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores, get_service_model
from moto.ecs.exceptions import ECSException
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.glue.responses import GlueResponse
from moto.rds.exceptions import RDSClientError
from moto.rds.responses import RDSResponse
from werkzeug.exceptions import HTTPException

from nightshift.local.fleet import compute, databases, groups  # noqa: F401  importing them registers their rules
from nightshift.local.fleet.errors import SERVER_ERRORS
from nightshift.local.fleet.faults import Fault
from nightshift.local.fleet.world import World


@dataclass(frozen=True)
class Service:
    """A service of moto.

    error: makes its errors, of a code and a message. throttled, failed, denied: its codes for a rate that is exceeded,
    a failure of its own, and a permission that is missing.
    """

    response: type[BaseResponse]
    error: Callable[[str, str], ServiceException]
    throttled: str = "Throttling"
    failed: str = "InternalFailure"
    denied: str = "AccessDenied"


SERVICES: Mapping[str, Service] = {
    "autoscaling": Service(AutoScalingResponse, AutoscalingClientError),
    "batch": Service(
        BatchResponse, ServiceException, "ThrottlingException", "ServerException", "AccessDeniedException"
    ),
    "glue": Service(
        GlueResponse, ServiceException, "ThrottlingException", "InternalServiceException", "AccessDeniedException"
    ),
    "ecs": Service(
        EC2ContainerServiceResponse, ECSException, "ThrottlingException", "ServerException", "AccessDeniedException"
    ),
    "rds": Service(RDSResponse, RDSClientError),
}
"""By the name that the record of calls has."""

BATCH = {name.lower(): name for name in get_service_model("batch").operation_names}
"""The operations of Batch by the last word of their paths, which moto has for the action."""

_POLL = 0.05
"""Seconds between two polls of whether a request still hangs."""


@dataclass(frozen=True)
class Named:
    """A resource that a request names, as faults know resources. tags: moto's, with Key and Value."""

    id: str
    tags: list[dict[str, str]] = field(default_factory=list)

    def get_tags(self) -> list[dict[str, str]]:
        """Its tags in the form of moto's EC2."""
        return [{"key": tag["Key"], "value": tag["Value"]} for tag in self.tags]


@contextmanager
def disturbed(world: World) -> Iterator[None]:
    """Within, every request to the services is answered on the world's clock, and its faults hit it."""

    def around(name: str) -> Callable[[Any], Any]:
        return lambda response: _answer(world, name, response)

    own = {name: service.response.__dict__.get("call_action") for name, service in SERVICES.items()}
    for name, service in SERVICES.items():
        service.response.call_action = around(name)  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        for name, service in SERVICES.items():
            if method := own[name]:
                service.response.call_action = method  # type: ignore[method-assign]
            else:
                # It is a method of the class below again.
                del service.response.call_action


def _answer(world: World, name: str, response: Any) -> Any:
    action = BATCH.get(response._get_action(), response._get_action()) if name == "batch" else response._get_action()
    _hang(world, action)
    with world.lock:
        world.catch_up()
        code = ""
        try:
            result = _result(world, SERVICES[name], action, response)
        except ServiceException as error:
            code = str(error.code)
            result = ActionResult(error)
        except HTTPException as error:
            # The form of errors that moto has in its older services.
            code = str(getattr(error, "error_type", error.code))
            result = error.description, {"status": error.code, **dict(error.get_headers())}
        world.calls.append((name, action, code))
        status, headers, body = _written(response, result)
        headers["status"] = str(SERVER_ERRORS.get(code, status))
        headers, body = response._enrich_response(headers, body)
        return int(headers["status"]), headers, body


def _written(response: Any, result: Any) -> Any:
    """Status, headers and body of what moto answers, in any of its forms."""
    if isinstance(result, ActionResult):
        return response.serialized(result)
    given = (result, {}) if isinstance(result, str) else result
    return response._transform_response(response.response_headers, given)


def _result(world: World, service: Service, action: str, response: Any) -> Any:
    named = list(_named(response))
    if _struck(world, "throttle", action, named):
        raise service.error(service.throttled, "Rate exceeded")
    if _struck(world, "server_error", action, named):
        raise service.error(service.failed, "An internal error has occurred")
    if fault := _struck(world, "error", action, named):
        raise service.error(fault.code or service.denied, fault.message or f"{action} was refused")
    method = getattr(response, camelcase_to_underscores(response._get_action()), None)
    if method is None:
        raise service.error("InvalidAction", f"The action {action} is not valid for this web service.")
    result = method()
    if _struck(world, "lost_response", action, named):
        raise service.error(service.failed, "An internal error has occurred")
    return result


def _struck(world: World, kind: str, action: str, named: list[Named]) -> Fault | None:
    """The fault of the kind that hits this request."""
    for fault in world.faults:
        if fault.kind != kind or fault.action not in ("*", action):
            continue
        anything = fault.resource == "*" and not fault.tag
        if (anything or any(fault.concerns(resource) for resource in named)) and fault.strike():
            return fault
    return None


def _named(response: Any) -> Iterator[Named]:
    """The resources that a request names by an identifier of their own."""
    if isinstance(response, AutoScalingResponse):
        group = response.autoscaling_backend.autoscaling_groups.get(response._get_param("AutoScalingGroupName"))
        if group is not None:
            yield Named(group.name, group.tags)
        return
    if isinstance(response, GlueResponse):
        yield Named(str(response._get_param("JobName") or response._get_param("Name") or ""))
        return
    if isinstance(response, BatchResponse):
        # A job definition, by its name.
        yield Named(str(response._get_param("jobDefinition") or "").rpartition("/")[2].partition(":")[0])
        return
    if isinstance(response, EC2ContainerServiceResponse):
        yield from _named_to_ecs(response)
        return
    backend = response.backend
    for name, store in (("DBInstanceIdentifier", "databases"), ("DBClusterIdentifier", "clusters")):
        known = getattr(backend, store)
        if (found := known.get(str(response._get_param(name)).lower())) is not None:
            yield Named(str(response._get_param(name)).lower(), found.tags)


def _named_to_ecs(response: Any) -> Iterator[Named]:
    """A service by its name, and a task by the family of its definition."""
    backend = response.ecs_backend
    cluster = str(response._get_param("cluster") or "default").rpartition("/")[2]
    if name := str(response._get_param("service") or "").rpartition("/")[2]:
        found = backend.services.get(f"{cluster}:{name}")
        yield Named(name, _upper(found.tags) if found else [])
    if family := str(response._get_param("taskDefinition") or "").rpartition("/")[2].partition(":")[0]:
        yield Named(family, _upper(response._get_param("tags") or []))


def _upper(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"Key": tag["key"], "Value": tag.get("value", "")} for tag in tags]


def _hang(world: World, action: str) -> None:
    """Hold a request, and only this one, for as long as a fault says so."""
    with world.lock:
        holding = [f for f in world.faults if f.kind == "hang" and f.action in ("*", action) and f.strike()]
    while any(fault is held for fault in world.faults for held in holding):
        time.sleep(_POLL)

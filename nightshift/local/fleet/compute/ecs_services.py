"""Services of ECS start and stop their tasks over time, deploy anew, and tell of it in their events.

Follows "Amazon ECS services", "Service event messages" (Amazon ECS Developer Guide), and UpdateService and
DescribeServices (Amazon ECS API Reference).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from nightshift.local.fleet.compute.ways import Named, struck, tag_dict
from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.world import World, current, spread

STARTING = 45
STOPPING = 30
RETRY = 60
"""Seconds a task takes to run, and to stop; and after which a service tries again what there was no room for."""

_MOST_DESCRIBED = 10

Counts = list[tuple[float, int]]
"""How many tasks of a service run, from each moment on: seconds since the epoch."""

_create = EC2ContainerServiceBackend.create_service
_delete = EC2ContainerServiceBackend.delete_service
_describe = EC2ContainerServiceResponse.describe_services


def task_counts(world: World, arn: str) -> Counts:
    """The counts of a service since it was made."""
    found: Counts = world.notes.setdefault(("task counts", arn), [])
    return found


def _created(backend: Any, *args: Any, **given: Any) -> Any:
    service = _create(backend, *args, **given)
    service.running_count = service.pending_count = 0
    _note(service)
    _reconcile(service)
    return service


def _deleted(backend: Any, *args: Any, **given: Any) -> Any:
    service = _delete(backend, *args, **given)
    service.running_count = service.pending_count = service.desired_count = 0
    _note(service)
    return service


def _updated(backend: Any, properties: dict[str, Any]) -> Any:
    service = backend._get_service(properties.get("cluster", "default"), properties["service"].rpartition("/")[2])
    if service.status != "ACTIVE":
        raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
    desired = properties.get("desired_count")
    if desired is not None:
        if service.scheduling_strategy == "DAEMON":
            text = "The daemon scheduling strategy does not support a desired count for services."
            raise ECSException("InvalidParameterException", text)
        service.desired_count = int(desired)
    if properties.get("task_definition"):
        service.task_definition = backend.describe_task_definition(properties["task_definition"]).arn
    if properties.get("force_new_deployment") or properties.get("task_definition"):
        _deploy(service)
    _reconcile(service)
    return service


def _deploy(service: Any) -> None:
    """Begin a new deployment: the old one goes when the tasks of the new one run."""
    for deployment in service.deployments:
        deployment["status"] = "ACTIVE"
    made = {
        **(service.deployments[0] if service.deployments else {}),
        "id": f"ecs-svc/{uuid.uuid4().int % 10**19}",
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "createdAt": _now(),
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": "ECS deployment in progress.",
    }
    service.deployments = [made, *service.deployments]
    if (fault := struck("task_fails", _named(service))) is not None:
        why = fault.message or "tasks failed to start"
        made |= {"rolloutState": "FAILED", "rolloutStateReason": f"ECS deployment circuit breaker: {why}."}
        _tell(service, f"deployment failed: {why}.")
        return

    def arrive() -> None:
        if service.deployments[0] is made:
            service.deployments = [made]
            made.update(rolloutState="COMPLETED", rolloutStateReason=f"ECS deployment {made['id']} completed.")
            _tell(service, f"deployment {made['id']} completed.")

    current().after(spread(STARTING + STOPPING, service.name), arrive)


def _reconcile(service: Any) -> None:
    """Start what is missing, and stop what is too much."""
    world = current()
    missing = service.desired_count - service.running_count - service.pending_count
    if missing > 0:
        if (fault := struck("capacity", _named(service))) is not None:
            text = "was unable to place a task because no container instance met all of its requirements."
            _tell(service, fault.message or text)
            world.after(RETRY, lambda: _reconcile(service), lasting=True)
        else:
            service.pending_count += missing
            world.after(spread(STARTING, service.name), lambda: arrive(service))
    elif missing < 0:
        world.after(spread(STOPPING, service.name), lambda: arrive(service))
    _count(service)


def arrive(service: Any) -> None:
    """The tasks that were to start run, and those that were to stop have stopped, by what is wanted now."""
    before = service.running_count
    service.running_count, service.pending_count = service.desired_count, 0
    if not service.desired_count:
        # Nothing is left of an older deployment, also beside one that failed.
        service.deployments = service.deployments[:1]
    if service.running_count != before:
        _note(service)
        _tell(service, "has reached a steady state.")
    _count(service)


def _note(service: Any) -> None:
    world = current()
    task_counts(world, service.arn).append((world.now(), service.running_count))


def _count(service: Any) -> None:
    for deployment in service.deployments[:1]:
        deployment |= {
            "desiredCount": service.desired_count,
            "pendingCount": service.pending_count,
            "runningCount": service.running_count,
        }
        if len(service.deployments) == 1 and deployment.get("rolloutState") != "FAILED":
            done = service.running_count == service.desired_count
            # A change of the count is no deployment: one that was completed stays so.
            if done or deployment.get("rolloutState") != "COMPLETED":
                deployment["rolloutState"] = "COMPLETED" if done else "IN_PROGRESS"


def _described(response: Any) -> ActionResult:
    if len(response._get_param("services") or []) > _MOST_DESCRIBED:
        raise ECSException("InvalidParameterException", "Services cannot be more than 10.")
    return _describe(response)


def _tell(service: Any, text: str) -> None:
    event = {"id": str(uuid.uuid4()), "createdAt": _now(), "message": f"(service {service.name}) {text}"}
    service.events.insert(0, event)


def _named(service: Any) -> Named:
    return Named(service.name, tag_dict(service.tags))


def _now() -> datetime:
    return datetime.fromtimestamp(current().now(), UTC)


replace_method(EC2ContainerServiceBackend, "create_service", _created)
replace_method(EC2ContainerServiceBackend, "delete_service", _deleted)
replace_method(EC2ContainerServiceBackend, "update_service", _updated)
replace_method(EC2ContainerServiceResponse, "describe_services", _described)

"""Tasks of ECS begin, run and end over time, with an exit code and their log; a client token gives the same task.

Follows "Amazon ECS task lifecycle", "Amazon ECS stopped tasks error messages" (Amazon ECS Developer Guide), and
RunTask, StopTask, DescribeTasks and "Ensuring idempotency" (Amazon ECS API Reference).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import ECSException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from nightshift.local.fleet.compute.logs import write
from nightshift.local.fleet.compute.ways import Named, go, struck, tag_dict
from nightshift.local.fleet.patches import replace_method
from nightshift.local.fleet.world import current

WAY = (("PENDING", 15), ("RUNNING", 10), ("DEPROVISIONING", 60), ("STOPPED", 10))
"""Seconds before each state, of a small task that runs for a minute."""

_ENDING = ("DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED")
_MOST_DESCRIBED = 100

_run = EC2ContainerServiceBackend.run_task


def _run_task(response: Any) -> ActionResult:
    backend, given = response.ecs_backend, dict(response._get_params())
    cluster = backend._get_cluster(given.get("cluster", "default"))
    known = backend.__dict__.setdefault("run_by_token", {})
    token = (cluster.name, given["clientToken"])
    if token in known:
        earlier, tasks = known[token]
        if earlier != given:
            raise ECSException("ConflictException", "The clientToken is in use with a different RunTask request.")
        return ActionResult({"tasks": tasks, "failures": []})
    definition = backend.describe_task_definition(given["taskDefinition"])
    if reason := _unplaced(backend, cluster, definition, given):
        return ActionResult({"tasks": [], "failures": [{"arn": cluster.arn, "reason": reason}]})
    tasks = _placed(backend, given)
    for task in tasks:
        _begin(backend, task, definition, given.get("overrides") or {})
    known[token] = (given, tasks)
    return ActionResult({"tasks": tasks, "failures": []})


def _unplaced(backend: Any, cluster: Any, definition: Any, given: dict[str, Any]) -> str:
    """Why no task is placed, as RunTask says it in its failures; "" where one is."""
    if fault := struck("capacity", Named(definition.family, tag_dict(definition.tags))):
        fargate = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
        return fault.message or (fargate if given.get("launchType") == "FARGATE" else "RESOURCE:CPU")
    on_instances = given.get("launchType", "EC2") == "EC2" and not given.get("capacityProviderStrategy")
    if on_instances and not backend.container_instances.get(cluster.name):
        raise ECSException("InvalidParameterException", "No Container Instances were found in your cluster.")
    return ""


def _placed(backend: Any, given: dict[str, Any]) -> list[Any]:
    network = given.get("networkConfiguration")
    if network:
        network.get("awsvpcConfiguration", {}).setdefault("securityGroups", [])
    tasks: list[Any] = _run(
        backend,
        given.get("cluster", "default"),
        given["taskDefinition"],
        int(given.get("count", 1)),
        given.get("overrides"),
        given.get("startedBy", ""),
        given.get("tags"),
        given.get("launchType"),
        network,
        given.get("group"),
        given.get("platformVersion"),
        given.get("capacityProviderStrategy"),
    )
    return tasks


def _begin(backend: Any, task: Any, definition: Any, overrides: dict[str, Any]) -> None:
    # From here on the states are ours, and not those that moto passes at each description.
    task._transitions = []
    task.last_status, task.created_at = "PROVISIONING", _now()
    task.containers = [
        {
            "containerArn": f"{task.task_arn}/{container['name']}",
            "taskArn": task.task_arn,
            "name": container["name"],
            "image": container.get("image"),
            "lastStatus": "PENDING",
        }
        for container in definition.container_definitions
    ]
    named = Named(definition.family, {**tag_dict(definition.tags), **tag_dict(task.tags)})
    go(
        named,
        WAY,
        lambda state: _reach(backend, task, definition, named, state),
        sticks_in="RUNNING",
        seed=f"{definition.family} {len(backend.tasks[task.cluster_name])}",
    )


def _reach(backend: Any, task: Any, definition: Any, named: Named, state: str) -> bool:
    if task.last_status in _ENDING and state not in _ENDING:
        return False
    task.last_status = state
    if state == "RUNNING":
        task.started_at = _now()
        for container in task.containers:
            container["lastStatus"] = "RUNNING"
        if (fault := struck("task_fails", named)) is not None:
            task.fault = fault
            if not fault.code.isdecimal():
                _end(task, "TaskFailedToStart", f"{fault.code or 'CannotPullContainerError'}: {fault.message}")
    if state == "DEPROVISIONING" and not task.stopped_reason:
        _end(task, "EssentialContainerExited", "Essential container in task exited")
    if state == "STOPPED":
        _stopped(backend, task, definition)
    return True


def _end(task: Any, code: str, reason: str) -> None:
    task.desired_status, task.stop_code, task.stopped_reason = "STOPPED", code, reason


def _stopped(backend: Any, task: Any, definition: Any) -> None:
    """Its containers have ended: with what a fault says, or with the signal of StopTask, or well."""
    fault = task.__dict__.get("fault")
    task.stopped_at = _now()
    for container, defined in zip(task.containers, definition.container_definitions, strict=True):
        container["lastStatus"] = "STOPPED"
        if task.stop_code == "TaskFailedToStart":
            container["reason"] = task.stopped_reason
            continue
        container["exitCode"] = 137 if task.stop_code == "UserInitiated" else int(fault.code) if fault else 0
        _log(backend, task, defined, fault.message if fault and fault.message else f"{container['name']} has ended")


def _log(backend: Any, task: Any, container: dict[str, Any], last: str) -> None:
    """What a container wrote, where its definition has the log driver awslogs."""
    driver = container.get("logConfiguration") or {}
    options = driver.get("options") or {}
    if driver.get("logDriver") != "awslogs" or "awslogs-stream-prefix" not in options:
        return
    stream = f"{options['awslogs-stream-prefix']}/{container['name']}/{task.id}"
    region = options.get("awslogs-region", backend.region_name)
    lines = [f"{container['name']} begins", *last.splitlines()]
    write(backend.account_id, region, options["awslogs-group"], stream, lines)


def _describe(response: Any) -> ActionResult:
    asked = response._get_param("tasks") or []
    if len(asked) > _MOST_DESCRIBED:
        raise ECSException("InvalidParameterException", "Too many tasks are described at once; 100 is the most.")
    backend = response.ecs_backend
    cluster = backend._get_cluster(response._get_param("cluster", "default"))
    known = backend.tasks.get(cluster.name, {})
    by_id = {arn.rpartition("/")[2]: task for arn, task in known.items()}
    found = [by_id.get(name.rpartition("/")[2]) for name in asked]
    missing = [name for name, task in zip(asked, found, strict=True) if task is None]
    return ActionResult(
        {
            "tasks": [task for task in found if task],
            "failures": [{"arn": name, "reason": "MISSING"} for name in missing],
        }
    )


def _stop(backend: Any, cluster_str: str, task_str: str, reason: str) -> Any:
    cluster = backend._get_cluster(cluster_str)
    known = backend.tasks.get(cluster.name, {})
    task = next((t for arn, t in known.items() if arn.rpartition("/")[2] == task_str.rpartition("/")[2]), None)
    if task is None:
        raise ECSException("InvalidParameterException", "The referenced task was not found.")
    if task.last_status not in _ENDING:
        _end(task, "UserInitiated", reason or "Task stopped by user")
        task.last_status = "STOPPING"
        definition = backend.describe_task_definition(task.task_definition_arn)
        named = Named(definition.family, tag_dict(task.tags))
        go(named, WAY[-1:], lambda state: _reach(backend, task, definition, named, state), seed=task.id)
    return task


def _now() -> datetime:
    return datetime.fromtimestamp(current().now(), UTC)


replace_method(EC2ContainerServiceResponse, "run_task", _run_task)
replace_method(EC2ContainerServiceResponse, "describe_tasks", _describe)
replace_method(EC2ContainerServiceBackend, "stop_task", _stop)

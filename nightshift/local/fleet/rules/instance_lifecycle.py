"""Instances pass pending, stopping and shutting-down before they are what was asked.

Follows "Amazon EC2 instance state changes" (Amazon EC2 User Guide), and StartInstances and StopInstances in the
Amazon EC2 API Reference: a start of a running and a stop of a stopped instance succeed and change nothing.
"""

from __future__ import annotations

import copy
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from nightshift.local.fleet.requests import Request, after, instead
from nightshift.local.fleet.states import changes, move

PENDING = 20
STOPPING = 40
FORCED_STOPPING = 15
HIBERNATING = 75
SHUTTING_DOWN = 30
"""Seconds an instance usually takes."""


@after("RunInstances")
def launch(request: Request, result: ActionResult) -> None:
    """A new instance is pending first."""
    for instance in result.result.instances:  # type: ignore[attr-defined]
        move(request, instance, "pending", "running", PENDING)


@instead("StartInstances")
def start(request: Request) -> ActionResult:
    """Stopped instances become pending, and later run; the others stay as they are."""
    instances, previous = _with_states(request)
    for instance in instances:
        if previous[instance.id] == "stopped":
            instance.start()
            move(request, instance, "pending", "running", PENDING)
    return ActionResult({"StartingInstances": changes(instances, previous)})


@instead("StopInstances")
def stop(request: Request) -> ActionResult:
    """Running instances become stopping, and later stopped; `Force` cuts a stop that hangs short."""
    instances, previous = _with_states(request)
    force = request.response._get_bool_param("Force", False)
    hibernate = request.response._get_bool_param("Hibernate", False)
    for instance in instances:
        if previous[instance.id] in ("pending", "running") or (force and previous[instance.id] == "stopping"):
            instance.stop()
            seconds = FORCED_STOPPING if force else HIBERNATING if hibernate else STOPPING
            move(request, instance, "stopping", "stopped", seconds)
    return ActionResult({"StoppingInstances": changes(instances, previous)})


@instead("TerminateInstances")
def terminate(request: Request) -> ActionResult:
    """Instances shut down, and are terminated later."""
    instances, previous = _with_states(request)
    request.response.terminate_instances()
    for instance in instances:
        if previous[instance.id] != "terminated":
            move(request, instance, "shutting-down", "terminated", SHUTTING_DOWN)
    return ActionResult({"TerminatingInstances": changes(instances, previous)})


@instead("RebootInstances")
def reboot(request: Request) -> ActionResult:
    """The request is queued and the state stays running; what is not running is left alone.

    "Reboot your Amazon EC2 instance" (Amazon EC2 User Guide).
    """
    return EmptyResult()


def _with_states(request: Request) -> tuple[list[Any], dict[str, str]]:
    instances = request.instances()
    return instances, {i.id: copy.copy(i._state.name) for i in instances}

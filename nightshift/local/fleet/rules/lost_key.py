"""A start with an encrypted volume whose key cannot be used is accepted, and the instance falls back to stopped.

The key is lost by the fault "lost_key", or when it is disabled or pending deletion in KMS. Follows "How unusable KMS
keys affect data keys" (AWS KMS Developer Guide) and "Troubleshoot Amazon EC2 instance launch issues" (Amazon EC2
User Guide).
"""

from __future__ import annotations

import contextlib
import functools
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ec2.models.instances import StateReason
from moto.kms.models import kms_backends

from nightshift.local.fleet.requests import Request, after
from nightshift.local.fleet.states import set_state
from nightshift.local.fleet.world import spread

SECONDS = 8
"""Until EC2 finds out, usually."""

_CODE, _MESSAGE = "Client.InternalError", "Client.InternalError: Client error on launch"


@after("StartInstances")
def start(request: Request, _: ActionResult) -> None:
    """Let it fall back."""
    for instance in request.instances():
        if instance.state == "pending" and any(_lost(request, instance, v) for v in _volumes(request, instance)):
            request.world.after(spread(SECONDS, instance.id), functools.partial(_fall, request, instance))


def _fall(request: Request, instance: Any) -> None:
    if instance.state == "pending":
        set_state(request.world, instance, "stopped")
        instance._reason = "Server.InternalError"
        instance.state_reason = StateReason(_MESSAGE, _CODE)


def _volumes(request: Request, instance: Any) -> list[Any]:
    return [request.backend.volumes[device.volume_id] for _, device in instance.get_block_device_mapping]


def _lost(request: Request, instance: Any, volume: Any) -> bool:
    faults = [*request.faults("lost_key", volume), *request.faults("lost_key", instance)]
    return any(fault.strike() for fault in faults) or (volume.encrypted and _unusable(request, volume.kms_key_id))


def _unusable(request: Request, key_id: str | None) -> bool:
    account, region = request.scope
    with contextlib.suppress(ServiceException, KeyError):
        return bool(kms_backends[account][region].describe_key(key_id or "").key_state != "Enabled")
    return key_id is not None

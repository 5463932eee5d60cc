"""EventBridge is told of each new state of an instance, and of its changed tags.

Follows "State change events for your instances" (Amazon EC2 User Guide) and "Tag change events on EventBridge" (Tagging
AWS Resources User Guide).
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult

from nightshift.local.fleet.requests import Request, after, all_instances
from nightshift.local.fleet.states import CODES, on_state
from nightshift.local.fleet.world import World


def tell_state(world: World, instance: Any) -> None:
    """An instance has got into another state."""
    detail = {"instance-id": instance.id, "state": instance._state.name}
    _tell(world, instance, "aws.ec2", "EC2 Instance State-change Notification", detail)


for state in CODES:
    on_state(state)(tell_state)


@after("CreateTags", "DeleteTags")
def tell_tags(request: Request, result: ActionResult) -> None:
    """Tags of an instance have been written; it is told of also where they are as they were."""
    known = all_instances(request.backend)
    for instance in (known[id_] for id_ in request.ids("Resource") if id_ in known):
        detail = {
            "changed-tag-keys": [tag["Key"] for tag in request.get("Tags") or [] if "Key" in tag],
            "service": "ec2",
            "resource-type": "instance",
            "tags": {tag["key"]: tag["value"] for tag in instance.get_tags()},
        }
        _tell(request.world, instance, "aws.tag", "Tag Change on Resource", detail)


def _tell(world: World, instance: Any, source: str, kind: str, detail: dict[str, Any]) -> None:
    backend = instance.ec2_backend
    account, region = backend.account_id, backend.region_name
    world.publish(
        {
            "source": source,
            "detail-type": kind,
            "account": account,
            "region": region,
            "resources": [f"arn:aws:ec2:{region}:{account}:instance/{instance.id}"],
            "detail": detail,
        }
    )

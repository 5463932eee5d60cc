"""Instances for the scenarios of the parts."""

from __future__ import annotations

from tests.faults.world import client


def launch(count: int, **tags: str) -> list[str]:
    """New, running instances."""
    spec = [{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}] if tags else []
    made = client("ec2").run_instances(ImageId="ami-12345678", MinCount=count, MaxCount=count, TagSpecifications=spec)
    return [i["InstanceId"] for i in made["Instances"]]


def stopped(*ids: str) -> None:
    """Stop instances."""
    client("ec2").stop_instances(InstanceIds=list(ids))

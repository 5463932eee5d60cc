"""Images of earlier nights for the scenarios of the parts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from tests.faults.world import ACCOUNT, REGION, client


def old_image(instance: str, day: int, **tags: str) -> str:
    """An image of an earlier night, and its snapshots, with these tags."""
    spec = [{"Key": key, "Value": value} for key, value in tags.items()]
    made = client("ec2").create_image(
        InstanceId=instance,
        Name=f"{instance} night {day}",
        TagSpecifications=[{"ResourceType": kind, "Tags": spec} for kind in ("image", "snapshot")] if spec else [],
    )
    image_of(made["ImageId"]).creation_date = datetime(2026, 1, day, tzinfo=UTC)
    return str(made["ImageId"])


def image_of(id_: str, region: str = REGION) -> Any:
    """moto's image."""
    return get_backend("ec2")[ACCOUNT][region].amis[id_]

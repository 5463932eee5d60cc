"""Images of earlier nights for the scenarios of the parts."""

from __future__ import annotations

from datetime import UTC, datetime

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
    image = get_backend("ec2")[ACCOUNT][REGION].amis[made["ImageId"]]
    image.creation_date = datetime(2026, 1, day, tzinfo=UTC)
    return str(made["ImageId"])

"""Fixtures for images."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from moto.ec2.models import EC2Backend

from tests.parts.driver import TestAws


@pytest.fixture
def images(ec2: Any) -> Any:
    """images() -> {image id: snapshot ids}."""

    def images() -> dict[str, list[str]]:
        return {
            i["ImageId"]: [m["Ebs"]["SnapshotId"] for m in i["BlockDeviceMappings"] if "Ebs" in m]
            for i in ec2.describe_images(Owners=["self"])["Images"]
        }

    return images


@pytest.fixture
def snapshot_ids(ec2: Any) -> Any:
    """snapshot_ids() -> ids of all snapshots of the account."""
    return lambda: {s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}


@pytest.fixture
def made_like_ec2(aws: TestAws, ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Creation dates on the test's clock; and tags on an image's snapshots, which moto refuses to set."""
    taken: dict[str, str] = {}
    create = EC2Backend.create_image

    def create_image(backend: Any, instance_id: str, name: str, description: str, tag_specifications: Any) -> Any:
        by_kind = {spec["ResourceType"]: spec for spec in tag_specifications}
        image = create(backend, instance_id, name, description, [by_kind["image"]])
        tags = {t["Key"]: t["Value"] for t in by_kind["snapshot"]["Tags"]}
        backend.create_tags([image.ebs_snapshot.id], tags)
        return image

    def stamp(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "CreateImage":
            moment = datetime.fromtimestamp(aws.now() + len(taken), UTC)
            taken[answer["ImageId"]] = f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
        if operation == "DescribeImages":
            for image in answer["Images"]:
                image["CreationDate"] = taken.get(image["ImageId"], image["CreationDate"])

    monkeypatch.setattr(EC2Backend, "create_image", create_image)
    aws.hooks.append(stamp)


@pytest.fixture
def disable(aws: TestAws) -> Any:
    """disable(image ids): they are left out of descriptions that do not ask for disabled ones, as EC2 does."""
    disabled: set[str] = set()

    def hide(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeImages":
            for image in answer["Images"]:
                image["State"] = "disabled" if image["ImageId"] in disabled else image["State"]
            shown = params.get("IncludeDisabled", False)
            answer["Images"] = [i for i in answer["Images"] if shown or i["State"] != "disabled"]

    aws.hooks.append(hide)
    return lambda *images: disabled.update(images)

"""ec2.restore_image: out of Recycle Bin, once the snapshots are there that an image consists of."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ebs
from lambdas.parts import ec2 as parts
from nightshift.local.fleet.world import Retention, World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts import honest
from tests.parts.driver import TestAws, drive
from tests.parts.fleet import launch as launched

DAY = 86_400


@pytest.fixture
def kept(world: World) -> World:
    """A world in which Recycle Bin keeps for a week what is deleted."""
    world.retention.append(Retention(7))
    return world


@pytest.fixture
def gone(aws: TestAws, launch: Any, kept: World) -> dict[str, Any]:
    """What deregistering the image of an instance with its snapshots has told."""
    (instance,) = launch()
    kept.settle()
    image = drive(parts.create_image, aws, {"instance_id": instance}).result["image_ids"]
    return drive(parts.deregister_image, aws, {"image_id": image}).result


def in_bin(ec2: Any) -> list[str]:
    return [i["ImageId"] for i in ec2.list_images_in_recycle_bin()["Images"]]


def state(ec2: Any, image: str) -> str:
    (found,) = ec2.describe_images(ImageIds=[image])["Images"]
    return str(found["State"])


def test_an_image_comes_back_after_its_snapshots(aws: TestAws, ec2: Any, gone: dict[str, Any]) -> None:
    (image,) = gone["changed"]
    assert in_bin(ec2) == [image]
    drive(ebs.restore_snapshot, aws, {"snapshot_id": gone["deleted_snapshots"]})
    result = drive(parts.restore_image, aws, {"image_id": image}).result
    assert (result["changed"], in_bin(ec2), state(ec2, image)) == ([image], [], "available")
    (told,) = result["images"]
    assert told["image_id"] == image
    assert told["exit_time"] > told["enter_time"]
    (warning,) = result["warnings"]
    assert "generations of the flow" in warning


def test_an_image_without_its_snapshots_is_refused(aws: TestAws, ec2: Any, gone: dict[str, Any]) -> None:
    with pytest.raises(PartFailed, match=r"InvalidSnapshot\.NotFound"):
        drive(parts.restore_image, aws, {"image_id": gone["changed"]})
    assert in_bin(ec2) == gone["changed"]


def test_an_image_that_loses_a_snapshot_meanwhile_is_not_counted(
    aws: TestAws, ec2: Any, gone: dict[str, Any], kept: World
) -> None:
    drive(ebs.restore_snapshot, aws, {"snapshot_id": gone["deleted_snapshots"]})
    (snapshot,) = gone["deleted_snapshots"]

    def lose(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeSnapshots":
            answer["Snapshots"] = []

    aws.hooks.append(lose)
    with pytest.raises(PartFailed, match=f"is restored, but lacks {snapshot}"):
        drive(parts.restore_image, aws, {"image_id": gone["changed"]})
    assert in_bin(ec2) == []


def test_a_name_tells_which(aws: TestAws, ec2: Any, launch: Any, kept: World) -> None:
    (instance,) = launch()
    kept.settle()
    made = []
    for name in ("web-1", "web-2", "db-1"):
        made.append(ec2.create_image(InstanceId=instance, Name=name)["ImageId"])
        kept.settle()
        aws.clock += 20
        ec2.deregister_image(ImageId=made[-1])
    result = drive(parts.restore_image, aws, {"name": "web-*"}).result
    assert (result["changed"], in_bin(ec2)) == (sorted(made[:2]), [made[2]])
    assert {i["name"] for i in result["images"]} == {"web-1", "web-2"}
    both = {"name": "web-1", "image_id": made, "require_match": False}
    assert [s["id"] for s in drive(parts.restore_image, aws, both).result["skipped"]] == [made[0]]


def test_what_is_there_is_skipped_and_what_has_left_fails(aws: TestAws, ec2: Any, launch: Any, kept: World) -> None:
    instances = launch(2)
    kept.settle()
    there, late = (ec2.create_image(InstanceId=i, Name=i)["ImageId"] for i in instances)
    ec2.deregister_image(ImageId=late)
    aws.clock += 7 * DAY + 60
    result = drive(parts.restore_image, aws, {"image_id": [there, late], "on_failure": "continue"}).result
    assert [(s["id"], s["reason"]) for s in result["skipped"]] == [(there, "exists, and is not in Recycle Bin")]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(late, "InvalidAMIID.NotFound")]
    assert aws.made("RestoreImageFromRecycleBin") == []


def test_a_dry_run_restores_nothing(aws: TestAws, ec2: Any, gone: dict[str, Any]) -> None:
    drive(ebs.restore_snapshot, aws, {"snapshot_id": gone["deleted_snapshots"]})
    dry = drive(parts.restore_image, aws, {"image_id": gone["changed"], "dry_run": True}).result
    assert (dry["changed"], in_bin(ec2)) == (gone["changed"], gone["changed"])


def test_nothing_selected_is_refused(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="nothing is selected"):
        drive(parts.restore_image, aws, {})


def _deregistered(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    world.retention.append(Retention(7))
    instances = launched(2)
    world.settle()
    made = [client("ec2").create_image(InstanceId=i, Name=f"of {i}", NoReboot=True)["ImageId"] for i in instances]
    world.settle()
    for image in made:
        client("ec2").deregister_image(ImageId=image)
    aws.in_bin.update(made)
    return {"image_id": made}


SCENARIOS = [Scenario("two that were deregistered", "ec2.restore_image", _deregistered)]

"""ebs.restore_snapshot: out of Recycle Bin, and what the parts that delete leave in it."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ebs as parts
from lambdas.parts import ec2 as images
from nightshift.local.fleet.world import Retention, World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts import honest
from tests.parts.driver import TestAws, drive
from tests.parts.ebs.snapshots import night, old_snapshot, own, volumes_of
from tests.parts.fleet import launch

DAY = 86_400


@pytest.fixture
def kept(world: World) -> World:
    """A world in which Recycle Bin keeps for a week what has the tag Keep=yes."""
    world.retention.append(Retention(7, "Keep=yes"))
    return world


def in_bin(ec2: Any) -> list[str]:
    return [s["SnapshotId"] for s in ec2.list_snapshots_in_recycle_bin()["Snapshots"]]


def test_what_was_deleted_comes_back_as_it_was(aws: TestAws, ec2: Any, snap: Any, kept: World) -> None:
    one, two, other = snap(Keep="yes"), snap(Keep="yes"), snap()
    kept.settle()
    deleted = drive(parts.delete_snapshot, aws, {"snapshot_id": [one, two, other]}).result
    assert (deleted["changed"], own(ec2), in_bin(ec2)) == (sorted([one, two, other]), set(), sorted([one, two]))
    outcome = drive(parts.restore_snapshot, aws, {"snapshot_id": [one, two]})
    assert outcome.result["changed"] == sorted([one, two])
    assert outcome.result["warnings"] == []
    assert sum(outcome.waits) >= 15
    assert (own(ec2), in_bin(ec2)) == ({one, two}, [])
    (back,) = ec2.describe_snapshots(SnapshotIds=[one])["Snapshots"]
    assert (back["State"], back["Tags"]) == ("completed", [{"Key": "Keep", "Value": "yes"}])


def test_a_volume_tells_which(aws: TestAws, ec2: Any, make_volume: Any, snap: Any, kept: World) -> None:
    volume = make_volume()
    mine, other = snap(volume, Keep="yes"), snap(Keep="yes")
    kept.settle()
    for snapshot in (mine, other):
        ec2.delete_snapshot(SnapshotId=snapshot)
    result = drive(parts.restore_snapshot, aws, {"volume_id": volume}).result
    assert (result["changed"], in_bin(ec2)) == ([mine], [other])
    assert [(s["snapshot_id"], s["volume_id"]) for s in result["snapshots"]] == [(mine, volume)]
    assert result["snapshots"][0]["exit_time"] > result["snapshots"][0]["enter_time"]


def test_what_is_there_is_skipped_and_what_has_left_fails(aws: TestAws, ec2: Any, snap: Any, kept: World) -> None:
    there, late = snap(Keep="yes"), snap(Keep="yes")
    kept.settle()
    ec2.delete_snapshot(SnapshotId=late)
    aws.clock += 7 * DAY + 60
    result = drive(parts.restore_snapshot, aws, {"snapshot_id": [there, late], "on_failure": "continue"}).result
    assert [(s["id"], s["reason"]) for s in result["skipped"]] == [(there, "exists, and is not in Recycle Bin")]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(late, "InvalidSnapshot.NotFound")]
    assert aws.made("RestoreSnapshotFromRecycleBin") == []
    with pytest.raises(PartFailed, match="neither exists nor is in Recycle Bin"):
        drive(parts.restore_snapshot, aws, {"snapshot_id": late})


def test_a_dry_run_restores_nothing(aws: TestAws, ec2: Any, snap: Any, kept: World) -> None:
    one = snap(Keep="yes")
    kept.settle()
    ec2.delete_snapshot(SnapshotId=one)
    dry = drive(parts.restore_snapshot, aws, {"snapshot_id": one, "dry_run": True}).result
    assert (dry["changed"], in_bin(ec2), own(ec2)) == ([one], [one], set())


def test_generations_that_are_back_are_told_of(aws: TestAws, ec2: Any, make_volume: Any, world: World) -> None:
    world.retention.append(Retention(7))
    volume = make_volume()
    world.settle()
    params = {"volume_id": volume, "generation": 1}
    first = drive(parts.create_snapshot, aws, params, run=night(1)).result["snapshot_ids"]
    aws.clock += DAY
    drive(parts.create_snapshot, aws, params, run=night(2))
    assert in_bin(ec2) == first
    (warning,) = drive(parts.restore_snapshot, aws, {"snapshot_id": first}).result["warnings"]
    assert "generations of the flow night again" in warning
    aws.clock += DAY
    drive(parts.create_snapshot, aws, params, run=night(3))
    assert first[0] not in own(ec2)


def test_snapshots_of_an_image_go_to_the_bin_without_a_failure(
    aws: TestAws, ec2: Any, launch: Any, world: World
) -> None:
    world.retention.append(Retention(7))
    (instance,) = launch()
    world.settle()
    image = drive(images.create_image, aws, {"instance_id": instance}).result["image_ids"][0]
    result = drive(images.deregister_image, aws, {"image_id": image}).result
    assert (result["changed"], result["failed"]) == ([image], [])
    assert sorted(result["deleted_snapshots"]) == in_bin(ec2) != []


def test_nothing_selected_is_refused(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="nothing is selected"):
        drive(parts.restore_snapshot, aws, {})


def _deleted(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    world.retention.append(Retention(7))
    snapshots = [old_snapshot(volume, 1, Keep="yes") for volume in volumes_of(launch(2))]
    world.settle()
    for snapshot in snapshots:
        client("ec2").delete_snapshot(SnapshotId=snapshot)
    aws.in_bin.update(snapshots)
    return {"snapshot_id": snapshots}


SCENARIOS = [Scenario("two that were deleted", "ebs.restore_snapshot", _deleted)]

"""Volumes change state over time and refuse what their state does not allow."""

from __future__ import annotations

from typing import Any

import pytest

from nightshift.local.account import REGION


@pytest.fixture
def volume(fleet: Any, ec2: Any) -> str:
    made = str(ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"])
    fleet.settle()
    return made


@pytest.fixture
def described(ec2: Any) -> Any:
    def read(volume: str) -> tuple[str, list[str]]:
        (found,) = ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
        return found["State"], [a["State"] for a in found["Attachments"]]

    return read


def test_from_creation_to_deletion(fleet: Any, ec2: Any, launch: Any, described: Any, refused: Any) -> None:
    (instance,) = launch()
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"]
    assert described(volume) == ("creating", [])
    attach = {"VolumeId": volume, "InstanceId": instance, "Device": "/dev/sdf"}
    assert refused(ec2.attach_volume, **attach)[0] == "IncorrectState"
    fleet.advance(10)
    assert described(volume) == ("available", [])
    assert ec2.attach_volume(**attach)["State"] == "attaching"
    assert described(volume) == ("in-use", ["attaching"])
    fleet.advance(10)
    assert described(volume) == ("in-use", ["attached"])
    assert refused(ec2.delete_volume, VolumeId=volume)[0] == "VolumeInUse"
    assert ec2.detach_volume(VolumeId=volume)["State"] == "detaching"
    assert described(volume) == ("in-use", ["detaching"])
    fleet.advance(10)
    assert described(volume) == ("available", [])
    ec2.delete_volume(VolumeId=volume)
    assert described(volume) == ("deleting", [])
    fleet.advance(10)
    assert refused(ec2.describe_volumes, VolumeIds=[volume])[0] == "InvalidVolume.NotFound"


def test_the_same_token_gives_the_same_volume(ec2: Any) -> None:
    made = {ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8, ClientToken="x")["VolumeId"] for _ in range(2)}
    assert len(made) == 1


def test_a_pending_snapshot_makes_no_volume(ec2: Any, volume: str, refused: Any) -> None:
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    code, message = refused(ec2.create_volume, SnapshotId=snapshot, AvailabilityZone=f"{REGION}a")
    assert code == "IncorrectState"
    assert snapshot in message


def test_what_cannot_be_attached(ec2: Any, launch: Any, volume: str, refused: Any, fleet: Any) -> None:
    here, other = launch(2)
    far = ec2.create_volume(AvailabilityZone=f"{REGION}c", Size=8)["VolumeId"]
    fleet.settle()
    assert (
        refused(ec2.attach_volume, VolumeId=far, InstanceId=here, Device="/dev/sdf")[0] == "InvalidVolume.ZoneMismatch"
    )
    ec2.attach_volume(VolumeId=volume, InstanceId=here, Device="/dev/sdf")
    assert refused(ec2.attach_volume, VolumeId=volume, InstanceId=other, Device="/dev/sdf")[0] == "VolumeInUse"
    second = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=8)["VolumeId"]
    fleet.settle()
    code, message = refused(ec2.attach_volume, VolumeId=second, InstanceId=here, Device="/dev/sdf")
    assert (code, "already in use" in message) == ("InvalidParameterValue", True)
    ec2.stop_instances(InstanceIds=[here])
    assert refused(ec2.attach_volume, VolumeId=second, InstanceId=here, Device="/dev/sdg")[0] == "IncorrectState"


def test_a_root_volume_stays_with_a_running_instance(fleet: Any, ec2: Any, launch: Any, refused: Any) -> None:
    (instance,) = launch()
    (root,) = ec2.describe_volumes()["Volumes"]
    assert refused(ec2.detach_volume, VolumeId=root["VolumeId"])[0] == "OperationNotPermitted"
    ec2.stop_instances(InstanceIds=[instance])
    fleet.settle()
    ec2.detach_volume(VolumeId=root["VolumeId"])


def test_one_that_is_mounted_is_busy_until_it_is_taken_by_force(
    fleet: Any, ec2: Any, launch: Any, volume: str, described: Any
) -> None:
    ec2.attach_volume(VolumeId=volume, InstanceId=launch()[0], Device="/dev/sdf")
    fleet.settle()
    fleet.add_fault("stuck", resource=volume)
    assert ec2.detach_volume(VolumeId=volume)["State"] == "busy"
    fleet.advance(3600)
    assert described(volume) == ("in-use", ["busy"])
    ec2.detach_volume(VolumeId=volume, Force=True)
    fleet.advance(10)
    assert described(volume) == ("available", [])


def test_a_modification_passes_modifying_and_optimizing(fleet: Any, ec2: Any, volume: str, refused: Any) -> None:
    def state() -> str:
        (last,) = ec2.describe_volumes_modifications(VolumeIds=[volume])["VolumesModifications"]
        return str(last["ModificationState"])

    ec2.modify_volume(VolumeId=volume, VolumeType="gp3", Size=20)
    assert state() == "modifying"
    assert refused(ec2.modify_volume, VolumeId=volume, Size=30)[0] == "IncorrectModificationState"
    fleet.advance(10)
    assert state() == "optimizing"
    fleet.advance(60)
    assert state() == "completed"
    assert refused(ec2.modify_volume, VolumeId=volume, Size=10)[0] == "InvalidParameterValue"

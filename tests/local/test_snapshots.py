"""Snapshots take time and are limited per volume; AMIs take theirs with them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def volume(launch: Any, volumes: Any) -> str:
    [id_] = launch()
    return str(volumes(id_)[0])


def _snapshot(ec2: Any, id_: str) -> tuple[str, str]:
    [found] = ec2.describe_snapshots(SnapshotIds=[id_])["Snapshots"]
    return found["State"], found["Progress"]


def test_a_snapshot_progresses_until_it_is_completed(fleet: Any, ec2: Any, volume: str) -> None:
    made = ec2.create_snapshot(VolumeId=volume)
    assert (made["State"], made["Progress"]) == ("pending", "0%")
    fleet.advance(15)
    state, progress = _snapshot(ec2, made["SnapshotId"])
    assert state == "pending"
    assert 0 < int(progress.rstrip("%")) < 100
    fleet.advance(120)
    assert _snapshot(ec2, made["SnapshotId"]) == ("completed", "100%")


def test_a_snapshot_can_end_in_error(fleet: Any, ec2: Any, volume: str) -> None:
    fleet.add_fault("snapshot_error", resource=volume, times=1)
    failed = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    fleet.advance(120)
    assert _snapshot(ec2, failed)[0] == "error"
    good = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    fleet.advance(120)
    assert _snapshot(ec2, good)[0] == "completed"


def test_two_snapshots_of_a_volume_are_fifteen_seconds_apart(fleet: Any, ec2: Any, volume: str, refused: Any) -> None:
    ec2.create_snapshot(VolumeId=volume)
    fleet.advance(14)
    assert refused(ec2.create_snapshot, VolumeId=volume)[0] == "SnapshotCreationPerVolumeRateExceeded"
    fleet.advance(1.1)
    ec2.create_snapshot(VolumeId=volume)


def test_five_are_pending_at_a_time_and_deleting_one_does_not_help(
    fleet: Any, ec2: Any, volume: str, refused: Any
) -> None:
    fleet.add_fault("slow", resource=volume, factor=100)
    made = []
    for _ in range(5):
        made.append(ec2.create_snapshot(VolumeId=volume)["SnapshotId"])
        fleet.advance(16)
    assert refused(ec2.create_snapshot, VolumeId=volume)[0] == "ConcurrentSnapshotLimitExceeded"
    ec2.delete_snapshot(SnapshotId=made[0])
    assert refused(ec2.create_snapshot, VolumeId=volume)[0] == "ConcurrentSnapshotLimitExceeded"
    fleet.settle()
    ec2.create_snapshot(VolumeId=volume)


def test_copies_are_limited_per_target_region(fleet: Any, ec2: Any, volume: str, refused: Any) -> None:
    source = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    osaka = fleet.client(region="ap-northeast-3")
    copy = {"SourceRegion": "ap-northeast-1", "SourceSnapshotId": source}
    assert refused(osaka.copy_snapshot, **copy)[0] == "IncorrectState"
    fleet.settle()
    copies = [osaka.copy_snapshot(**copy)["SnapshotId"] for _ in range(20)]
    assert refused(osaka.copy_snapshot, **copy)[0] == "ResourceLimitExceeded"
    assert _snapshot(osaka, copies[0])[0] == "pending"
    fleet.settle()
    assert _snapshot(osaka, copies[0])[0] == "completed"
    osaka.copy_snapshot(**copy)


def test_unknown_volumes_and_snapshots(ec2: Any, volume: str, refused: Any) -> None:
    code, message = refused(ec2.describe_volumes, VolumeIds=["vol-00000001", volume, "vol-00000002"])
    assert code == "InvalidVolume.NotFound"
    assert message == "The volumes 'vol-00000001, vol-00000002' do not exist."
    assert refused(ec2.create_snapshot, VolumeId="vol-00000001")[0] == "InvalidVolume.NotFound"
    assert refused(ec2.delete_snapshot, SnapshotId="snap-00000001")[0] == "InvalidSnapshot.NotFound"


def test_an_image_has_a_snapshot_of_each_volume(fleet: Any, ec2: Any, launch: Any, refused: Any) -> None:
    disks = [{"DeviceName": name, "Ebs": {"VolumeSize": 8}} for name in ("/dev/xvda", "/dev/sdf")]
    [id_] = launch(BlockDeviceMappings=disks)
    tags = [{"ResourceType": kind, "Tags": [{"Key": "Flow", "Value": "x"}]} for kind in ("image", "snapshot")]
    image = ec2.create_image(InstanceId=id_, Name="nightly", NoReboot=True, TagSpecifications=tags)["ImageId"]
    [found] = ec2.describe_images(ImageIds=[image])["Images"]
    snapshots = [mapping["Ebs"]["SnapshotId"] for mapping in found["BlockDeviceMappings"]]
    assert found["State"] == "pending"
    assert len(snapshots) == 2
    assert fleet.world()[snapshots[0]]["tags"] == {"Flow": "x"}
    fleet.advance(300)
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available"
    assert refused(ec2.create_image, InstanceId=id_, Name="nightly")[0] == "InvalidAMIName.Duplicate"
    assert refused(ec2.delete_snapshot, SnapshotId=snapshots[0])[0] == "InvalidSnapshot.InUse"
    ec2.deregister_image(ImageId=image)
    ec2.delete_snapshot(SnapshotId=snapshots[0])


def test_an_image_reboots_the_instance_unless_told_otherwise(ec2: Any, launch: Any, checks: Any, fleet: Any) -> None:
    [quiet], [rebooted] = launch(), launch()
    ec2.create_image(InstanceId=quiet, Name="quiet", NoReboot=True)
    ec2.create_image(InstanceId=rebooted, Name="rebooted")
    assert (checks(quiet), checks(rebooted)) == ("ok", "initializing")


def test_recycle_bin_keeps_what_a_rule_covers(fleet: Any, ec2: Any, volume: str, refused: Any) -> None:
    fleet.retain(days=2, tag="Keep=yes")
    tags = [{"ResourceType": "snapshot", "Tags": [{"Key": "Keep", "Value": "yes"}]}]
    kept = ec2.create_snapshot(VolumeId=volume, TagSpecifications=tags)["SnapshotId"]
    fleet.advance(120)
    other = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    fleet.advance(120)
    for snapshot in (kept, other):
        ec2.delete_snapshot(SnapshotId=snapshot)
    assert [s["SnapshotId"] for s in ec2.list_snapshots_in_recycle_bin()["Snapshots"]] == [kept]
    assert refused(ec2.restore_snapshot_from_recycle_bin, SnapshotId=other)[0] == "InvalidSnapshot.NotFound"
    ec2.restore_snapshot_from_recycle_bin(SnapshotId=kept)
    assert _snapshot(ec2, kept)[0] == "recovering"
    fleet.advance(60)
    assert _snapshot(ec2, kept)[0] == "completed"
    ec2.delete_snapshot(SnapshotId=kept)
    fleet.advance(2 * 86_400 + 1)
    assert ec2.list_snapshots_in_recycle_bin()["Snapshots"] == []


def test_recycle_bin_keeps_an_image_and_restores_it_after_its_snapshots(
    fleet: Any, ec2: Any, launch: Any, refused: Any
) -> None:
    fleet.retain(days=2)
    [id_] = launch()
    image = ec2.create_image(InstanceId=id_, Name="nightly", NoReboot=True)["ImageId"]
    fleet.settle()
    [mapping] = ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"]
    snapshot = mapping["Ebs"]["SnapshotId"]
    ec2.deregister_image(ImageId=image)
    ec2.delete_snapshot(SnapshotId=snapshot)
    [kept] = ec2.list_images_in_recycle_bin()["Images"]
    assert (kept["ImageId"], kept["Name"]) == (image, "nightly")
    assert refused(ec2.restore_image_from_recycle_bin, ImageId=image)[0] == "InvalidSnapshot.NotFound"
    ec2.restore_snapshot_from_recycle_bin(SnapshotId=snapshot)
    ec2.restore_image_from_recycle_bin(ImageId=image)
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available"
    assert refused(ec2.restore_image_from_recycle_bin, ImageId=image)[0] == "InvalidAMIID.NotFound"
    ec2.deregister_image(ImageId=image)
    fleet.advance(2 * 86_400 + 1)
    assert ec2.list_images_in_recycle_bin()["Images"] == []

"""ebs.delete_snapshot, ebs.describe_snapshots and ebs.copy_snapshot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import ebs as parts
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, shared_session, times
from tests.parts.unkind import Unkind

THERE = "eu-west-1"


def night(number: int, **changes: Any) -> Any:
    return replace(RUN, id=f"{RUN.id}-{number}", **changes)


@pytest.fixture
def there(aws: TestAws) -> Any:
    """A client in the target Region, whose calls are not counted."""
    return shared_session().create_client("ec2", region_name=THERE)


@pytest.fixture
def snap(ec2: Any) -> Any:
    """snap(volume, Purpose="test") -> id of a new snapshot; without volume, of a new one."""

    def snap(volume: str = "", **tags: str) -> str:
        volume = volume or ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
        spec = [{"ResourceType": "snapshot", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}] if tags else []
        return str(ec2.create_snapshot(VolumeId=volume, TagSpecifications=spec)["SnapshotId"])

    return snap


def own(client: Any) -> set[str]:
    return {s["SnapshotId"] for s in client.describe_snapshots(OwnerIds=["self"])["Snapshots"]}


def test_delete_by_tag_spares_the_excluded_and_those_in_use(aws: TestAws, ec2: Any, snap: Any) -> None:
    gone, used = snap(Purpose="test"), snap(Purpose="test")
    kept, other = snap(Purpose="test", Keep="1"), snap()
    refused = (400, "InvalidSnapshot.InUse", f"The snapshot {used} is currently in use by ami-1")
    aws.faults["DeleteSnapshot"] = Fault(lambda p: refused if p["SnapshotId"] == used else None)
    result = drive(parts.delete_snapshot, aws, {"tag": "Purpose=test", "exclude_tag": "Keep"}).result
    assert result["changed"] == [gone]
    assert {s["id"]: s["reason"] for s in result["skipped"]} == {
        kept: "excluded by the tag Keep",
        used: f"The snapshot {used} is currently in use by ami-1",
    }
    assert own(ec2) == {used, kept, other}
    assert result["summary"] == "1 snapshot deleted, 2 skipped"


def test_delete_only_those_older(aws: TestAws, ec2: Any, snap: Any) -> None:
    import time

    ids = [snap(), snap()]
    aws.clock = time.time() + 3 * 86400
    young = drive(parts.delete_snapshot, aws, {"snapshot_id": ids, "older_than": "4d"}).result
    assert young["changed"] == []
    assert {s["reason"] for s in young["skipped"]} == {"not older than 4d"}
    old = drive(parts.delete_snapshot, aws, {"snapshot_id": ids, "older_than": "2d"}, run=night(2)).result
    assert old["changed"] == sorted(ids)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_delete_goes_on_after_a_death(aws: TestAws, ec2: Any, snap: Any, moment: str) -> None:
    ids = [snap() for _ in range(3)]
    left = [2]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    aws.faults["DeleteSnapshot"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.delete_snapshot, aws, {"snapshot_id": ids})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(ids)
    assert own(ec2) == set()


def test_dry_run_of_delete_changes_nothing(aws: TestAws, ec2: Any, snap: Any) -> None:
    ids = [snap(), snap()]
    dry = drive(parts.delete_snapshot, aws, {"snapshot_id": ids, "dry_run": True}).result
    assert own(ec2) == set(ids)
    real = drive(parts.delete_snapshot, aws, {"snapshot_id": ids}).result
    assert dry["changed"] == real["changed"] == sorted(ids)
    assert dry["summary"] == "would delete 2 snapshots"


def test_delete_of_a_bad_id_does_not_stop_the_others(aws: TestAws, snap: Any) -> None:
    snapshot = snap()
    with pytest.raises(PartFailed, match=r"snap-0aaaaaaaaaaaaaaa1  InvalidSnapshot\.NotFound"):
        drive(parts.delete_snapshot, aws, {"snapshot_id": ["snap-0aaaaaaaaaaaaaaa1", snapshot]})
    assert aws.count()["DeleteSnapshot"] == 1


def test_describe_by_id_tag_and_volume(aws: TestAws, ec2: Any, snap: Any) -> None:
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
    tagged, other = snap(volume, Purpose="test"), snap(volume)
    snap(Purpose="test")
    result = drive(parts.describe_snapshots, aws, {"volume_id": volume}).result
    assert result["matched"] == result["completed"] == sorted([tagged, other])
    narrow = drive(parts.describe_snapshots, aws, {"volume_id": volume, "tag": "Purpose=test"}).result
    assert narrow["matched"] == [tagged]
    by_id = drive(parts.describe_snapshots, aws, {"snapshot_id": other}).result
    assert by_id["snapshots"][0]["volume_id"] == volume
    assert by_id["summary"] == "1 found: 1 completed, 0 pending"


def test_copies_to_another_region_with_tags_and_key(aws: TestAws, there: Any, snap: Any) -> None:
    Unkind(aws)
    ids = [snap(Name="data"), snap(Name="logs")]
    params = {"snapshot_id": ids, "to_region": THERE, "kms_key_id": "alias/backup"}
    result = drive(parts.copy_snapshot, aws, params).result
    assert result["changed"] == sorted(ids)
    assert result["region"] == THERE
    assert set(result["snapshot_ids"]) == own(there)
    asked = aws.made("CopySnapshot")[0]
    assert (asked["SourceRegion"], asked["Encrypted"], asked["KmsKeyId"]) == ("us-east-1", True, "alias/backup")
    tags = {t["Key"]: t["Value"] for t in asked["TagSpecifications"][0]["Tags"]}
    assert tags["nightshift:source"] == asked["SourceSnapshotId"]
    assert tags["nightshift:source-volume"].startswith("vol-")
    assert tags["Name"] in ("data", "logs")
    assert "nightshift:volume" not in tags
    assert result["summary"] == "2 snapshots copied"


def test_the_quota_of_concurrent_copies_queues(aws: TestAws, there: Any, snap: Any) -> None:
    ids = [snap() for _ in range(3)]
    aws.faults["CopySnapshot"] = times(2, (400, "ResourceLimitExceeded", "Too many snapshot copies in progress"))
    outcome = drive(parts.copy_snapshot, aws, {"snapshot_id": ids, "to_region": THERE})
    assert outcome.result["changed"] == sorted(ids)
    assert len(own(there)) == 3


def test_generations_of_copies_are_those_of_the_volume(aws: TestAws, ec2: Any, there: Any, snap: Any) -> None:
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
    other = snap()
    drive(parts.copy_snapshot, aws, {"snapshot_id": other, "to_region": THERE, "generation": 1}, run=night(0))
    made = []
    for number in range(1, 4):
        params = {"snapshot_id": snap(volume), "to_region": THERE, "generation": 2}
        outcome = drive(parts.copy_snapshot, aws, params, run=night(number))
        made.append(outcome.result["snapshot_ids"][0])
    assert len(outcome.result["deleted"]) == 1
    assert outcome.result["deleted"][0] in made
    assert made[-1] in own(there)
    assert len(own(there)) == 3
    assert own(ec2) >= {other}


def test_copies_are_not_generations_of_the_snapshots_themselves(aws: TestAws, ec2: Any, snap: Any) -> None:
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
    for number in range(2):
        made = drive(parts.create_snapshot, aws, {"volume_id": volume, "generation": 2}, run=night(number)).result
        drive(parts.copy_snapshot, aws, {"snapshot_id": made["snapshot_ids"]}, run=night(number, step="copy"))
    last = drive(parts.create_snapshot, aws, {"volume_id": volume, "generation": 2}, run=night(5)).result
    assert len(last["deleted"]) == 1
    assert len(own(ec2)) == 4


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_worker_leaves_one_copy_of_each(aws: TestAws, there: Any, snap: Any, moment: str) -> None:
    ids = [snap() for _ in range(3)]
    left = [2]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    aws.faults["CopySnapshot"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.copy_snapshot, aws, {"snapshot_id": ids, "to_region": THERE})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(ids)
    assert len(own(there)) == 3


def test_by_tag_copies_are_not_copied_again(aws: TestAws, ec2: Any, snap: Any) -> None:
    first = snap(Copy="yes")
    drive(parts.copy_snapshot, aws, {"tag": "Copy=yes"}, run=night(1))
    again = drive(parts.copy_snapshot, aws, {"tag": "Copy=yes"}, run=night(2)).result
    assert again["matched"] == [first]


def test_dry_run_of_copy_changes_nothing(aws: TestAws, there: Any, snap: Any) -> None:
    ids = [snap(), snap()]
    params = {"snapshot_id": ids, "to_region": THERE}
    dry = drive(parts.copy_snapshot, aws, {**params, "dry_run": True}).result
    assert own(there) == set()
    real = drive(parts.copy_snapshot, aws, params).result
    assert dry["changed"] == real["changed"]
    assert dry.keys() == real.keys()

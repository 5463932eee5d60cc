"""ebs.copy_snapshot: tags, keys, quotas, generations, and what is left after a crash."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import OTHER_REGION, REGION, client
from tests.parts.driver import Fault, Killed, TestAws, drive, shared_session, times
from tests.parts.ebs.snapshots import dated, night, old_snapshot, own, volumes_of
from tests.parts.fleet import launch
from tests.parts.unkind import Unkind

THERE = "eu-west-1"
ARBITRARY = "vol-ffffffff"


@pytest.fixture
def there(aws: TestAws) -> Any:
    """A client in the target Region, whose calls are not counted."""
    return shared_session().create_client("ec2", region_name=THERE)


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


def arbitrary(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
    """Describe every snapshot as one that was copied."""
    for snapshot in answer.get("Snapshots", []):
        snapshot["VolumeId"] = ARBITRARY


def test_copies_of_snapshots_with_an_arbitrary_volume_are_all_kept(aws: TestAws, there: Any, snap: Any) -> None:
    """EC2 gives copies the volume id vol-ffffffff; they are no generations of one volume."""
    foreign = [snap(), snap()]
    aws.hooks.append(arbitrary)
    params = {"to_region": THERE, "generation": 1}
    first = drive(parts.copy_snapshot, aws, {**params, "snapshot_id": foreign}, run=night(1)).result
    second = drive(parts.copy_snapshot, aws, {**params, "snapshot_id": foreign[0]}, run=night(2)).result
    assert second["deleted"] == []
    assert own(there) == {*first["snapshot_ids"], *second["snapshot_ids"]}
    assert second["warnings"] == [
        f"{foreign[0]}: its volume is not known, so that no generations of its copies are counted: all are kept"
    ]
    asked = aws.made("CopySnapshot")[0]["TagSpecifications"][0]["Tags"]
    assert "nightshift:source-volume" not in {tag["Key"] for tag in asked}


def test_an_arbitrary_volume_in_a_tag_is_no_origin_either(aws: TestAws, there: Any, snap: Any) -> None:
    """Copies of before volumes were looked for carry it, and so do the copies of those."""
    foreign = [snap(**{"nightshift:source-volume": ARBITRARY}) for _ in range(2)]
    aws.hooks.append(arbitrary)
    params = {"to_region": THERE, "generation": 1}
    first, second = (
        drive(parts.copy_snapshot, aws, {**params, "snapshot_id": snapshot}, run=night(number)).result
        for number, snapshot in enumerate(foreign)
    )
    assert second["deleted"] == []
    assert own(there) == {*first["snapshot_ids"], *second["snapshot_ids"]}


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


def two_generations(aws: FaultyAws) -> dict[str, Any]:
    volumes = volumes_of(launch(2))
    sources = [old_snapshot(volume, 3) for volume in volumes]
    for source, volume in zip(sources, volumes, strict=True):
        tags = {"nightshift:flow": "swept", "nightshift:source": source, "nightshift:source-volume": volume}
        for _ in range(2):
            made = client("ec2", OTHER_REGION).copy_snapshot(
                SourceRegion=REGION,
                SourceSnapshotId=source,
                Description="an earlier night",
                TagSpecifications=[
                    {"ResourceType": "snapshot", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
                ],
            )
            dated(made["SnapshotId"], 1, OTHER_REGION)
    Unkind(aws, snapshot=20)
    return {"snapshot_id": sources, "to_region": OTHER_REGION, "generation": 2}


SCENARIOS = [Scenario("to another Region, two generations", "ebs.copy_snapshot", two_generations)]

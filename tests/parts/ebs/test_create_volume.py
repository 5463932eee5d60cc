"""ebs.create_volume: of chosen snapshots, once, and done when it is available."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, NoMatch, PartFailed
from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import Fault, Killed, TestAws, drive, times
from tests.parts.ebs.snapshots import old_snapshot
from tests.parts.ebs.unkind_volumes import UnkindVolumes

ZONE = {"availability_zone": "us-east-1a"}


def made_of(ec2: Any, *snapshots: str) -> list[dict[str, Any]]:
    wanted = [{"Name": "snapshot-id", "Values": list(snapshots)}]
    found: list[dict[str, Any]] = ec2.describe_volumes(Filters=wanted)["Volumes"]
    return found


def test_it_is_done_when_available(aws: TestAws, ec2: Any, snap: Any) -> None:
    snapshot = snap(Name="data")
    UnkindVolumes(aws, seconds=30)
    outcome = drive(parts.create_volume, aws, {"snapshot_id": snapshot, "size": 20, "throughput": 250, **ZONE})
    (volume,) = made_of(ec2, snapshot)
    result = outcome.result
    assert sum(outcome.waits) >= 30
    assert (result["matched"], result["changed"], result["volume_ids"]) == (
        [snapshot],
        [snapshot],
        [volume["VolumeId"]],
    )
    assert (volume["Size"], volume["VolumeType"], volume["AvailabilityZone"]) == (20, "gp3", "us-east-1a")
    tags = {t["Key"]: t["Value"] for t in volume["Tags"]}
    assert (tags["Name"], tags["nightshift:source"], tags["nightshift:flow"]) == ("data", snapshot, "night")
    assert result["volumes"][0]["snapshot_id"] == snapshot
    assert result["summary"] == "1 snapshot restored"


def test_latest_takes_the_newest_completed_one_of_each_volume(aws: TestAws, ec2: Any, make_volume: Any) -> None:
    first, second = make_volume(), make_volume()
    old_snapshot(first, 1, Backup="yes")
    newest = old_snapshot(first, 3, Backup="yes")
    pending = old_snapshot(first, 4, Backup="yes")
    copied = old_snapshot(make_volume(), 5, **{"Backup": "yes", "nightshift:source-volume": second})
    old_snapshot(second, 2, Backup="yes")

    def unfinished(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for snapshot in answer["Snapshots"] if operation == "DescribeSnapshots" else []:
            if snapshot["SnapshotId"] == pending:
                snapshot["State"] = "pending"

    aws.hooks.append(unfinished)
    result = drive(parts.create_volume, aws, {"tag": "Backup=yes", "latest": True, **ZONE}).result
    assert result["matched"] == result["changed"] == sorted([newest, copied])


def test_one_that_is_too_old_fails_and_the_others_are_restored(aws: TestAws, ec2: Any, make_volume: Any) -> None:
    fresh, old = old_snapshot(make_volume(), 9), old_snapshot(make_volume(), 8)
    aws.clock = datetime(2026, 1, 10, tzinfo=UTC).timestamp()
    params = {"snapshot_id": [fresh, old], "max_age": "26h", "on_failure": "continue", **ZONE}
    result = drive(parts.create_volume, aws, params).result
    assert result["changed"] == [fresh]
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(old, "SnapshotTooOld")]
    assert "more than 26h ago" in result["failed"][0]["message"]
    assert made_of(ec2, old) == []


def test_without_any_snapshot_it_fails_when_it_has_to_match(aws: TestAws) -> None:
    with pytest.raises(NoMatch):
        drive(parts.create_volume, aws, {"tag": "Backup=yes", "latest": True, "require_match": True, **ZONE})


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_worker_leaves_one_volume_of_each(aws: TestAws, ec2: Any, snap: Any, moment: str) -> None:
    ids = [snap() for _ in range(3)]
    left = [2]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    aws.faults["CreateVolume"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.create_volume, aws, {"snapshot_id": ids, **ZONE})
    assert (outcome.deaths, outcome.result["changed"]) == (1, sorted(ids))
    assert len(made_of(ec2, *ids)) == 3
    tokens = [params["ClientToken"] for params in aws.made("CreateVolume")]
    assert len(set(tokens)) == 3


def test_a_pending_snapshot_is_waited_for(aws: TestAws, snap: Any) -> None:
    snapshot = snap()
    aws.faults["CreateVolume"] = times(2, (400, "IncorrectState", "Snapshot is not in 'completed' state."))
    outcome = drive(parts.create_volume, aws, {"snapshot_id": snapshot, **ZONE})
    assert outcome.result["changed"] == [snapshot]
    assert sum(outcome.waits) >= 60


def test_one_that_ends_in_error_fails(aws: TestAws, snap: Any) -> None:
    snapshot = snap()

    def broken(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for volume in answer["Volumes"] if operation == "DescribeVolumes" else []:
            volume["State"] = "error"

    aws.hooks.append(broken)
    with pytest.raises(PartFailed, match=f"(?s)VolumeError.*'{snapshot}' failed: it is error"):
        drive(parts.create_volume, aws, {"snapshot_id": snapshot, **ZONE})


def test_a_missing_permission_is_named(aws: TestAws, snap: Any) -> None:
    aws.faults["CreateVolume"] = Fault(lambda p: (403, "UnauthorizedOperation", "You are not authorized."))
    with pytest.raises(AccessDenied, match="may not make a volume of snapshots"):
        drive(parts.create_volume, aws, {"snapshot_id": snap(), **ZONE})


def test_a_dry_run_makes_nothing(aws: TestAws, ec2: Any, snap: Any) -> None:
    ids = [snap(), snap()]
    result = drive(parts.create_volume, aws, {"snapshot_id": ids, "dry_run": True, **ZONE}).result
    assert (result["changed"], result["summary"]) == (sorted(ids), "would make a volume of 2 snapshots")
    assert made_of(ec2, *ids) == []


def _latest(aws: FaultyAws) -> dict[str, Any]:
    ec2 = client("ec2")
    for _ in range(2):
        volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8)["VolumeId"]
        old_snapshot(volume, 1, Backup="yes")
        old_snapshot(volume, 2, Backup="yes")
    UnkindVolumes(aws)
    return {"tag": "Backup=yes", "latest": True, **ZONE}


SCENARIOS = [Scenario("the latest of two", "ebs.create_volume", _latest)]

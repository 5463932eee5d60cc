"""ebs.modify_snapshot_tier and ebs.restore_snapshot_tier: into the archive, and out of it."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ebs as parts
from nightshift.local.fleet.faults import Fault as FleetFault
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts import honest
from tests.parts.driver import TestAws, drive
from tests.parts.ebs.snapshots import night, old_snapshot, own, volumes_of
from tests.parts.fleet import launch


@pytest.fixture
def made(world: World, snap: Any) -> Any:
    """made(Keep="yes") -> id of a new, completed snapshot."""

    def made(**tags: str) -> str:
        snapshot = str(snap(**tags))
        world.settle()
        return snapshot

    return made


def tier(ec2: Any, snapshot: str) -> tuple[str, str]:
    (told,) = ec2.describe_snapshot_tier_status(Filters=[{"Name": "snapshot-id", "Values": [snapshot]}])[
        "SnapshotTierStatuses"
    ]
    return told["StorageTier"], told.get("LastTieringOperationStatus", "")


def test_a_snapshot_is_archived_and_restored(aws: TestAws, ec2: Any, made: Any) -> None:
    one, two = sorted([made(Keep="yes"), made(Keep="yes")])
    outcome = drive(parts.modify_snapshot_tier, aws, {"tag": "Keep=yes"})
    assert outcome.result["changed"] == [one, two]
    assert sum(outcome.waits) > 400
    assert tier(ec2, one) == tier(ec2, two) == ("archive", "archival-completed")
    again = drive(parts.modify_snapshot_tier, aws, {"tag": "Keep=yes"}).result
    assert (again["changed"], again["skipped"][0]["reason"]) == ([], "already archived")
    drive(parts.restore_snapshot_tier, aws, {"snapshot_id": one})
    assert tier(ec2, one) == ("standard", "permanent-restore-completed")
    result = drive(parts.restore_snapshot_tier, aws, {"tag": "Keep=yes", "temporary_restore_days": 7}).result
    assert (result["changed"], result["skipped"][0]["id"]) == ([two], one)
    assert tier(ec2, two) == ("archive", "temporary-restore-completed")
    assert aws.made("RestoreSnapshotTier")[-1]["TemporaryRestoreDays"] == 7


def test_a_move_that_fails_is_told(aws: TestAws, ec2: Any, made: Any, world: World) -> None:
    one = made()
    world.faults.append(FleetFault("snapshot_error", times=1))
    with pytest.raises(PartFailed, match=r"ArchivalFailed: .* could not be archived: An internal error"):
        drive(parts.modify_snapshot_tier, aws, {"snapshot_id": one})
    assert tier(ec2, one)[0] == "standard"
    assert drive(parts.modify_snapshot_tier, aws, {"snapshot_id": one}, run=night(2)).result["changed"] == [one]


def test_young_and_pending_ones_are_not_archived(aws: TestAws, snap: Any, made: Any) -> None:
    pending = snap(Keep="yes")
    with pytest.raises(PartFailed, match="is pending"):
        drive(parts.modify_snapshot_tier, aws, {"snapshot_id": pending})
    result = drive(parts.modify_snapshot_tier, aws, {"snapshot_id": made(), "older_than": "99999d"}).result
    assert [s["reason"] for s in result["skipped"]] == ["not older than 99999d"]
    assert aws.made("ModifySnapshotTier") == []


def test_archived_ones_are_no_generations(aws: TestAws, ec2: Any, make_volume: Any, world: World) -> None:
    volume = make_volume()
    world.settle()
    params = {"volume_id": volume, "generation": 1}
    first = drive(parts.create_snapshot, aws, params, run=night(1)).result["snapshot_ids"]
    drive(parts.modify_snapshot_tier, aws, {"snapshot_id": first})
    for number in (2, 3):
        aws.clock += 86_400
        last = drive(parts.create_snapshot, aws, params, run=night(number)).result
    assert own(ec2) == {*first, *last["snapshot_ids"]}


def test_a_dry_run_moves_nothing(aws: TestAws, ec2: Any, made: Any) -> None:
    one = made()
    dry = drive(parts.modify_snapshot_tier, aws, {"snapshot_id": one, "dry_run": True}).result
    assert (dry["changed"], tier(ec2, one)[0]) == ([one], "standard")


def test_days_that_aws_does_not_take_are_refused(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="1 to 180"):
        drive(parts.restore_snapshot_tier, aws, {"snapshot_id": "snap-1", "temporary_restore_days": 181})


def _old(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    for volume in volumes_of(launch(2)):
        old_snapshot(volume, 1, Keep="yes")
    world.settle()
    return {"tag": "Keep=yes"}


def _archived(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    for volume in volumes_of(launch(2)):
        snapshot = old_snapshot(volume, 1, Keep="yes")
        world.settle()
        client("ec2").modify_snapshot_tier(SnapshotId=snapshot, StorageTier="archive")
    world.settle()
    return {"tag": "Keep=yes"}


SCENARIOS = [
    Scenario("two of a tag", "ebs.modify_snapshot_tier", _old),
    Scenario("two of a tag", "ebs.restore_snapshot_tier", _archived),
]

"""ebs.delete_snapshot: which go, which stay, and what is left after a crash."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import Fault, Killed, TestAws, drive
from tests.parts.ebs.snapshots import night, old_snapshot, own, volumes_of
from tests.parts.fleet import launch


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


def test_snapshots_of_aws_backup_and_locked_ones_are_left_alone(aws: TestAws, ec2: Any, snap: Any) -> None:
    free, tagged, backup, locked, coded = [snap() for _ in range(5)]
    ec2.create_tags(Resources=[tagged], Tags=[{"Key": "aws:backup:source-resource", "Value": "vol-1"}])
    service = "This snapshot is managed by the AWS Backup service and cannot be deleted via EC2 APIs."
    refused = {
        backup: (400, "InvalidParameterValue", service),
        locked: (400, "OperationNotPermitted", f"The snapshot {locked} is locked"),
        coded: (400, "SnapshotLocked", "It can be deleted in a year"),
    }
    aws.faults["DeleteSnapshot"] = Fault(lambda p: refused.get(p["SnapshotId"]))
    result = drive(parts.delete_snapshot, aws, {"snapshot_id": [free, tagged, backup, locked, coded]}).result
    assert result["changed"] == [free]
    assert result["failed"] == []
    assert {s["id"]: s["reason"] for s in result["skipped"]} == {
        tagged: "is managed by AWS Backup; delete its recovery point there",
        backup: service,
        locked: f"The snapshot {locked} is locked",
        coded: "It can be deleted in a year",
    }


def by_tag(aws: FaultyAws) -> dict[str, Any]:
    (volume,) = volumes_of(launch(1))
    for day in (1, 2):
        old_snapshot(volume, day, Purpose="test")
    old_snapshot(volume, 3)
    return {"tag": "Purpose=test"}


SCENARIOS = [Scenario("by tag", "ebs.delete_snapshot", by_tag)]

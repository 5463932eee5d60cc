"""ebs.create_snapshot: which generations are kept, and what may not be deleted."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import ebs as parts
from tests.parts.driver import THROTTLED, Fault, Killed, TestAws, drive, times
from tests.parts.ebs.snapshots import night
from tests.parts.unkind import Unkind

pytestmark = pytest.mark.usefixtures("start_times")


def test_rotation_keeps_the_newest_and_never_fewer(aws: TestAws, ec2: Any, make_volume: Any, existing: Any) -> None:
    unkind = Unkind(aws, snapshot=60)
    volumes = [make_volume(Backup="nightly"), make_volume(Backup="nightly")]
    lowest: list[int] = []

    def completed(volume: str) -> int:
        return sum(aws.now() - unkind.created[s] >= unkind.snapshot for s in existing(volume))

    def watch(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DeleteSnapshot":
            lowest.append(min(completed(v) for v in volumes))

    aws.hooks.append(watch)
    made = []
    for number in range(5):
        aws.clock += 86400
        params = {"volume_tag": "Backup=nightly", "generation": 2}
        outcome = drive(parts.create_snapshot, aws, params, run=night(number))
        made.append(outcome.result["snapshot_ids"])
        assert all(len(existing(v)) == min(number + 1, 2) for v in volumes)
    assert sorted(outcome.result["deleted"]) == sorted(made[2])
    assert sorted(g["snapshot_id"] for g in outcome.result["generations"]) == sorted(made[3] + made[4])
    assert min(lowest) == 2
    assert outcome.result["summary"] == "2 volumes snapshotted; deleted 2 old snapshots"


def test_rotation_waits_until_the_new_snapshot_is_listed(aws: TestAws, make_volume: Any, existing: Any) -> None:
    """Descriptions lag: without the new snapshot in the list there is no count to rely on."""
    volume = make_volume()
    params = {"volume_id": volume, "generation": 1}
    first = drive(parts.create_snapshot, aws, params, run=night(1)).result["snapshot_ids"]
    lag = [3]

    def hide(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        by_flow = any(f["Name"] == "tag:nightshift:flow" for f in params.get("Filters", []))
        if operation == "DescribeSnapshots" and by_flow and lag[0]:
            lag[0] -= 1
            answer["Snapshots"] = [s for s in answer["Snapshots"] if s["SnapshotId"] in first]

    aws.hooks.append(hide)
    result = drive(parts.create_snapshot, aws, params, run=night(2)).result
    assert lag == [0]
    assert result["deleted"] == first
    assert existing(volume) == result["snapshot_ids"]


def test_rotation_touches_only_what_this_flow_made_of_this_volume(
    aws: TestAws, ec2: Any, make_volume: Any, existing: Any
) -> None:
    volume, other = make_volume(), make_volume()
    by_hand = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    params = {"volume_id": volume, "generation": 1}
    theirs = drive(parts.create_snapshot, aws, params, run=night(1, flow="weekly")).result["snapshot_ids"]
    of_other = drive(parts.create_snapshot, aws, {"volume_id": other, "generation": 1}, run=night(2)).result
    first = drive(parts.create_snapshot, aws, params, run=night(3)).result["snapshot_ids"]
    second = drive(parts.create_snapshot, aws, params, run=night(4)).result
    assert second["deleted"] == first
    assert set(existing(volume, other)) == {
        by_hand,
        *theirs,
        *second["snapshot_ids"],
        *of_other["snapshot_ids"],
    }


def test_nothing_is_deleted_when_the_new_snapshot_fails(aws: TestAws, make_volume: Any, existing: Any) -> None:
    unkind = Unkind(aws)
    good, bad = make_volume(Backup="nightly"), make_volume(Backup="nightly")
    params = {"volume_tag": "Backup=nightly", "generation": 1, "on_failure": "continue"}
    before = drive(parts.create_snapshot, aws, params, run=night(1)).result
    unkind.broken.add(bad)
    unkind.snapshot = 10
    kept = [s["snapshot_id"] for s in before["snapshots"] if s["volume_id"] == bad]
    after = drive(parts.create_snapshot, aws, params, run=night(2)).result
    assert after["changed"] == [good]
    assert [(f["id"], f["error"]) for f in after["failed"]] == [(bad, "SnapshotError")]
    assert "The key of the volume is disabled" in after["failed"][0]["message"]
    assert set(kept) <= set(existing(bad))
    assert len(existing(good)) == 1


def test_an_old_snapshot_in_use_is_kept_reported_and_stops_no_other(aws: TestAws, make_volume: Any) -> None:
    volumes = [make_volume(Backup="nightly") for _ in range(2)]
    params = {"volume_tag": "Backup=nightly", "generation": 1}
    first = drive(parts.create_snapshot, aws, params, run=night(1)).result["snapshot_ids"]
    refused = (400, "InvalidSnapshot.InUse", f"The snapshot {first[0]} is currently in use by ami-1")
    aws.faults["DeleteSnapshot"] = Fault(lambda p: refused if p["SnapshotId"] == first[0] else None)
    result = drive(parts.create_snapshot, aws, params, run=night(2)).result
    assert result["deleted"] == first[1:]
    assert result["changed"] == sorted(volumes)
    assert result["skipped"][0]["id"] == first[0]
    assert result["matched"] == sorted(volumes)
    assert "in use by ami-1" in result["warnings"][0]


def test_an_old_snapshot_that_may_not_be_deleted_fails_the_step_after_the_others(
    aws: TestAws, make_volume: Any
) -> None:
    for _ in range(2):
        make_volume(Backup="nightly")
    params = {"volume_tag": "Backup=nightly", "generation": 1}
    first = drive(parts.create_snapshot, aws, params, run=night(1)).result["snapshot_ids"]
    refused = (403, "UnauthorizedOperation", "You are not authorized to perform this operation.")
    aws.faults["DeleteSnapshot"] = Fault(lambda p: refused if p["SnapshotId"] == first[0] else None)
    with pytest.raises(PartFailed, match=f"{first[0]}  UnauthorizedOperation"):
        drive(parts.create_snapshot, aws, params, run=night(2))
    assert {p["SnapshotId"] for p in aws.made("DeleteSnapshot")} == set(first)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_while_deleting_goes_on(aws: TestAws, make_volume: Any, existing: Any, moment: str) -> None:
    volumes = [make_volume(Backup="nightly") for _ in range(3)]
    params = {"volume_tag": "Backup=nightly", "generation": 1}
    first = drive(parts.create_snapshot, aws, params, run=night(1)).result["snapshot_ids"]
    left = [2]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    aws.faults["DeleteSnapshot"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.create_snapshot, aws, params, run=night(2))
    assert outcome.deaths == 1
    assert sorted(outcome.result["deleted"]) == sorted(first)
    assert [len(existing(v)) for v in volumes] == [1] * 3


def test_throttled_deletes_are_carried_on(aws: TestAws, make_volume: Any) -> None:
    make_volume(Backup="nightly")
    params = {"volume_tag": "Backup=nightly", "generation": 1}
    first = drive(parts.create_snapshot, aws, params, run=night(1)).result["snapshot_ids"]
    aws.faults["DeleteSnapshot"] = times(2, THROTTLED)
    assert drive(parts.create_snapshot, aws, params, run=night(2)).result["deleted"] == first


def test_deletions_that_older_code_began_go_on(aws: TestAws, make_volume: Any, existing: Any) -> None:
    """In states without a version the deletions stood among the groups of the volumes."""
    volume = make_volume()
    params = {"volume_id": volume, "generation": 1}
    made = [
        drive(parts.create_snapshot, aws, {"volume_id": volume}, run=night(n)).result["snapshot_ids"][0] for n in (1, 2)
    ]
    groups = {"matched": [volume], "done": [volume], "made of": [volume], "made": made[1:]}
    groups |= {"doomed": ["snap-0aaaaaaaaaaaaaaa1", made[0]], "deleted": ["snap-0aaaaaaaaaaaaaaa1"], "delete": made[:1]}
    part = {"ids": groups, "about": {}, "rotating": True, "created_at": aws.now()}
    state = {"started": aws.now(), "looks": 1, "part": part, "waiting_for": ""}
    reply = parts.create_snapshot.invoke(aws, night(2), params, state)
    assert reply["done"]
    assert reply["result"]["deleted"] == ["snap-0aaaaaaaaaaaaaaa1", made[0]]
    assert existing(volume) == made[1:]


def test_by_age_the_older_ones_go(aws: TestAws, make_volume: Any, existing: Any, start_times: Any) -> None:
    volume = make_volume()
    for number in range(4):
        result = drive(parts.create_snapshot, aws, {"volume_id": volume, "keep": "60h"}, run=night(number)).result
        aws.clock += 24 * 3600
    assert len(existing(volume)) == 3
    assert len(result["deleted"]) == 1
    params = {"volume_id": volume, "keep": "36h", "dry_run": True}
    assert len(drive(parts.create_snapshot, aws, params, run=night(9)).result["deleted"]) == 2

"""Snapshots of volumes, as `lambdas.engine.making` makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call
from lambdas.engine.generations import Made, MakingResult
from lambdas.engine.making import SHOWN, Making
from lambdas.engine.selection import timestamp
from lambdas.engine.tags import tags_for
from lambdas.parts.ebs import _snapshots
from lambdas.parts.ebs._snapshots import VOLUME, SnapshotRecord, record
from lambdas.parts.ebs._volumes import Volume, by_id
from lambdas.parts.ec2._instances import Instance
from lambdas.parts.ec2._snapshots import Snapshot
from lambdas.parts.ec2._snapshots import by_id as snapshots_by_id


@dataclass
class CreateSnapshotResult(MakingResult):
    """Result of ebs.create_snapshot.

    matched: ids of the selected volumes.
    changed: ids of the volumes that have a new, completed snapshot.
    snapshot_ids: ids of the new snapshots, each completed.
    snapshots: the new snapshots (the first 100).
    generations: the completed snapshots of this flow that are kept, the newest first (the first 100).
    deleted: ids of the snapshots deleted by rotation.
    """

    snapshot_ids: list[str] = field(default_factory=list)
    snapshots: list[SnapshotRecord] = field(default_factory=list)
    generations: list[SnapshotRecord] = field(default_factory=list)


class Backup(Making[CreateSnapshotResult]):
    """Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API"; Amazon EBS User Guide, "Amazon EBS quotas"."""

    verb, done_verb, noun, product, products = "snapshot", "snapshotted", "volume", "snapshot", "snapshots"
    gone = frozenset({"InvalidSnapshot.NotFound"})
    in_use = frozenset({"InvalidSnapshot.InUse", "SnapshotLocked"})
    target_busy = {"SnapshotCreationPerVolumeRateExceeded": 15}  # noqa: RUF012
    account_busy = frozenset(
        {"ConcurrentSnapshotLimitExceeded", "PendingSnapshotLimitExceeded", "MaximumSnapshotsInProgress"}
    )

    def __init__(self, call: Call, description: str, generation: int | None) -> None:
        super().__init__(call, generation)
        self.description = description

    def note_instances(self, instances: list[Instance]) -> None:
        """Keep the instances whose volumes are snapshotted for the result."""
        kept = ("InstanceId", "BlockDeviceMappings", "Tags")
        self.state["instances"] = [{k: i[k] for k in kept if k in i} for i in instances[:SHOWN]]

    def of_call(self) -> list[Made]:
        return [_made(s) for s in _snapshots.of_call(self.call)]

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        found = _snapshots.completed_of_flow(self.call, targets)
        return {volume: [_made(s) for s in of_volume] for volume, of_volume in found.items()}

    def by_id(self, products: list[str]) -> list[Made]:
        return [_made(s) for s in snapshots_by_id(self.call, products)]

    def describe(self, targets: list[str]) -> dict[str, Volume]:
        found = by_id(self.call, targets)
        for ids, code, message in found.failed:
            self.progress.fail(ids, code, message)
        return {v["VolumeId"]: v for v in found.items}

    def create(self, target: Volume, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        tags, dropped = tags_for(self.call.run, {VOLUME: target["VolumeId"]}, target.get("Tags"))
        answer = self.call.client("ec2").create_snapshot(
            VolumeId=target["VolumeId"],
            Description=self.description,
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            DryRun=dry_run,
        )
        if dropped:
            self.warn(f"{target['VolumeId']}: {dropped} of its tags did not fit the 50 tags of a snapshot")
        kept = ("SnapshotId", "VolumeId", "State", "VolumeSize", "Description")
        short = {k: answer[k] for k in kept if k in answer}
        return answer["SnapshotId"], {**short, "StartTime": timestamp(answer["StartTime"])}

    def delete(self, product: str, *, dry_run: bool) -> None:
        self.call.client("ec2").delete_snapshot(SnapshotId=product, DryRun=dry_run)

    def empty(self) -> CreateSnapshotResult:
        return CreateSnapshotResult()

    def fill(self, result: CreateSnapshotResult, details: list[Made], kept: list[Made]) -> CreateSnapshotResult:
        made = self.made()
        result.snapshot_ids = [made[v] for v in result.changed if v in made]
        result.snapshots = [record(m.raw) for m in details]
        result.generations = [record(m.raw) for m in kept]
        result.responses = {
            "DescribeInstancesResponse": {"Reservations": [{"Instances": self.state.get("instances", [])}]},
            "DescribeVolumesResponse": {"Volumes": list(self.state.get("about", {}).values())},
            "CreateSnapshotResponse": self.state.get("answers", []),
            "DescribeSnapshotsResponse": {"Snapshots": [m.raw for m in details], "Generations": [m.raw for m in kept]},
            "SnapshotResult": _by_volume(details, kept),
            "DeleteSnapshotResponse": [{"SnapshotId": s, "Return": True} for s in result.deleted[:SHOWN]],
        }
        return result


def _by_volume(details: list[Made], kept: list[Made]) -> list[dict[str, Any]]:
    """For mail templates, which cannot group: each volume with its new snapshot and the generations kept."""
    return [
        {
            "VolumeId": made.target,
            "SnapshotId": made.id,
            "Generations": [m.raw for m in kept if m.target == made.target],
        }
        for made in details
    ]


def _made(snapshot: Snapshot) -> Made:
    states = {"completed": "completed", "error": "failed"}
    return Made(
        id=snapshot["SnapshotId"],
        target=snapshot["VolumeId"],
        state=states.get(snapshot["State"], "pending"),
        reason=snapshot.get("StateMessage", ""),
        at=snapshot["StartTime"],
        raw=snapshot,
    )

"""Copies of snapshots, in the same or another Region, as `lambdas.engine.making` makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lambdas.contract.part import Call
from lambdas.engine.generations import Made, MakingResult
from lambdas.engine.making import SHOWN, Making
from lambdas.engine.selection import tag_map
from lambdas.engine.tags import tags_for
from lambdas.parts.ebs import _snapshots
from lambdas.parts.ebs._snapshots import SOURCE, SOURCE_VOLUME, VOLUME, SnapshotRecord, record
from lambdas.parts.ec2._snapshots import Snapshot, by_id


@dataclass
class CopySnapshotResult(MakingResult):
    """Result of ebs.copy_snapshot.

    matched: ids of the selected snapshots.
    changed: ids of the snapshots that have a completed copy.
    snapshot_ids: ids of the copies, each completed.
    snapshots: the copies (the first 100).
    generations: the completed copies of this flow that are kept, the newest first (the first 100).
    deleted: ids of the copies deleted by rotation.
    region: the Region the copies are in.
    """

    snapshot_ids: list[str] = field(default_factory=list)
    snapshots: list[SnapshotRecord] = field(default_factory=list)
    generations: list[SnapshotRecord] = field(default_factory=list)
    region: str = ""


class Copying(Making[CopySnapshotResult]):
    """Amazon EBS User Guide, "Copy an Amazon EBS snapshot", "Amazon EBS quotas"."""

    verb, done_verb, noun, product, products = "copy", "copied", "snapshot", "copy", "copies"
    gone = frozenset({"InvalidSnapshot.NotFound"})
    in_use = frozenset({"InvalidSnapshot.InUse", "SnapshotLocked"})
    # A snapshot can be copied once it is completed.
    target_busy = {"IncorrectState": 30, "InvalidSnapshot.NotReady": 30}  # noqa: RUF012
    account_busy = frozenset({"ResourceLimitExceeded", "ConcurrentSnapshotLimitExceeded"})

    def __init__(
        self, call: Call, *, region: str | None, key: str | None, description: str, generation: int | None
    ) -> None:
        super().__init__(call, generation)
        self.region = region
        self.key = key
        self.description = description

    def of_call(self) -> list[Made]:
        return [_made(s) for s in _snapshots.of_call(self.call, self.region)]

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        volumes = self._source_volumes(targets)
        found = _snapshots.copies_of_flow(self.call, self.region, sorted(set(volumes.values())))
        return {target: [_made(s) for s in found[volume]] for target, volume in volumes.items()}

    def _source_volumes(self, targets: list[str]) -> dict[str, str]:
        """Snapshot -> its volume; the generations are those of a volume, not of a snapshot."""
        known = {t: source_volume(self.state["about"][t]) for t in targets if t in self.state["about"]}
        unknown = [t for t in targets if t not in known]
        return known | {s["SnapshotId"]: source_volume(s) for s in by_id(self.call, unknown)}

    def by_id(self, products: list[str]) -> list[Made]:
        return [_made(s) for s in by_id(self.call, products, self.region)]

    def describe(self, targets: list[str]) -> dict[str, Snapshot]:
        found = {s["SnapshotId"]: s for s in by_id(self.call, targets)}
        gone = [t for t in targets if t not in found]
        self.progress.fail(gone, "InvalidSnapshot.NotFound", "The snapshot '{id}' does not exist")
        return found

    def create(self, target: Snapshot, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        source = target["SnapshotId"]
        tags, dropped = tags_for(
            self.call.run, {SOURCE: source, SOURCE_VOLUME: source_volume(target)}, target.get("Tags")
        )
        if dropped:
            self.warn(f"{source}: {dropped} of its tags did not fit the 50 tags of a snapshot")
        answer = self.call.client("ec2", region=self.region).copy_snapshot(
            SourceRegion=self.call.client("ec2").meta.region_name,
            SourceSnapshotId=source,
            Description=self.description or target.get("Description", ""),
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            DryRun=dry_run,
            **({"Encrypted": True, "KmsKeyId": self.key} if self.key else {}),
        )
        return answer["SnapshotId"], {"SnapshotId": answer["SnapshotId"], "SourceSnapshotId": source}

    def delete(self, product: str, *, dry_run: bool) -> None:
        self.call.client("ec2", region=self.region).delete_snapshot(SnapshotId=product, DryRun=dry_run)

    def empty(self) -> CopySnapshotResult:
        return CopySnapshotResult(region=self.call.client("ec2", region=self.region).meta.region_name)

    def fill(self, result: CopySnapshotResult, details: list[Made], kept: list[Made]) -> CopySnapshotResult:
        made = self.made()
        result.snapshot_ids = [made[s] for s in result.changed if s in made]
        result.snapshots = [record(m.raw) for m in details]
        result.generations = [record(m.raw) for m in {m.id: m for m in kept}.values()]
        result.responses = {
            "CopySnapshotResponse": self.state.get("answers", []),
            "DescribeSnapshotsResponse": {"Snapshots": [m.raw for m in details], "Generations": [m.raw for m in kept]},
            "DeleteSnapshotResponse": [{"SnapshotId": s, "Return": True} for s in result.deleted[:SHOWN]],
        }
        return result


def source_volume(snapshot: Snapshot) -> str:
    """The volume a snapshot, or the original of a copy, was made of."""
    tags = tag_map(snapshot.get("Tags"))
    return tags.get(SOURCE_VOLUME) or tags.get(VOLUME) or str(snapshot["VolumeId"])


def _made(copy: Snapshot) -> Made:
    states = {"completed": "completed", "error": "failed"}
    return Made(
        id=copy["SnapshotId"],
        target=tag_map(copy.get("Tags")).get(SOURCE, ""),
        state=states.get(copy["State"], "pending"),
        reason=copy.get("StateMessage", ""),
        at=copy["StartTime"],
        raw=copy,
    )

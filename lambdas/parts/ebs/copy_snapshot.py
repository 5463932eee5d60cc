"""ebs.copy_snapshot: a completed copy of each snapshot, in the same or another Region, and the newest kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.generations import Made, MakingResult, Retention
from lambdas.engine.making import SHOWN
from lambdas.engine.rotation import Rotating
from lambdas.engine.selection import ChangeSnapshots, Selection, selected, tag_map
from lambdas.engine.stages import Failed, Verdict
from lambdas.engine.tags import tags_for
from lambdas.parts.ebs._shared import snapshots
from lambdas.parts.ebs._shared.permissions import SNAPSHOTS
from lambdas.parts.ebs._shared.snapshots import (
    SOURCE,
    SOURCE_VOLUME,
    SnapshotRecord,
    check_description,
    made,
    record,
    tagged_volume,
)
from lambdas.parts.ebs._shared.volumes import by_id as volumes_by_id
from lambdas.parts.ec2._shared.images import AGAIN, Snapshot, delete, not_deleted, snapshots_by_id
from lambdas.parts.ec2._shared.permissions import COPY_KEYS, GRANT_KEYS


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


@part(
    allow=(
        Allow(("ec2:DescribeSnapshots", "ec2:DescribeVolumes")),
        # The snapshot that is copied has an id, the copy none yet: it has to carry the tag of the flow.
        Allow(("ec2:CopySnapshot",), ("arn:${AWS::Partition}:ec2:*::snapshot/snap-*",)),
        Allow(("ec2:CopySnapshot",), SNAPSHOTS, {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
        Allow(("ec2:CreateTags",), SNAPSHOTS, {"StringEquals": {"ec2:CreateAction": "CopySnapshot"}}),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS, {"StringLike": {"aws:ResourceTag/nightshift:source": "?*"}}),
        GRANT_KEYS,
        COPY_KEYS,
    ),
    cost="Storage of the copies, and data transfer to another Region; a copy with another key, and the first one in a "
    "Region, is a full copy. `generation` or `keep` bounds the storage; what they delete and a rule of Recycle Bin "
    "retains is billed until it leaves there.",
    hints={
        "CopyError": "Usually the encryption key in the target Region is disabled or its policy leaves out the role."
    },
    timeout="12h",
    interval=30,
)
def copy_snapshot(
    call: Call,
    *,
    to_region: str | None = None,
    kms_key_id: str | None = None,
    description: str = "",
    generation: int | None = None,
    keep: str | None = None,
    daily: int | None = None,
    weekly: int | None = None,
    monthly: int | None = None,
    **common: Unpack[ChangeSnapshots],
) -> CopySnapshotResult | Pending:
    """Copy snapshots to another Region, or within one, wait until the copies are completed, and keep the newest.

    A copy gets the tags of the snapshot, and nightshift:flow, nightshift:run, nightshift:call, nightshift:source and
    nightshift:source-volume. What exceeds the quota of concurrent copies waits (Amazon EBS User Guide, "Amazon EBS
    quotas"). With an encryption key of your own the key's policy has to allow the role of this part to use it.

    Rotation: when the copies are completed, the completed copies in the target Region that this flow made of the same
    volume's snapshots are looked at, and those that no parameter keeps are deleted. Which volume that is tell
    the tags of ebs.create_snapshot and of this part, else the snapshot, when its volume exists: the volume id of a
    snapshot that something else copied is arbitrary ("CopySnapshot", Amazon EC2 API Reference). Of a snapshot whose
    volume is not known all copies are kept, with a warning.

    Parameters:
    snapshot_id: ids, as a list or as "snap-1;snap-2"; `snapshots.snapshot_ids` of ebs.create_snapshot.
    tag: "Copy=osaka", or a list of which all must match; `*` and `?` are wildcards. With snapshot_id: of those, the
        ones with the tag.
    to_region: Region of the copies; default: the Region of the snapshots.
    kms_key_id: key, in the target Region, to encrypt the copies with; default: as the original is.
    description: description of the copies, at most 255 characters; default: that of the original.
    generation: newest completed copies to keep of each volume, at least 1. Without generation, keep, daily, weekly and
        monthly all are kept.
    keep: keep those that are not older, such as "30d".
    daily: keep the newest of each of the last so many days (UTC) in which there is one.
    weekly: the same of weeks, which begin on Monday.
    monthly: the same of months.

    Result: CopySnapshotResult.

    Errors:
    PartFailed: a snapshot does not exist, a copy ended in error, or an old one could not be deleted.
    PartTimeout: a copy was not completed when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not copy snapshots.
    InvalidParameter: no selection is given, generation, daily, weekly or monthly is less than 1, or
        keep is no duration.

    Example:
        from lambdas.parts import ebs
        from nightshift import cron, flow


        @flow(schedule=cron("0 3 * * ? *", timezone="Asia/Tokyo"), timeout="12h")
        def copies_for_a_disaster():
            \"\"\"Snapshot the databases' volumes, and keep the copies of a week in another Region.\"\"\"
            made = ebs.create_snapshot(volume_tag="Role=database", generation=2)
            copied = ebs.copy_snapshot(snapshot_id=made.snapshot_ids, to_region="ap-northeast-3", generation=7)
            return copied.summary
    """
    retention = Retention(generation, keep, daily, weekly, monthly)
    check_description(description)
    copying = Copying(call, selected(common, "snapshot_id"), to_region, kms_key_id, description, retention)
    return copying.run()


class Copying(Rotating[CopySnapshotResult]):
    """Amazon EBS User Guide, "Copy an Amazon EBS snapshot", "Amazon EBS quotas"."""

    verb, done, noun, product, products = "copy", "copied", "snapshot", "copy", "copies"
    result = CopySnapshotResult
    gone = "InvalidSnapshot.NotFound"
    again = frozenset({AGAIN})
    # A snapshot can be copied once it is completed.
    busy = {"IncorrectState": 30, "InvalidSnapshot.NotReady": 30}  # noqa: RUF012
    full = frozenset({"ResourceLimitExceeded", "ConcurrentSnapshotLimitExceeded"})

    def __init__(
        self,
        call: Call,
        selection: Selection,
        region: str | None,
        key: str | None,
        description: str,
        retention: Retention,
    ) -> None:
        super().__init__(call, retention)
        self.selection = selection
        self.region = region
        self.key = key
        self.description = description
        self.client = call.client("ec2", region=region)
        self._exists: dict[str, bool] = {}

    def targets(self) -> dict[str, Snapshot]:
        found = snapshots.find_snapshots(self.call, self.selection, self.progress)
        # By tag also the copies of earlier runs are found, as the tags travel: those are not copied again.
        by_name = self.selection.ids is not None
        return {s["SnapshotId"]: s for s in found if by_name or SOURCE not in tag_map(s.get("Tags"))}

    def population(self) -> int:
        return snapshots.population(self.call)

    def describe(self, targets: list[str]) -> dict[str, Snapshot | Failed]:
        gone = Failed("InvalidSnapshot.NotFound", "The snapshot '{id}' does not exist")
        return dict.fromkeys(targets, gone) | {s["SnapshotId"]: s for s in snapshots_by_id(self.call, targets)}

    def create(self, target: Snapshot, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        source = target["SnapshotId"]
        volume = self._volumes_of([target]).get(source)
        origin = {SOURCE: source, **({SOURCE_VOLUME: volume} if volume else {})}
        tags, dropped = tags_for(self.call.run, origin, target.get("Tags"))
        if dropped:
            self.warn(f"{source}: {dropped} of its tags did not fit the 50 tags of a snapshot")
        answer = self.client.copy_snapshot(
            SourceRegion=self.call.client("ec2").meta.region_name,
            SourceSnapshotId=source,
            Description=self.description or target.get("Description", ""),
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
            DryRun=dry_run,
            **({"Encrypted": True, "KmsKeyId": self.key} if self.key else {}),
        )
        return answer["SnapshotId"], {"SnapshotId": answer["SnapshotId"], "SourceSnapshotId": source}

    def of_call(self) -> list[Made]:
        return [_made(s) for s in snapshots.of_call(self.call, self.region)]

    def of_flow(self, targets: list[str]) -> dict[str, list[Made]]:
        volumes = self._origins(targets)
        found: dict[str, list[Made]] = {volume: [] for volume in volumes.values()}
        for copy, tags in snapshots.completed_of_flow(self.call, {"tag-key": [SOURCE]}, self.region):
            volume = tags.get(SOURCE_VOLUME, "")
            if volume in found and tags.get(SOURCE):
                found[volume].append(_made(copy))
        return {target: found[volume] for target, volume in volumes.items()}

    def _origins(self, targets: list[str]) -> dict[str, str]:
        """Snapshot -> its volume, where that is known; the generations are those of a volume, not of a snapshot."""
        shown = [self.state["about"][t] for t in targets if t in self.state["about"]]
        others = snapshots_by_id(self.call, [t for t in targets if t not in self.state["about"]])
        return self._volumes_of([*shown, *others])

    def _volumes_of(self, snapshots: list[Snapshot]) -> dict[str, str]:
        tagged = {s["SnapshotId"]: tagged_volume(s) for s in snapshots}
        asked = {s["VolumeId"] for s in snapshots if not tagged[s["SnapshotId"]]} - set(self._exists)
        if asked:
            existing = {v["VolumeId"] for v in volumes_by_id(self.call, sorted(asked)).items}
            self._exists |= {volume: volume in existing for volume in asked}
        found = {s["SnapshotId"]: s["VolumeId"] for s in snapshots if self._exists.get(s["VolumeId"])}
        return found | {snapshot: volume for snapshot, volume in tagged.items() if volume}

    def by_id(self, products: list[str]) -> list[Made]:
        return [_made(s) for s in snapshots_by_id(self.call, products, self.region)]

    def delete(self, product: str, *, dry_run: bool) -> None:
        delete(self.call, product, dry_run, self.region)

    def not_deleted(self, product: str, code: str, message: str) -> Verdict | None:
        return not_deleted(product, code, message)

    def fill(self, result: CopySnapshotResult, details: list[Made]) -> None:
        if self.retention and result.changed:
            known = self._origins(result.changed)
            lost = [s for s in result.changed if s not in known]
            text = "its volume is not known, so that no generations of its copies are counted: all are kept"
            result.warnings = [*result.warnings, *(f"{s}: {text}" for s in lost)][:SHOWN]
        kept = self.kept()
        result.region = self.client.meta.region_name
        result.snapshot_ids = [self.made[s] for s in result.changed if s in self.made]
        result.snapshots = [record(m.raw) for m in details]
        result.generations = [record(m.raw) for m in {m.id: m for m in kept}.values()]
        result.responses = {
            "CopySnapshotResponse": self.state.get("answers", []),
            "DescribeSnapshotsResponse": {"Snapshots": [m.raw for m in details], "Generations": [m.raw for m in kept]},
            "DeleteSnapshotResponse": [{"SnapshotId": s, "Return": True} for s in self.deleted[:SHOWN]],
        }


def _made(copy: Snapshot) -> Made:
    return made(copy, of=tag_map(copy.get("Tags")).get(SOURCE, ""))

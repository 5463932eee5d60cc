"""ebs.create_volume: an available volume of each snapshot.

The request carries a client token that the same call always gives: EC2 answers a repeated request with the volume that
the first one made ("Ensuring idempotency in Amazon EC2 API requests", Amazon EC2 Developer Guide).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Unpack

from lambdas.contract.part import Allow, Call, Pending, part, seconds
from lambdas.engine.generations import Made, MakingResult
from lambdas.engine.making import Making
from lambdas.engine.selection import ChangeSnapshots, Selection, selected, tag_map
from lambdas.engine.stages import Failed
from lambdas.engine.tags import call_filter, client_token, tags_for
from lambdas.parts.ebs._shared import snapshots, volumes
from lambdas.parts.ebs._shared.permissions import SNAPSHOTS, VOLUMES
from lambdas.parts.ebs._shared.snapshots import SOURCE, find_snapshots, tagged_volume
from lambdas.parts.ebs._shared.volumes import Volume, VolumeRecord, record
from lambdas.parts.ec2._shared.images import Snapshot, snapshots_by_id
from lambdas.parts.ec2._shared.permissions import COPY_KEYS, GRANT_KEYS

_STATES = {"creating": "pending", "available": "completed", "in-use": "completed"}


@dataclass
class CreateVolumeResult(MakingResult):
    """Result of ebs.create_volume.

    matched: ids of the selected snapshots.
    changed: ids of the snapshots of which there is a new, available volume.
    volume_ids: ids of the new volumes.
    volumes: the new volumes (the first 100).
    """

    volume_ids: list[str] = field(default_factory=list)
    volumes: list[VolumeRecord] = field(default_factory=list)


@part(
    allow=(
        Allow(("ec2:DescribeSnapshots", "ec2:DescribeVolumes")),
        Allow(("ec2:CreateVolume",), SNAPSHOTS),
        Allow(("ec2:CreateVolume",), VOLUMES, {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
        Allow(("ec2:CreateTags",), VOLUMES, {"StringEquals": {"ec2:CreateAction": "CreateVolume"}}),
        GRANT_KEYS,
        COPY_KEYS,
    ),
    cost="A volume is billed by the second for its size, attached or not, until ebs.delete_volume.",
    hints={
        "SnapshotTooOld": "Look at the flow that should have made a snapshot since: its last run, and what it selects.",
        "VolumeLimitExceeded": "Delete volumes that nobody needs (ebs.delete_volume), or ask for a higher quota.",
    },
    interval=5,
)
def create_volume(
    call: Call,
    *,
    availability_zone: str,
    latest: bool = False,
    max_age: str | None = None,
    volume_type: Literal["gp2", "gp3", "io1", "io2", "sc1", "st1", "standard"] = "gp3",
    size: int | None = None,
    iops: int | None = None,
    throughput: int | None = None,
    kms_key_id: str | None = None,
    **common: Unpack[ChangeSnapshots],
) -> CreateVolumeResult | Pending:
    """Create a volume of each snapshot, and wait until the volumes are available.

    A volume gets the tags of the snapshot, and nightshift:flow, nightshift:run, nightshift:call and nightshift:source.
    Blocks are loaded from the snapshot when they are first read, which is slow (Amazon EBS User Guide, "Initialize
    Amazon EBS volumes"). With an encryption key of your own the key's policy has to allow the role of this part to use
    it.

    Parameters:
    snapshot_id: ids, as a list or as "snap-1;snap-2"; `snapshots.snapshot_ids` of ebs.create_snapshot.
    tag: "Backup=nightly", or a list of which all must match; `*` and `?` are wildcards. With snapshot_id: of those, the
        ones with the tag.
    availability_zone: zone of the volumes, that of the instance they will be attached to: "ap-northeast-1a".
    latest: of the selected snapshots, only the newest completed one of each volume.
    max_age: a snapshot that was started longer ago, such as "26h", fails; default: one of any age is taken.
    volume_type: type of the volumes.
    size: GiB, at least that of the snapshot; default: that.
    iops: operations in a second, for gp3, io1 and io2; io1 and io2 need it.
    throughput: MiB in a second, for gp3.
    kms_key_id: key to encrypt the volumes with; default: as the snapshot is.

    Result: CreateVolumeResult.

    Errors:
    PartFailed: a snapshot does not exist, is older than `max_age`, or its volume could not be made.
    PartTimeout: a volume was not available when `timeout` ended.
    AccessDenied: the role may not create volumes.

    Source: "CreateVolume" (Amazon EC2 API Reference).

    Example:
        from lambdas.parts import ebs, ec2
        from nightshift import flow


        @flow(timeout="1h")
        def look_into_the_last_backup(instance_id: str, tag: str = "Role=db"):
            \"\"\"Attach volumes of the last snapshots to an instance, for somebody to look for what was deleted.\"\"\"
            zone = ec2.describe_instances(instance_id=instance_id).instances[0].availability_zone
            made = ebs.create_volume(tag=tag, latest=True, availability_zone=zone, require_match=True)
            ebs.attach_volume(volume_id=made.volume_ids, instance_id=instance_id)
            return made.volume_ids
    """
    wanted: dict[str, Any] = {
        "AvailabilityZone": availability_zone,
        "VolumeType": volume_type,
        "Size": size,
        "Iops": iops,
        "Throughput": throughput,
        **({"Encrypted": True, "KmsKeyId": kms_key_id} if kms_key_id else {}),
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    return Restoring(call, selected(common, "snapshot_id"), given, latest=latest, max_age=max_age).run()


class Restoring(Making[CreateVolumeResult]):
    """Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API"."""

    verb, done, noun, product, products = "make a volume of", "restored", "snapshot", "volume", "volumes"
    result = CreateVolumeResult
    gone = "InvalidVolume.NotFound"
    # A snapshot has to be completed. The token is known with other parameters when tags have changed since a lost
    # answer: its volume will be shown.
    busy = {"IncorrectState": 30, "IdempotentParameterMismatch": 15}  # noqa: RUF012

    def __init__(
        self, call: Call, selection: Selection, wanted: dict[str, Any], *, latest: bool, max_age: str | None
    ) -> None:
        super().__init__(call)
        self.selection = selection
        self.wanted = wanted
        self.latest = latest
        self.max_age = max_age

    def targets(self) -> dict[str, Snapshot]:
        found = find_snapshots(self.call, self.selection, self.progress)
        chosen = _newest(found) if self.latest else found
        old = [s["SnapshotId"] for s in chosen if self._too_old(s)]
        self.progress.fail(old, "SnapshotTooOld", f"'{{id}}' was started more than {self.max_age} ago")
        return {s["SnapshotId"]: s for s in chosen if s["SnapshotId"] not in old}

    def _too_old(self, snapshot: Snapshot) -> bool:
        age = self.call.now() - datetime.fromisoformat(snapshot["StartTime"]).timestamp()
        return self.max_age is not None and age > seconds(self.max_age)

    def population(self) -> int:
        return snapshots.population(self.call)

    def describe(self, targets: list[str]) -> dict[str, Snapshot | Failed]:
        gone = Failed("InvalidSnapshot.NotFound", "The snapshot '{id}' does not exist")
        return dict.fromkeys(targets, gone) | {s["SnapshotId"]: s for s in snapshots_by_id(self.call, targets)}

    def create(self, target: Snapshot, *, dry_run: bool) -> tuple[str, dict[str, Any]]:
        snapshot = target["SnapshotId"]
        tags, dropped = tags_for(self.call.run, {SOURCE: snapshot}, target.get("Tags"))
        if dropped:
            self.warn(f"{snapshot}: {dropped} of its tags did not fit the 50 tags of a volume")
        answer = self.call.client("ec2").create_volume(
            SnapshotId=snapshot,
            ClientToken=client_token(self.call, snapshot),
            TagSpecifications=[{"ResourceType": "volume", "Tags": tags}],
            DryRun=dry_run,
            **self.wanted,
        )
        return answer["VolumeId"], {"VolumeId": answer["VolumeId"], "SnapshotId": snapshot, **self.wanted}

    def of_call(self) -> list[Made]:
        filters = [{"Name": name, "Values": values} for name, values in call_filter(self.call).items()]
        return [_made(v) for v in volumes.search(self.call, filters)]

    def by_id(self, products: list[str]) -> list[Made]:
        return [_made(v) for v in volumes.by_id(self.call, products).items]

    def fill(self, result: CreateVolumeResult, details: list[Made]) -> None:
        result.volume_ids = [self.made[s] for s in result.changed if s in self.made]
        result.volumes = [record(m.raw) for m in details]
        result.responses = {
            "DescribeSnapshotsResponse": {"Snapshots": list(self.state.get("about", {}).values())},
            "CreateVolumeResponse": self.state.get("answers", []),
            "DescribeVolumesResponse": {"Volumes": [m.raw for m in details]},
        }


def _newest(snapshots: list[Snapshot]) -> list[Snapshot]:
    """The newest completed snapshot of each volume; one whose volume is not known stands for itself."""
    newest: dict[str, Snapshot] = {}
    for snapshot in sorted(snapshots, key=lambda s: (s["StartTime"], s["SnapshotId"])):
        if snapshot["State"] == "completed":
            newest[tagged_volume(snapshot) or snapshot["VolumeId"]] = snapshot
    return sorted(newest.values(), key=lambda s: str(s["SnapshotId"]))


def _made(volume: Volume) -> Made:
    state = volume["State"]
    return Made(
        id=volume["VolumeId"],
        target=tag_map(volume.get("Tags")).get(SOURCE, ""),
        state=_STATES.get(state, "failed"),
        reason=f"it is {state}",
        at=volume.get("CreateTime", ""),
        raw=volume,
    )

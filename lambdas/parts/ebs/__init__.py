"""Parts for EBS volumes and snapshots."""

from __future__ import annotations

from typing import Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Pending, part, seconds
from lambdas.engine.each import Each
from lambdas.engine.making import SHOWN
from lambdas.engine.progress import Progress
from lambdas.engine.selection import Selection, parse_ids, parse_tags, select
from lambdas.parts.ebs import _snapshots
from lambdas.parts.ebs._snapshots import DeleteSnapshotResult, DescribeSnapshotsResult
from lambdas.parts.ebs._volumes import find_volumes
from lambdas.parts.ebs.copy_snapshot import Copying, CopySnapshotResult
from lambdas.parts.ebs.create_snapshot import Backup, CreateSnapshotResult

SNAPSHOTS = ("arn:${AWS::Partition}:ec2:*::snapshot/*",)
KEYS = ("arn:${AWS::Partition}:kms:*:*:key/*",)
COPY_KEY_ACTIONS = (
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What EC2 does in the name of whoever copies an encrypted snapshot. Amazon EBS User Guide, "Amazon EBS encryption"."""
VOLUMES = ("arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:volume/*",)


@part(
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeSnapshots")),
        Allow(("ec2:CreateSnapshot",), VOLUMES),
        Allow(("ec2:CreateSnapshot",), SNAPSHOTS, {"StringLike": {"aws:RequestTag/nightshift:flow": "?*"}}),
        Allow(("ec2:CreateTags",), SNAPSHOTS, {"StringEquals": {"ec2:CreateAction": "CreateSnapshot"}}),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS, {"StringLike": {"aws:ResourceTag/nightshift:flow": "?*"}}),
    ),
    timeout="6h",
    interval=15,
)
def create_snapshot(
    call: Call,
    *,
    instance_id: str | list[str] | None = None,
    instance_tag: str | list[str] | None = None,
    volume_id: str | list[str] | None = None,
    volume_tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    description: str = "",
    generation: int | None = None,
    **common: Unpack[Common],
) -> CreateSnapshotResult | Pending:
    """Snapshot volumes, wait until the snapshots are completed, and keep the newest generations.

    The volumes of the selected instances and the selected volumes add up; each is snapshotted once. An id and a tag of
    the same kind narrow each other. A snapshot gets the tags of its volume, and nightshift:flow, nightshift:run,
    nightshift:call and nightshift:volume.

    Rotation: when the new snapshot of a volume is completed, the completed snapshots that this flow made of this
    volume are counted, and those older than the newest `generation` are deleted. Snapshots of other flows or made by
    hand never are. One that is in use (by an AMI) or locked is kept and reported under `skipped`.

    Quotas on pending snapshots, five for a volume and one in 15 seconds, delay the rest; they fail nothing
    (Amazon EBS User Guide, "Amazon EBS quotas").

    Parameters:
    instance_id: ids of instances, all of whose volumes are taken, as a list or as "i-1;i-2".
    instance_tag: "Backup=nightly", or a list of which all must match, of instances; `*` and `?` are wildcards.
    volume_id: ids of volumes, as a list or as "vol-1;vol-2".
    volume_tag: "Backup=nightly", or a list of which all must match, of volumes; `*` and `?` are wildcards.
    exclude_tag: instances and volumes with one of these tags are left alone.
    description: description of the snapshots, at most 255 characters; default: names the flow and the run.
    generation: completed snapshots to keep of each volume, at least 1; default: keep all.

    Result: CreateSnapshotResult.

    Errors:
    PartFailed: an instance or volume does not exist, a snapshot ended in error, or an old one could not be deleted.
    PartTimeout: a snapshot was not completed when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not create snapshots.
    InvalidParameter: no selection is given, or generation is less than 1.
    """
    _check(description, generation)
    instances = _selection(instance_id, instance_tag, exclude_tag, "instance_tag")
    volumes = _selection(volume_id, volume_tag, exclude_tag, "volume_tag")
    if instances is None and volumes is None:
        raise InvalidParameter("give instance_id, instance_tag, volume_id or volume_tag; without, nothing is selected")
    backup = Backup(call, description or f"{call.run.flow} {call.run.started}".strip(), generation)
    planned = backup.planned
    if not planned:
        progress = Progress({})
        found, hosts = find_volumes(call, instances, volumes, progress)
        backup.plan({v["VolumeId"]: v for v in found}, progress)
        backup.note_instances(hosts)
    return backup.run(planned)


@part(
    allow=(
        Allow(("ec2:DescribeSnapshots",)),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS),
    ),
)
def delete_snapshot(
    call: Call,
    *,
    snapshot_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    older_than: str | None = None,
    **common: Unpack[Common],
) -> DeleteSnapshotResult | Pending:
    """Delete snapshots of this account.

    A snapshot that an image consists of, or that is locked, is left alone and reported under `skipped`.

    Parameters:
    snapshot_id: ids, as a list or as "snap-1;snap-2".
    tag: "Purpose=test", or a list of which all must match; `*` and `?` are wildcards. With snapshot_id: of those, the
        ones with the tag.
    exclude_tag: snapshots with one of these tags are left alone.
    older_than: only snapshots started longer ago, such as "30d"; default: all selected.

    Result: DeleteSnapshotResult.

    Errors:
    PartFailed: a snapshot does not exist, or could not be deleted.
    AccessDenied: the role may not describe snapshots.
    """
    each = Each(
        call,
        verb="delete",
        done="deleted",
        noun="snapshot",
        request=lambda i, dry: call.client("ec2").delete_snapshot(SnapshotId=i, DryRun=dry),
        settled=("InvalidSnapshot.NotFound",),
        in_use=("InvalidSnapshot.InUse", "SnapshotLocked"),
    )
    planned = each.planned
    if not planned:
        progress = Progress({})
        selection = select(snapshot_id, tag, exclude_tag, id_name="snapshot_id", tag_name="tag")
        found = _snapshots.find_snapshots(call, selection, progress)
        young = [s["SnapshotId"] for s in found if older_than and _snapshots.age(call, s) <= seconds(older_than)]
        progress.skip(young, f"not older than {older_than}")
        progress.add("excluded", young)
        chosen = [s for s in found if s["SnapshotId"] not in young]
        each.plan([s["SnapshotId"] for s in chosen], progress)
        call.state["about"] = chosen[:SHOWN]
    about = call.state["about"]
    result = DeleteSnapshotResult(
        snapshots=[_snapshots.record(s) for s in about],
        responses={"DescribeSnapshotsResponse": {"Snapshots": about}},
    )
    return each.run(planned, result)


@part(allow=(Allow(("ec2:DescribeSnapshots",)),), waits=False)
def describe_snapshots(
    call: Call,
    *,
    snapshot_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    volume_id: str | list[str] | None = None,
    **common: Unpack[Common],
) -> DescribeSnapshotsResult:
    """Read the state of snapshots of this account.

    Parameters:
    snapshot_id: ids, as a list or as "snap-1;snap-2".
    tag: "Purpose=test", or a list of which all must match; `*` and `?` are wildcards. With snapshot_id: of those, the
        ones with the tag.
    exclude_tag: snapshots with one of these tags are left out.
    volume_id: ids of volumes whose snapshots are taken, at most 200; with tag: of those, the ones with the tag.

    Result: DescribeSnapshotsResult.

    Errors:
    PartFailed: a snapshot id does not exist.
    InvalidParameter: no selection is given.
    """
    volumes = parse_ids(volume_id)
    if volumes and not snapshot_id and not tag:
        selection = Selection(None, (), parse_tags(exclude_tag, "exclude_tag"))
    else:
        selection = select(snapshot_id, tag, exclude_tag, id_name="snapshot_id", tag_name="tag")
    progress = Progress(call.state)
    narrow = {"volume-id": volumes} if volumes else {}
    found = _snapshots.find_snapshots(call, selection, progress, narrow)
    found = sorted((s for s in found if not volumes or s["VolumeId"] in volumes), key=lambda s: str(s["SnapshotId"]))
    result = DescribeSnapshotsResult(
        completed=[s["SnapshotId"] for s in found if s["State"] == "completed"],
        pending=[s["SnapshotId"] for s in found if s["State"] == "pending"],
        snapshots=[_snapshots.record(s) for s in found],
        responses={"DescribeSnapshotsResponse": {"Snapshots": found[:SHOWN]}},
    )
    progress.fill(result, changed=[])
    result.matched = sorted({*result.matched, *(str(s["SnapshotId"]) for s in found)})
    result.summary = f"{len(found)} found: {len(result.completed)} completed, {len(result.pending)} pending"
    return result


@part(
    allow=(
        Allow(("ec2:DescribeSnapshots",)),
        Allow(("ec2:CopySnapshot",), SNAPSHOTS),
        Allow(("ec2:CreateTags",), SNAPSHOTS, {"StringEquals": {"ec2:CreateAction": "CopySnapshot"}}),
        Allow(("ec2:DeleteSnapshot",), SNAPSHOTS, {"StringLike": {"aws:ResourceTag/nightshift:source": "?*"}}),
        Allow(COPY_KEY_ACTIONS, KEYS, {"StringLike": {"kms:ViaService": "ec2.*"}}),
    ),
    timeout="12h",
    interval=30,
)
def copy_snapshot(
    call: Call,
    *,
    snapshot_id: str | list[str] | None = None,
    tag: str | list[str] | None = None,
    exclude_tag: str | list[str] | None = None,
    to_region: str | None = None,
    kms_key_id: str | None = None,
    description: str = "",
    generation: int | None = None,
    **common: Unpack[Common],
) -> CopySnapshotResult | Pending:
    """Copy snapshots to another Region, or within one, wait until the copies are completed, and keep the newest.

    A copy gets the tags of the snapshot, and nightshift:flow, nightshift:run, nightshift:call, nightshift:source and
    nightshift:source-volume. What exceeds the quota of concurrent copies waits (Amazon EBS User Guide, "Amazon EBS
    quotas"). With an encryption key of your own the key's policy has to allow the role of this part to use it.

    Rotation: when the copies are completed, the completed copies in the target Region that this flow made of the same
    volume's snapshots are counted, and those older than the newest `generation` are deleted.

    Parameters:
    snapshot_id: ids, as a list or as "snap-1;snap-2"; `snapshots.snapshot_ids` of ebs.create_snapshot.
    tag: "Copy=osaka", or a list of which all must match; `*` and `?` are wildcards. With snapshot_id: of those, the
        ones with the tag.
    exclude_tag: snapshots with one of these tags are left alone.
    to_region: Region of the copies; default: the Region of the snapshots.
    kms_key_id: key, in the target Region, to encrypt the copies with; default: as the original is.
    description: description of the copies, at most 255 characters; default: that of the original.
    generation: completed copies to keep of each volume, at least 1; default: keep all.

    Result: CopySnapshotResult.

    Errors:
    PartFailed: a snapshot does not exist, a copy ended in error, or an old one could not be deleted.
    PartTimeout: a copy was not completed when `timeout` ended; it goes on in AWS, and the run can be redriven.
    AccessDenied: the role may not copy snapshots.
    InvalidParameter: no selection is given, or generation is less than 1.
    """
    _check(description, generation)
    copying = Copying(call, region=to_region, key=kms_key_id, description=description, generation=generation)
    planned = copying.planned
    if not planned:
        progress = Progress({})
        selection = select(snapshot_id, tag, exclude_tag, id_name="snapshot_id", tag_name="tag")
        # By tag also the copies of earlier runs are found, as the tags travel: those are not copied again.
        found = [
            s
            for s in _snapshots.find_snapshots(call, selection, progress)
            if selection.ids is not None or not _snapshots.is_copy(s)
        ]
        copying.plan({s["SnapshotId"]: s for s in found}, progress)
    return copying.run(planned)


def _check(description: str, generation: int | None) -> None:
    if generation is not None and generation < 1:
        raise InvalidParameter(f"generation={generation} would keep none; write 1 or more")
    if len(description) > 255:
        raise InvalidParameter(f"description has {len(description)} characters; EBS takes 255")


def _selection(
    ids: str | list[str] | None, tags: str | list[str] | None, exclude: str | list[str] | None, name: str
) -> Selection | None:
    chosen, patterns = parse_ids(ids), parse_tags(tags, name)
    if chosen is None and not patterns:
        return None
    return Selection(chosen, patterns, parse_tags(exclude, "exclude_tag"))

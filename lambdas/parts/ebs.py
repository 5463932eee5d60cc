"""Parts for EBS volumes and snapshots."""

from __future__ import annotations

from typing import Unpack

from lambdas.backup import Backup, CreateSnapshotResult
from lambdas.contract import Allow, Call, Common, Pending, part
from lambdas.errors import InvalidParameter
from lambdas.progress import Progress
from lambdas.selection import Selection, parse_ids, parse_tags
from lambdas.volumes import find_volumes

SNAPSHOTS = ("arn:${AWS::Partition}:ec2:*::snapshot/*",)
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
    if generation is not None and generation < 1:
        raise InvalidParameter(f"generation={generation} would keep no snapshot; write 1 or more")
    if len(description) > 255:
        raise InvalidParameter(f"description has {len(description)} characters; EBS takes 255")
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


def _selection(
    ids: str | list[str] | None, tags: str | list[str] | None, exclude: str | list[str] | None, name: str
) -> Selection | None:
    chosen, patterns = parse_ids(ids), parse_tags(tags, name)
    if chosen is None and not patterns:
        return None
    return Selection(chosen, patterns, parse_tags(exclude, "exclude_tag"))

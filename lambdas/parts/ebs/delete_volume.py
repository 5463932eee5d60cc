"""ebs.delete_volume: the selected volumes are deleted, but for those that are attached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeVolumes, selected
from lambdas.engine.stage import not_older
from lambdas.engine.stages import DONE, Already, Each, Failed, Skipped, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ebs._shared.changes import VolumesResult, keep, shown
from lambdas.parts.ebs._shared.permissions import VOLUMES
from lambdas.parts.ebs._shared.volumes import Volume, by_id, population, select_volumes


@dataclass
class DeleteVolumeResult(VolumesResult):
    """Result of ebs.delete_volume.

    changed: ids of the deleted volumes.
    volumes: the selected volumes as they were (the first 100).
    """


@part(
    allow=(
        Allow(("ec2:DescribeVolumes",)),
        Allow(("ec2:DeleteVolume",), VOLUMES),
    ),
    cost="A deleted volume is not billed any more; one that a rule of Recycle Bin retains is, until it goes there.",
    hints={"VolumeInUse": "Detach it before, with ebs.detach_volume."},
    timeout="30m",
    interval=5,
)
def delete_volume(
    call: Call, *, older_than: str | None = None, **common: Unpack[ChangeVolumes]
) -> DeleteVolumeResult | Pending:
    """Delete volumes that are attached to nothing, and wait until they are gone.

    An attached volume is left alone: one that was named by its id fails, one that only carries the tag is skipped. What
    is on a deleted volume is lost, unless a snapshot has it or a retention rule of Recycle Bin covers the volume. A dry
    run lists in `changed` what would be deleted, for somebody to approve.

    Parameters:
    tag: "Purpose=restore", or a list of which all must match; `*` and `?` are wildcards. With volume_id: of those, the
        ones with the tag.
    older_than: only volumes created longer ago, such as "30d"; default: all selected. AWS does not tell since when a
        volume is attached to nothing.

    Result: DeleteVolumeResult.

    Errors:
    PartFailed: a volume does not exist, is attached and was named by its id, or could not be deleted.
    PartTimeout: a volume was not gone when `timeout` ended.
    AccessDenied: the role may not delete volumes.

    Source: "DeleteVolume" (Amazon EC2 API Reference).

    Example:
        from lambdas.parts import ebs
        from nightshift import approval, cron, flow


        @flow(schedule=cron("0 9 1 * ? *", timezone="Asia/Tokyo"), timeout="30h")
        def forgotten_volumes():
            \"\"\"Delete unattached test volumes that are older than a month, once somebody agrees.\"\"\"
            listed = ebs.delete_volume(tag="Purpose=test", exclude_tag="Keep", older_than="30d", dry_run=True)
            if listed.changed:
                question = f"Delete {len(listed.changed)} volumes? {', '.join(listed.changed)}"
                answer = approval(question, to="ops@example.com", timeout="24h")
                if answer.approved:
                    ebs.delete_volume(volume_id=listed.changed)
    """
    ec2 = call.client("ec2")
    selection = selected(common, "volume_id")

    def begin(volume: Volume) -> Verdict:
        if young := not_older(call.now(), volume["CreateTime"], older_than):
            return young
        if volume["State"] in ("deleting", "deleted"):
            return Already(volume["State"], "sent")
        if volume["Attachments"]:
            to = ", ".join(a["InstanceId"] for a in volume["Attachments"])
            named = selection.ids is not None
            return Failed("VolumeInUse", f"'{{id}}' is attached to {to}") if named else Skipped(f"is attached to {to}")
        return "todo"

    def plan() -> Verdicts:
        volumes = keep(call, select_volumes(call, selection, delete.progress))
        return [(volume["VolumeId"], begin(volume)) for volume in volumes]

    def request(volume: str, dry_run: bool) -> Any:
        return ec2.delete_volume(VolumeId=volume, DryRun=dry_run)

    def poll(ids: list[str]) -> Verdicts:
        found = by_id(call, ids)
        yield from ((i, DONE) for gone, _, _ in found.failed for i in gone)
        yield from ((v["VolumeId"], DONE) for v in found.items if v["State"] == "deleted")

    def refused(volume: str, code: str, message: str) -> Verdict | None:
        return DONE if code == "InvalidVolume.NotFound" else None

    late = "'{id}' is not deleted in time"
    stages = [
        Each("todo", "to be sent to delete", late, request=request, refused=refused),
        Stage("sent", "to be deleted", late, poll),
    ]
    delete = Stages(call, stages, verb="delete", done="deleted", noun="volume", population=population)
    return delete.run(plan, DeleteVolumeResult(), shown(call))

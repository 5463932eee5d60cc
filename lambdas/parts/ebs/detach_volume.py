"""ebs.detach_volume: the selected volumes are attached to nothing, or not to an instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeVolumes, selected
from lambdas.engine.stages import DONE, Already, Each, Failed, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ebs._shared.changes import VolumesResult, attachment, keep, shown
from lambdas.parts.ebs._shared.permissions import VOLUMES
from lambdas.parts.ebs._shared.volumes import Volume, by_id, population, select_volumes
from lambdas.parts.ec2._shared.permissions import INSTANCES


@dataclass
class DetachVolumeResult(VolumesResult):
    """Result of ebs.detach_volume.

    changed: ids of the volumes that this call detached.
    volumes: the selected volumes as they were last attached (the first 100).
    """


@part(
    allow=(
        Allow(("ec2:DescribeVolumes",)),
        Allow(("ec2:DetachVolume",), (*INSTANCES, *VOLUMES)),
    ),
    cost="A detached volume is billed as before, until ebs.delete_volume.",
    hints={
        "OperationNotPermitted": "A root volume can be detached while its instance is stopped: ec2.stop_instances.",
        "StillMounted": "Unmount it before, with ssm.run_command, or detach it with force=True, which may lose data.",
    },
    timeout="30m",
    interval=5,
)
def detach_volume(
    call: Call, *, instance_id: str | None = None, force: bool = False, **common: Unpack[ChangeVolumes]
) -> DetachVolumeResult | Pending:
    """Detach volumes and wait until they are detached.

    Unmount a volume before: one that is mounted stays "busy" until the operating system lets it go (Amazon EBS User
    Guide, "Detach an Amazon EBS volume from an Amazon EC2 instance").

    Parameters:
    tag: "Purpose=restore", or a list of which all must match; `*` and `?` are wildcards. With volume_id: of those, the
        ones with the tag.
    instance_id: detach them from this instance only; needed for a volume that several instances have (Multi-Attach).
    force: take a volume away from an instance that does not let it go; the last resort, which may lose data.

    Result: DetachVolumeResult.

    Errors:
    PartFailed: a volume does not exist, is the root volume of a running instance, or stayed mounted.
    PartTimeout: a volume was not detached when `timeout` ended.
    AccessDenied: the role may not detach volumes.

    Source: "DetachVolume" (Amazon EC2 API Reference).

    Example:
        from lambdas.parts import ebs, ssm
        from nightshift import flow


        @flow(timeout="1h")
        def move_data_disk(volume_id: str, from_instance: str, to_instance: str):
            \"\"\"Move a volume from one instance to another in the same zone.\"\"\"
            ssm.run_command(instance_id=from_instance, command="umount /data")
            ebs.detach_volume(volume_id=volume_id)
            ebs.attach_volume(volume_id=volume_id, instance_id=to_instance)
            ssm.run_command(instance_id=to_instance, command="mount /data")
    """
    ec2 = call.client("ec2")
    selection = selected(common, "volume_id")
    # Of this invocation: a volume that another instance has by now is not taken from that one.
    hosts: dict[str, str] = {}

    def attached(volume: Volume) -> list[dict[str, Any]]:
        found = _attachments(volume, instance_id)
        hosts.update((volume["VolumeId"], a["InstanceId"]) for a in found)
        return found

    def plan() -> Verdicts:
        volumes = keep(call, select_volumes(call, selection, detach.progress))
        return [(volume["VolumeId"], _begin(attached(volume))) for volume in volumes]

    def request(volume: str, dry_run: bool) -> Any:
        host = {"InstanceId": hosts[volume]} if volume in hosts else {}
        return ec2.detach_volume(VolumeId=volume, Force=force, DryRun=dry_run, **host)

    def poll(ids: list[str]) -> Verdicts:
        """What a lost invocation has detached is not asked for again."""
        for volume in by_id(call, ids).items:
            left = attached(volume)
            if any(a["State"] == "busy" for a in left) and volume["VolumeId"] not in mounted():
                call.state["busy"] = [*mounted(), volume["VolumeId"]]
            if not left:
                yield volume["VolumeId"], DONE
            elif any(a["State"] == "detaching" for a in left):
                yield volume["VolumeId"], "sent"

    def mounted() -> list[str]:
        busy: list[str] = call.state.get("busy", [])
        return busy

    def late(volume: str) -> Failed:
        if volume in mounted():
            return Failed("StillMounted", "'{id}' is still mounted by the operating system")
        return Failed("Timeout", "'{id}' is not detached in time")

    stages = [
        Each("todo", "to be sent to detach", late, poll, request=request, refused=_refused),
        Stage("sent", "to be detached", late, poll),
    ]
    detach = Stages(call, stages, verb="detach", done="detached", noun="volume", population=population)
    return detach.run(plan, DetachVolumeResult(), shown(call))


def _begin(attached: list[dict[str, Any]]) -> Verdict:
    if not attached:
        return Already("detached", DONE)
    if len(attached) > 1:
        names = ", ".join(a["InstanceId"] for a in attached)
        return Failed("InvalidParameterCombination", f"'{{id}}' is attached to {names}; say from which by instance_id")
    return Already("detaching", "sent") if attached[0]["State"] == "detaching" else "todo"


def _attachments(volume: Volume, instance_id: str | None) -> list[dict[str, Any]]:
    """The attachments that are to end."""
    if instance_id is None:
        return list(volume["Attachments"])
    return [here] if (here := attachment(volume, instance_id)) else []


def _refused(volume: str, code: str, message: str) -> Verdict | None:
    """A volume that is available has been detached, by a request that was repeated or by somebody else."""
    return "sent" if code == "IncorrectState" and "available" in message else None

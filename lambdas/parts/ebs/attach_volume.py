"""ebs.attach_volume: the selected volumes are attached to an instance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import ChangeVolumes, selected
from lambdas.engine.stages import DONE, Already, Each, Failed, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ebs._shared.changes import VolumesResult, attachment, keep, shown
from lambdas.parts.ebs._shared.permissions import VOLUMES
from lambdas.parts.ebs._shared.volumes import Volume, by_id, population, select_volumes
from lambdas.parts.ec2._shared.instances import Instance, state_of
from lambdas.parts.ec2._shared.instances import by_id as instances_by_id
from lambdas.parts.ec2._shared.permissions import GRANT_KEYS, INSTANCES

_LETTERS = "fghijklmnop"
"""Of the device names that are left to data volumes. Amazon EC2 User Guide, "Device names for volumes on Amazon EC2
instances"."""


@dataclass
class AttachVolumeResult(VolumesResult):
    """Result of ebs.attach_volume.

    changed: ids of the volumes that this call attached.
    volumes: the selected volumes with their device names (the first 100).
    """


@part(
    allow=(
        Allow(("ec2:DescribeInstances", "ec2:DescribeVolumes")),
        Allow(("ec2:AttachVolume",), (*INSTANCES, *VOLUMES)),
        GRANT_KEYS,
    ),
    hints={
        "InvalidVolume.ZoneMismatch": "A volume is attached in its own zone only: make one there of a snapshot, with "
        "ebs.create_volume.",
        "AttachmentLimitExceeded": "Detach what is not needed (ebs.detach_volume), or take a larger instance.",
    },
    timeout="30m",
    interval=5,
)
def attach_volume(
    call: Call, *, instance_id: str, device: str | None = None, **common: Unpack[ChangeVolumes]
) -> AttachVolumeResult | Pending:
    """Attach volumes to an instance and wait until they are attached.

    A volume that is attached to another instance is left there and fails. Attached is not mounted: the operating system
    sees a new disk, on Nitro instances under a name of its own that has the volume's id in it
    (/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123...).

    Parameters:
    tag: "Purpose=restore", or a list of which all must match; `*` and `?` are wildcards. With volume_id: of those, the
        ones with the tag.
    instance_id: the instance; it has to be running or stopped, and in the zone of the volumes.
    device: device name, of a single volume; default: the first free ones of /dev/sdf to /dev/sdp (xvdf to xvdp on
        Windows).

    Result: AttachVolumeResult.

    Errors:
    PartFailed: a volume or the instance does not exist, they are in different zones, or the volume is in use.
    PartTimeout: a volume was not attached when `timeout` ended.
    AccessDenied: the role may not attach volumes.
    InvalidParameter: device is given, and several volumes are selected.

    Source: "AttachVolume" (Amazon EC2 API Reference).

    Example:
        from lambdas.parts import ebs, ssm
        from nightshift import flow


        @flow(timeout="30m")
        def give_data_disk(volume_id: str, instance_id: str):
            \"\"\"Attach a volume to an instance, and mount it there.\"\"\"
            ebs.attach_volume(volume_id=volume_id, instance_id=instance_id, device="/dev/sdf")
            ssm.run_command(instance_id=instance_id, command="mount /data")
    """
    ec2 = call.client("ec2")
    selection = selected(common, "volume_id")

    def plan() -> Verdicts:
        volumes = select_volumes(call, selection, attach.progress)
        if device and len(volumes) > 1:
            raise InvalidParameter(f"device={device!r} is the name of one volume, and {len(volumes)} are selected")
        found = instances_by_id(call, [instance_id])
        names = iter([device] if device else _free(found.items))
        call.state["devices"] = {}
        keep(call, volumes)
        for volume in volumes:
            verdict = _begin(volume, instance_id, found.items)
            if verdict == "todo" and (name := next(names, "")):
                call.state["devices"][volume["VolumeId"]] = name
            elif verdict == "todo":
                verdict = Failed("AttachmentLimitExceeded", f"no device name is left on {instance_id} for '{{id}}'")
            yield volume["VolumeId"], verdict

    def request(volume: str, dry_run: bool) -> Any:
        name = call.state["devices"][volume]
        return ec2.attach_volume(VolumeId=volume, InstanceId=instance_id, Device=name, DryRun=dry_run)

    def poll(ids: list[str]) -> Verdicts:
        """What a lost invocation has attached is not asked for again."""
        for volume in keep(call, by_id(call, ids).items):
            if here := attachment(volume, instance_id):
                yield volume["VolumeId"], DONE if here["State"] == "attached" else "sent"
            elif failed := _elsewhere(volume):
                yield volume["VolumeId"], failed

    def refused(volume: str, code: str, message: str) -> Verdict | None:
        """A repeated request may come before the first one is described; the poll tells by whom the volume is used."""
        return "sent" if code == "VolumeInUse" else None

    late = f"'{{id}}' is not attached to {instance_id} in time"
    stages = [
        Each("todo", "to be sent to attach", late, poll, request=request, refused=refused),
        Stage("sent", "to be attached", late, poll),
    ]
    attach = Stages(call, stages, verb="attach", done="attached", noun="volume", population=population)
    return attach.run(plan, AttachVolumeResult(), shown(call))


def _begin(volume: Volume, instance_id: str, instances: list[Instance]) -> Verdict:
    """Where a volume begins; what EC2 would refuse fails."""
    if not instances:
        return Failed("InvalidInstanceID.NotFound", f"'{{id}}': the instance {instance_id} does not exist")
    if here := attachment(volume, instance_id):
        detaching = Failed("IncorrectState", f"'{{id}}' is being detached from {instance_id}")
        return detaching if here["State"] == "detaching" else Already(f"attached to {instance_id}", "sent")
    if failed := _elsewhere(volume):
        return failed
    if not volume["Attachments"] and volume["State"] != "available":
        return Failed("IncorrectState", f"'{{id}}' is {volume['State']}")
    (instance,) = instances
    if state_of(instance) not in ("running", "stopped"):
        return Failed("IncorrectState", f"'{{id}}': the instance {instance_id} is {state_of(instance)}")
    zone = instance["Placement"]["AvailabilityZone"]
    if volume["AvailabilityZone"] != zone:
        text = f"'{{id}}' is in {volume['AvailabilityZone']}, and {instance_id} in {zone}"
        return Failed("InvalidVolume.ZoneMismatch", text)
    return "todo"


def _elsewhere(volume: Volume) -> Failed | None:
    """The failure of a volume that other instances have for themselves."""
    others = [a["InstanceId"] for a in volume["Attachments"]]
    alone = others and not volume.get("MultiAttachEnabled")
    return Failed("VolumeInUse", f"'{{id}}' is attached to {', '.join(others)}") if alone else None


def _free(instances: list[Instance]) -> Iterator[str]:
    """The device names that an instance has not given yet."""
    for instance in instances:
        taken = {mapping["DeviceName"] for mapping in instance["BlockDeviceMappings"]}
        prefix = "xvd" if instance.get("Platform") == "windows" else "/dev/sd"
        yield from (f"{prefix}{letter}" for letter in _LETTERS if f"{prefix}{letter}" not in taken)

"""ebs.modify_volume: the selected volumes have another type, size or performance, while they are in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Pending, part
from lambdas.engine.selection import FILTER_VALUES, ChangeVolumes, selected
from lambdas.engine.stages import DONE, Already, Each, Failed, Stage, Stages, Verdict, Verdicts
from lambdas.parts.ebs._shared.changes import VolumesResult, keep, shown
from lambdas.parts.ebs._shared.permissions import VOLUMES
from lambdas.parts.ebs._shared.volumes import Volume, by_id, population, select_volumes


@dataclass
class ModifyVolumeResult(VolumesResult):
    """Result of ebs.modify_volume.

    changed: ids of the volumes that this call modified.
    volumes: the selected volumes as they are now (the first 100).
    """


@part(
    allow=(
        Allow(("ec2:DescribeVolumes", "ec2:DescribeVolumesModifications")),
        Allow(("ec2:ModifyVolume",), VOLUMES),
    ),
    cost="A volume is billed by its new type and size from the start of the modification; gp3 costs less than gp2.",
    hints={
        "VolumeModificationRateExceeded": "AWS allows a volume few modifications in a day: run the flow again later.",
        "VolumeModificationSizeLimitExceeded": "Modify fewer volumes at a time (at_most), or ask for a higher quota.",
    },
    timeout="30h",
    interval=15,
)
def modify_volume(
    call: Call,
    *,
    volume_type: Literal["gp2", "gp3", "io1", "io2", "sc1", "st1", "standard"] | None = None,
    size: int | None = None,
    iops: int | None = None,
    throughput: int | None = None,
    optimized: bool = True,
    **common: Unpack[ChangeVolumes],
) -> ModifyVolumeResult | Pending:
    """Modify volumes while they are in use, and wait until AWS has optimized them.

    A volume is modified first, which takes seconds; then its new size can be used. Optimizing can take a day, and
    until it ends the performance is between the old and the new (Amazon EBS User Guide, "Monitor the progress of Amazon
    EBS volume modifications"). A larger volume needs its file system extended. What a gp3 volume is not told it has as
    a baseline, 3,000 IOPS and 125 MiB/s, which may be less than a large gp2 volume had.

    Parameters:
    tag: "Env=test", or a list of which all must match; `*` and `?` are wildcards. With volume_id: of those, the ones
        with the tag.
    volume_type: type to change to; default: as it is.
    size: GiB to grow to; a volume cannot shrink.
    iops: operations in a second, for gp3, io1 and io2.
    throughput: MiB in a second, for gp3.
    optimized: wait until optimizing has ended; without it a volume is done when it is being optimized.

    Result: ModifyVolumeResult.

    Errors:
    PartFailed: a volume does not exist, would shrink, or AWS refused or failed to modify it.
    PartTimeout: a volume was not modified when `timeout` ended; it goes on in AWS.
    AccessDenied: the role may not modify volumes.
    InvalidParameter: nothing to change is given.

    Source: "ModifyVolume" (Amazon EC2 API Reference).

    Example:
        from lambdas.parts import ebs
        from nightshift import cron, flow


        @flow(schedule=cron("0 2 ? * SAT *", timezone="Asia/Tokyo"), timeout="36h")
        def gp2_to_gp3():
            \"\"\"Change what is still gp2 to gp3, ten volumes at a time, and stop when two have failed.\"\"\"
            return ebs.modify_volume(tag="Env=test", volume_type="gp3", at_most=10, max_failures=1).summary
    """
    ec2 = call.client("ec2")
    given = {"VolumeType": volume_type, "Size": size, "Iops": iops, "Throughput": throughput}
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise InvalidParameter("give volume_type, size, iops or throughput; there is nothing to change")
    selection = selected(common, "volume_id")

    def begin(volume: Volume) -> Verdict:
        if size is not None and size < volume["Size"]:
            return Failed("InvalidParameterValue", f"'{{id}}' has {volume['Size']} GiB and cannot shrink to {size}")
        return Already(", ".join(map(str, wanted.values())), "sent") if _is(volume, wanted) else "todo"

    def plan() -> Verdicts:
        volumes = keep(call, select_volumes(call, selection, modify.progress))
        return [(volume["VolumeId"], begin(volume)) for volume in volumes]

    def poll(ids: list[str]) -> Verdicts:
        """Where a volume is: AWS keeps its last modification, and shows what it is now."""
        last = _last_modifications(call, ids)
        told = []
        for volume in keep(call, by_id(call, ids).items):
            name = volume["VolumeId"]
            modification = last.get(name, {})
            state = modification.get("ModificationState", "completed")
            if state == "completed" and _is(volume, wanted):
                yield name, DONE
            elif _targets(modification, wanted) and state in ("modifying", "optimizing"):
                told.append(f"{name} is {state}, {modification.get('Progress', 0)}%")
                yield name, DONE if state == "optimizing" and not optimized else "sent"
        modify.note = ", ".join(told[:10])

    def failed(ids: list[str]) -> Verdicts:
        """As `poll`, of those whose request was accepted: the last modification is this one."""
        for name, modification in _last_modifications(call, ids).items():
            if modification["ModificationState"] == "failed" and _targets(modification, wanted):
                reason = modification.get("StatusMessage") or "AWS gives no reason"
                yield name, Failed("VolumeModificationFailed", f"'{{id}}' could not be modified: {reason}")
        yield from poll(ids)

    def request(volume: str, dry_run: bool) -> Any:
        return ec2.modify_volume(VolumeId=volume, DryRun=dry_run, **wanted)

    late = "'{id}' is not modified in time"
    stages = [
        Each("todo", "to be sent to modify", late, poll, request=request, busy={"IncorrectModificationState": 60}),
        Stage("sent", "to be modified", late, failed, settle=10),
    ]
    modify = Stages(call, stages, verb="modify", done="modified", noun="volume", population=population)
    return modify.run(plan, ModifyVolumeResult(), shown(call))


def _is(volume: Volume, wanted: Mapping[str, Any]) -> bool:
    return all(volume.get(name) == value for name, value in wanted.items())


def _targets(modification: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(modification.get(f"Target{name}") == value for name, value in wanted.items())


def _last_modifications(call: Call, ids: list[str]) -> dict[str, dict[str, Any]]:
    """The last modification of each of the volumes that were ever modified."""
    pages = call.client("ec2").get_paginator("describe_volumes_modifications")
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), FILTER_VALUES):
        wanted = [{"Name": "volume-id", "Values": ids[start : start + FILTER_VALUES]}]
        for page in pages.paginate(Filters=wanted):
            found.update((m["VolumeId"], m) for m in page["VolumesModifications"])
    return found

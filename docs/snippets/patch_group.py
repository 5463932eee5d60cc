"""Patch the servers of a patch group a few at a time, and read what they still lack."""

from typing import Literal

from lambdas.parts import aws
from nightshift import Failed, cron, flow


@flow(schedule=cron("0 3 ? * SUN#2 *", timezone="Asia/Tokyo"), timeout="6h")
def patch_group(
    group: str = "web", operation: Literal["Scan", "Install"] = "Install", at_most: str = "10%", max_failures: str = "1"
) -> list[str]:
    """Run AWS-RunPatchBaseline on the instances with the tag PatchGroup, and tell which of them lack patches.

    After an installation one that lacks a patch fails the flow. A dry run sends nothing, and tells of the last scan.
    """
    sent = aws.call(
        "ssm",
        "send_command",
        DocumentName="AWS-RunPatchBaseline",
        Targets=[{"Key": "tag:PatchGroup", "Values": [group]}],
        Parameters={"Operation": [f"{operation}"], "RebootOption": ["RebootIfNeeded"]},
        MaxConcurrency=at_most,
        MaxErrors=max_failures,
    )
    command = sent.Command.CommandId
    if command != "(dry run)":
        aws.poll(
            "ssm",
            "list_commands",
            CommandId=command,
            until="!contains(['Pending', 'InProgress', 'Cancelling'], Commands[0].Status)",
            timeout="5h",
        )
        ended = aws.call("ssm", "list_commands", CommandId=command).Commands[0]
        if ended.StatusDetails != "Success":
            raise Failed(f"{operation} of the patch group {group}: {ended.StatusDetails}, command {command}")
    states = aws.call("ssm", "describe_instance_patch_states_for_patch_group", PatchGroup=group).InstancePatchStates
    behind = [f"{s.InstanceId} lacks {s.MissingCount} patches" for s in states if s.MissingCount > 0]
    if behind and operation == "Install" and command != "(dry run)":
        raise Failed("\n".join(behind))
    return behind

"""Systems Manager reaches the fleet's instances; what it does not concern is left to the control plane."""

from __future__ import annotations

from typing import Any

import pytest

from tests.waiting import until


@pytest.fixture
def ssm(fleet: Any) -> Any:
    return fleet.client("ssm")


def send(ssm: Any, *ids: str, commands: str = "true") -> str:
    answer = ssm.send_command(
        InstanceIds=list(ids), DocumentName="AWS-RunShellScript", Parameters={"commands": [commands]}, Comment="batch"
    )
    return str(answer["Command"]["CommandId"])


def how(ssm: Any, command: str) -> dict[str, tuple[str, str]]:
    found = ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"]
    return {i["InstanceId"]: (i["Status"], i["CommandPlugins"][0]["Output"]) for i in found}


def test_a_command_takes_a_while_and_succeeds(fleet: Any, ssm: Any, launch: Any) -> None:
    [id_] = launch()
    command = send(ssm, id_)
    assert how(ssm, command)[id_][0] == "InProgress"
    fleet.advance(30)
    assert how(ssm, command)[id_][0] == "Success"
    assert ssm.list_commands(Filters=[{"key": "InvokedAfter", "value": "2020-01-01T00:00:00Z"}])["Commands"]


def test_a_command_that_fails_and_one_that_hangs(fleet: Any, ssm: Any, launch: Any) -> None:
    bad, stuck, cancelled = launch(3)
    fleet.add_fault("command_fails", resource=bad, code="3", message="no space left")
    for id_ in (stuck, cancelled):
        fleet.add_fault("stuck", resource=id_)
    command = send(ssm, bad, stuck, cancelled)
    fleet.advance(30)
    ssm.cancel_command(CommandId=command, InstanceIds=[cancelled])
    found = how(ssm, command)
    assert found[bad] == ("Failed", "no space left")
    assert ssm.get_command_invocation(CommandId=command, InstanceId=bad)["ResponseCode"] == 3
    assert (found[stuck][0], found[cancelled][0]) == ("InProgress", "Cancelled")
    fleet.advance(3600)
    assert how(ssm, command)[stuck][0] == "TimedOut"


def test_only_running_instances_with_an_agent_take_commands(fleet: Any, ssm: Any, launch: Any, refused: Any) -> None:
    [up], [down], [unknown] = launch(), launch(running=False), launch()
    fleet.add_fault("unmanaged", resource=unknown)
    pings = {i["InstanceId"]: i["PingStatus"] for i in ssm.describe_instance_information()["InstanceInformationList"]}
    assert pings == {up: "Online", down: "ConnectionLost"}
    code, message = refused(
        ssm.send_command, InstanceIds=[up, down, unknown], DocumentName="AWS-RunShellScript", Parameters={}
    )
    assert code == "InvalidInstanceId"
    assert down in message
    assert unknown in message
    assert refused(ssm.send_command, InstanceIds=[up], DocumentName="Mine")[0] == "InvalidDocument"


def test_commands_are_executed_only_when_told(fleet: Any, ssm: Any, launch: Any) -> None:
    [id_] = launch()
    fleet.execute_commands(True)
    try:
        command = send(ssm, id_, commands="echo out; pwd; exit 7")
        until(lambda: how(ssm, command)[id_][0] != "InProgress", "the command to end")
    finally:
        fleet.execute_commands(False)
    status, output = how(ssm, command)[id_]
    assert status == "Failed"
    assert output.startswith("out\n")
    assert id_ in output
    fleet.execute_commands(True)
    try:
        rebooting = send(ssm, id_, commands="exit 194")
        fleet.advance(600)
    finally:
        fleet.execute_commands(False)
    # The agent reboots and runs it again, and again.
    assert how(ssm, rebooting)[id_][0] == "InProgress"
    simulated = send(ssm, id_, commands="echo out")
    fleet.settle()
    assert how(ssm, simulated)[id_] == ("Success", "simulated: the local fleet executes no command")


def test_targets_are_patched_one_after_the_other(fleet: Any, ssm: Any, launch: Any) -> None:
    ids = launch(2, tags={"PatchGroup": "web"})
    launch(1)
    sent = ssm.send_command(
        DocumentName="AWS-RunPatchBaseline",
        Targets=[{"Key": "tag:PatchGroup", "Values": ["web"]}],
        Parameters={"Operation": ["Install"], "RebootOption": ["NoReboot"]},
        MaxConcurrency="50%",
    )
    command = sent["Command"]["CommandId"]
    found = ssm.list_command_invocations(CommandId=command)["CommandInvocations"]
    assert sorted(i["Status"] for i in found) == ["InProgress", "Pending"]
    fleet.advance(60)
    states = ssm.describe_instance_patch_states_for_patch_group(PatchGroup="web")["InstancePatchStates"]
    assert sorted(s["InstanceId"] for s in states) == sorted(ids)
    assert {(s["MissingCount"], s["InstalledPendingRebootCount"]) for s in states} == {(0, 3)}

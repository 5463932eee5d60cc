"""The flow of docs/snippets that patches a patch group: in waves, ended by failures, judged by what is lacking."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from nightshift import Failed
from nightshift.compiler import compile_file
from nightshift.local.seed import Machine
from nightshift.testing import Fleet, dry_run, run
from nightshift.testing.fleet import running_fleet

SNIPPETS = Path(__file__).parents[2] / "docs/snippets"
SERVERS = tuple(Machine(f"web-{n}", {"PatchGroup": "web"}) for n in (1, 2, 3))


@pytest.fixture
def patch_group(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(SNIPPETS)
    yield import_module("patch_group").patch_group
    del sys.modules["patch_group"]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with running_fleet((*SERVERS, Machine("db-1", {"PatchGroup": "db"}))) as running:
        yield running


def lacking(fleet: Fleet, group: str = "web") -> list[int]:
    ssm: Any = fleet.aws.client("ssm")
    states = ssm.describe_instance_patch_states_for_patch_group(PatchGroup=group)["InstancePatchStates"]
    return [state["MissingCount"] for state in states]


def commands(fleet: Fleet) -> dict[str, str]:
    """How the last command ended, by instance id."""
    ssm: Any = fleet.aws.client("ssm")
    last = ssm.list_commands()["Commands"][0]["CommandId"]
    return {i["InstanceId"]: i["Status"] for i in ssm.list_command_invocations(CommandId=last)["CommandInvocations"]}


def test_a_group_is_patched_and_no_other(fleet: Fleet, patch_group: Any) -> None:
    told = run(patch_group, operation="Scan").value
    assert [text.partition(" ")[2] for text in told] == ["lacks 3 patches"] * 3
    assert lacking(fleet) == [3, 3, 3]
    assert run(patch_group, at_most="1").value == []
    assert lacking(fleet) == [0, 0, 0]
    assert lacking(fleet, "db") == []


def test_one_at_a_time_takes_longer(fleet: Fleet, patch_group: Any) -> None:
    at_once = run(patch_group, at_most="3").seconds
    assert run(patch_group, at_most="1").seconds > at_once


def test_after_the_failures_it_may_have_no_further_one_is_touched(fleet: Fleet, patch_group: Any) -> None:
    fleet.fault("command_fails", "web-1", message="no space left")
    with pytest.raises(Failed, match="Install of the patch group web: Failed"):
        run(patch_group, at_most="1", max_failures="0")
    assert sorted(commands(fleet).values()) == ["Cancelled", "Cancelled", "Failed"]
    assert lacking(fleet) == []
    fleet.fault("command_fails", "web-1", message="no space left")
    with pytest.raises(Failed, match="Incomplete"):
        run(patch_group, at_most="1", max_failures="1")
    assert lacking(fleet) == [0, 0]


def test_a_group_without_instances_fails(fleet: Fleet, patch_group: Any) -> None:
    with pytest.raises(Failed, match="NoInstancesInTag"):
        run(patch_group, group="wbe")


def test_a_dry_run_sends_nothing(fleet: Fleet, patch_group: Any) -> None:
    run(patch_group, operation="Scan")
    assert len(dry_run(patch_group).value) == 3
    assert lacking(fleet) == [3, 3, 3]
    assert list(commands(fleet).values()) == ["Success"] * 3


def test_it_may_send_this_document_to_instances_and_no_other() -> None:
    (flow,) = compile_file(SNIPPETS / "patch_group.py")
    granted = {grant.action: set(grant.resources) for grant in flow.grants["aws.ssm.patch_group"]}
    assert granted == {
        "ssm:SendCommand": {
            "arn:${AWS::Partition}:ssm:${AWS::Region}::document/AWS-RunPatchBaseline",
            "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/*",
        },
        "ssm:ListCommands": {"*"},
        "ssm:DescribeInstancePatchStatesForPatchGroup": {"*"},
    }

"""What a deployment may take away, by the runs that Step Functions has and the flows that are retired."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from lambdas.gate import holds
from lambdas.retirement import handler as retirement
from lambdas.retirement.change import Change
from lambdas.retirement.handler import DEPLOYMENT, StillNeeded, check_ended, take_away, undo
from lambdas.retirement.needs import Needs, needs
from tests.tables import table

__all__ = ["table"]

ARN = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:nightshift-"
REMOVED = Change((), ("backup",), {})
LOST = Change((), (), {"backup": ("ebs.create_snapshot",)})


@pytest.fixture
def states(table: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Step Functions with the flow `backup`; its runs last until they are stopped."""
    monkeypatch.setenv("NIGHTSHIFT_STATE_MACHINES", f"{ARN}{{flow}}")
    client = boto3.client("stepfunctions")
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
    role = "arn:aws:iam::123456789012:role/any"
    client.create_state_machine(name="nightshift-backup", roleArn=role, definition=json.dumps(wait))
    return client


def started(states: Any, name: str, *, stopped: bool = False) -> None:
    """A run of the flow; one that was stopped can be redriven."""
    arn = states.start_execution(stateMachineArn=f"{ARN}backup", name=name)["executionArn"]
    if stopped:
        states.stop_execution(executionArn=arn)


def test_the_change_is_what_is_lost_of_each_place() -> None:
    before = {"Flows": {"a": ["x", "y"], "b": [], "moves": []}, "Elsewhere": {"c": ["x"]}}
    after = {"Flows": {"a": ["y"], "d": ["x"]}, "Elsewhere": {"c": ["x", "y"], "moves": []}}
    assert Change.between(before, after) == Change(("d", "moves"), ("b", "moves"), {"a": ("x",)})
    assert Change.between(before, before) == Change((), (), {})


def test_a_redrive_is_possible_for_fourteen_days(states: Any) -> None:
    started(states, "stopped", stopped=True)
    started(states, "runs")
    now = datetime.now(UTC)
    found = needs(states, f"{ARN}backup", now)
    assert found.under_way == ("runs",)
    assert abs(found.redrivable["stopped"] - now - timedelta(days=14)) < timedelta(minutes=1)
    assert needs(states, f"{ARN}backup", now + timedelta(days=13, hours=23)).redrivable.keys() == {"stopped"}
    assert needs(states, f"{ARN}backup", now + timedelta(days=14, minutes=1)).redrivable == {}
    assert needs(states, f"{ARN}none", now) == Needs()


@pytest.mark.parametrize(("change", "why"), [(REMOVED, "is removed"), (LOST, "no longer uses ebs.create_snapshot")])
@pytest.mark.parametrize("give_up", [False, True])
def test_a_run_under_way_refuses_the_deployment(
    table: Any, states: Any, change: Change, why: str, give_up: bool
) -> None:
    started(states, "nightly-1")
    with pytest.raises(StillNeeded, match=f"backup {why}, and runs are under way: nightly-1; deploy again when"):
        take_away(table, states, change, give_up_redrives=give_up, pause=lambda _: None)
    assert not holds.read(table, "backup").retired


@pytest.mark.parametrize("change", [REMOVED, LOST])
def test_a_run_that_can_be_redriven_refuses_it_until_that_is_given_up(table: Any, states: Any, change: Change) -> None:
    started(states, "nightly-1", stopped=True)
    with pytest.raises(StillNeeded, match=r"can be redriven until .* UTC: nightly-1; .* -c give_up_redrives=true"):
        take_away(table, states, change, pause=lambda _: None)
    take_away(table, states, change, give_up_redrives=True, pause=lambda _: None)


def test_a_retired_flow_gives_its_redrives_up_and_is_free_when_it_is_added_again(table: Any, states: Any) -> None:
    started(states, "nightly-1", stopped=True)
    holds.retire(table, "backup", by="alice", why="replaced")
    take_away(table, states, REMOVED, pause=lambda _: None)
    assert holds.read(table, "backup").retired
    take_away(table, states, Change(("backup",), (), {}), pause=lambda _: None)
    assert holds.read(table, "backup").hold is None


def test_a_removed_flow_is_held_before_its_runs_are_counted(table: Any, states: Any) -> None:
    with pytest.raises(StillNeeded, match="late"):
        take_away(table, states, REMOVED, pause=lambda _: started(states, "late"))
    seen: list[bool] = []
    states.stop_execution(executionArn=f"{ARN.replace(':stateMachine:', ':execution:')}backup:late")
    take_away(
        table,
        states,
        REMOVED,
        give_up_redrives=True,
        pause=lambda _: seen.append(holds.read(table, "backup").retired),
    )
    assert seen == [True]


def test_the_way_back_releases_what_the_deployment_retired_and_nothing_else(table: Any) -> None:
    holds.retire(table, "own", by=DEPLOYMENT, why="removed")
    holds.retire(table, "users", by="alice", why="replaced")
    holds.hold(table, "held", by=DEPLOYMENT, why="a hold")
    undo(table, Change(("held", "own", "users"), (), {}))
    assert [flow for flow, held in holds.read_all(table, ["own", "users", "held"]).items() if held.hold] == [
        "held",
        "users",
    ]


def test_the_app_is_not_destroyed_under_a_run(states: Any) -> None:
    started(states, "nightly-1")
    with pytest.raises(StillNeeded, match="backup: nightly-1"):
        check_ended(states, ["backup", "gone"])
    states.stop_execution(executionArn=f"{ARN.replace(':stateMachine:', ':execution:')}backup:nightly-1")
    check_ended(states, ["backup", "gone"])


@pytest.mark.parametrize(("status", "answered"), [("UPDATE_IN_PROGRESS", "FAILED"), ("OTHER", "SUCCESS")])
def test_only_the_way_forward_is_refused(
    table: Any, states: Any, monkeypatch: pytest.MonkeyPatch, status: str, answered: str
) -> None:
    started(states, "nightly-1")
    stack = boto3.client("cloudformation").create_stack(
        StackName="nightshift", TemplateBody='{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    )["StackId"]
    told: list[dict[str, Any]] = []
    monkeypatch.setattr("lambdas.custom_resources.response.urllib.request.urlopen", Sent(told))
    monkeypatch.setattr("time.sleep", lambda _: None)
    if status == "UPDATE_IN_PROGRESS":
        from moto.cloudformation.models import cloudformation_backends

        cloudformation_backends["123456789012"]["ap-northeast-1"].stacks[stack].status = status
    retirement.step_functions.cache_clear()
    event = {
        "ResourceType": "Custom::FlowsInUse",
        "RequestType": "Update",
        "StackId": stack,
        "RequestId": "1",
        "LogicalResourceId": "FlowsInUse",
        "PhysicalResourceId": "FlowsInUse",
        "ResponseURL": "https://example.com/answer",
        "OldResourceProperties": {"Flows": {"backup": []}},
        "ResourceProperties": {"Flows": {}, "GiveUpRedrives": "false"},
    }
    retirement.handler(event, None)
    assert [answer["Status"] for answer in told] == [answered]


class Sent:
    """Takes the answer to CloudFormation."""

    def __init__(self, told: list[dict[str, Any]]) -> None:
        self.told = told

    def __call__(self, request: Any, timeout: float) -> Sent:
        self.told.append(json.loads(request.data))
        return self

    def __enter__(self) -> Sent:
        return self

    def __exit__(self, *_: object) -> None:
        pass

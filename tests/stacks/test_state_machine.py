"""State machines and their roles: placeholders, and permissions that are exactly what the flow uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nightshift.compiler import compile_file
from nightshift.model import CompiledFlow
from stacks.flows.state_machine import MAX_DEFINITION, state_machine
from stacks.settings import Settings
from stacks.template.cloudformation import logical_id
from tests.stacks.compiled import compiled

SETTINGS = Settings()
SHARED = {"logs", "xray"}
"""Services every state machine writes to: its log and its traces."""


def properties(flow: CompiledFlow) -> dict[str, Any]:
    """Properties of the flow's state machine."""
    made: dict[str, Any] = state_machine(SETTINGS, flow)[logical_id(flow.name)]["Properties"]
    return made


def granted(flow: CompiledFlow) -> dict[str, set[str]]:
    """What the flow's role grants besides log and traces: action -> resources."""
    role = state_machine(SETTINGS, flow)[logical_id(flow.name, "role")]["Properties"]
    found: dict[str, set[str]] = {}
    for policy in role["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
            for action in actions:
                assert "*" not in action
                if action.split(":")[0] not in SHARED:
                    found.setdefault(action, set()).update(short(resource) for resource in resources)
    return found


def short(resource: Any) -> str:
    """The end of an ARN, from the service on."""
    text: str = resource["Fn::Sub"]
    return text.replace("arn:${AWS::Partition}:", "").replace("${AWS::Region}:${AWS::AccountId}:", "")


def test_a_flow_may_invoke_exactly_its_parts() -> None:
    assert granted(compiled("f", "ec2.stop_instances", "ebs.create_snapshot")) == {
        "lambda:InvokeFunction": {
            "lambda:function:nightshift-ec2-stop_instances",
            "lambda:function:nightshift-ebs-create_snapshot",
        }
    }


def test_a_flow_without_parts_may_invoke_nothing() -> None:
    assert granted(compiled("f")) == {}


def test_a_flow_may_start_and_watch_the_flows_it_calls() -> None:
    assert granted(compiled("f", calls=("g",))) == {
        "states:StartExecution": {"states:stateMachine:nightshift-g"},
        "states:DescribeExecution": {"states:execution:nightshift-g:*"},
        "states:StopExecution": {"states:execution:nightshift-g:*"},
        "events:PutTargets": {"events:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"},
        "events:PutRule": {"events:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"},
        "events:DescribeRule": {"events:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"},
    }


def test_a_distributed_map_may_start_its_own_children() -> None:
    item = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "x", "States": {}}
    made = granted(compiled("f", states={"map": {"Type": "Map", "ItemProcessor": item, "End": True}}))
    assert made["states:StartExecution"] == {"states:stateMachine:nightshift-f"}
    assert made["states:RedriveExecution"] == {"states:execution:nightshift-f/*:*"}


def test_approval_is_a_function_like_a_part() -> None:
    flow = compiled("f", approval=True)
    assert granted(flow) == {"lambda:InvokeFunction": {"lambda:function:nightshift-approval"}}
    assert flow.asks_approval
    assert not compiled("g", "ec2.stop_instances").asks_approval
    assert [flow.reminds, compiled("h", approval=True, reminds=True).reminds] == [False, True]


def test_functions_are_named_and_called_flows_have_an_arn() -> None:
    flow = compiled("f", "ec2.stop_instances", calls=("g",), approval=True)
    text = properties(flow)["DefinitionString"]["Fn::Sub"]
    states = json.loads(text)["States"]
    assert states["ec2.stop_instances"]["Arguments"]["FunctionName"] == "nightshift-ec2-stop_instances"
    assert states["approval"]["Arguments"]["FunctionName"] == "nightshift-approval"
    assert states["call g"]["Arguments"]["StateMachineArn"] == (
        "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:nightshift-g"
    )


@pytest.mark.parametrize("text", ["costs ${x}", '"FunctionName":"${ec2.stop_instances}"', "${AWS::Region}", "\u590f"])
def test_text_of_the_flow_stays_as_it_is(text: str) -> None:
    states = {"say": {"Type": "Pass", "Output": text, "Next": "call g"}}
    plain = compiled("f", states={"say": {"Type": "Pass", "Output": text, "End": True}})
    assert json.loads(properties(plain)["DefinitionString"])["States"]["say"]["Output"] == text
    substituted = properties(compiled("f", states=states, calls=("g",)))["DefinitionString"]["Fn::Sub"]
    # What Fn::Sub leaves of a literal: "${!x}" is written for "${x}".
    assert json.loads(substituted)["States"]["say"]["Output"].replace("${!", "${") == text
    assert substituted.count("${AWS::Region}") == 1


def test_tasks_are_those_of_the_partition() -> None:
    text = properties(compiled("f", "ec2.stop_instances", calls=("g",), approval=True))["DefinitionString"]["Fn::Sub"]
    tasks = [state["Resource"] for state in json.loads(text)["States"].values() if state["Type"] == "Task"]
    assert sorted(tasks) == [
        "arn:${AWS::Partition}:states:::lambda:invoke",
        "arn:${AWS::Partition}:states:::lambda:invoke.waitForTaskToken",
        "arn:${AWS::Partition}:states:::states:startExecution.sync:2",
    ]


SIDE_BY_SIDE = """
from lambdas.parts import ec2
from nightshift import flow, for_each, parallel


@flow
def side_by_side():
    parallel(lambda: ec2.stop_instances(tag="A=1"), lambda: ec2.stop_instances(tag="B=1"))
    for_each(["A=1", "B=1"], lambda tag: ec2.start_instances(tag=tag), at_most=2)
"""


def test_tasks_in_branches_are_too(tmp_path: Path) -> None:
    (tmp_path / "side_by_side.py").write_text(SIDE_BY_SIDE, encoding="utf-8")
    (flow,) = compile_file(tmp_path / "side_by_side.py")
    text = properties(flow)["DefinitionString"]["Fn::Sub"]
    assert text.count("arn:${AWS::Partition}:states:::lambda:invoke") == text.count('"Type":"Task"') == 3
    assert "arn:aws:" not in text


def test_it_logs_everything_and_is_traced() -> None:
    made = properties(compiled("f"))
    assert made["LoggingConfiguration"]["Level"] == "ALL"
    assert made["LoggingConfiguration"]["IncludeExecutionData"] is True
    (destination,) = made["LoggingConfiguration"]["Destinations"]
    log_group = destination["CloudWatchLogsLogGroup"]["LogGroupArn"]
    assert short(log_group) == "logs:log-group:/aws/vendedlogs/states/nightshift:*"
    assert made["TracingConfiguration"] == {"Enabled": True}


def test_only_step_functions_for_this_flow_takes_the_role() -> None:
    role = state_machine(SETTINGS, compiled("f"))[logical_id("f", "role")]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert short(trust["Condition"]["ArnLike"]["aws:SourceArn"]) == "states:stateMachine:nightshift-f"


def test_a_definition_that_is_too_large_is_refused() -> None:
    flow = compiled("f", states={"say": {"Type": "Pass", "Output": "x" * MAX_DEFINITION, "End": True}})
    with pytest.raises(ValueError, match=r"flow_defs/f\.py:1: the definition of f has 1,0\d\d,\d\d\d bytes"):
        state_machine(SETTINGS, flow)

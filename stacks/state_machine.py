"""A compiled flow as AWS::StepFunctions::StateMachine, and the role it runs under."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from nightshift.model import CompiledFlow
from stacks.cloudformation import Json, Resources, arn, attribute, logical_id, role, statement, sub, tags
from stacks.settings import Settings

APPROVAL = "nightshift.approval"
"""The function behind `approval(...)`, named like a part in the placeholder of a FunctionName."""

MAX_DEFINITION = 1024 * 1024
"""Bytes of a state machine definition ("Quotas", Step Functions Developer Guide)."""


def state_machine(settings: Settings, flow: CompiledFlow) -> Resources:
    """The state machine of a flow with its role."""
    machine, machine_role = logical_id(flow.name), logical_id(flow.name, "role")
    return {
        machine_role: role(
            "states",
            role_statements(settings, flow),
            description=f"Runs the flow {flow.name}",
            tags=tags(settings.prefix, flow=flow.name),
            source_arn=settings.state_machine_arn(flow.name),
        ),
        machine: {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": settings.state_machine(flow.name),
                "StateMachineType": "STANDARD",
                "RoleArn": attribute(machine_role),
                "DefinitionString": definition_string(settings, flow),
                "LoggingConfiguration": {
                    "Level": "ALL",
                    "IncludeExecutionData": True,
                    "Destinations": [
                        {
                            "CloudWatchLogsLogGroup": {
                                "LogGroupArn": arn("logs", f"log-group:{settings.state_machine_log_group}:*")
                            }
                        }
                    ],
                },
                "TracingConfiguration": {"Enabled": True},
                "Tags": tags(settings.prefix, flow=flow.name),
            },
        },
    }


def definition_string(settings: Settings, flow: CompiledFlow) -> Json:
    """The definition as text, each placeholder replaced by the name of a function or the ARN of a state machine.

    Raises ValueError for a definition that is larger than AWS takes.
    """
    text = json.dumps(_placed(settings, flow.definition), separators=(",", ":"))
    size = len(text)
    if size > MAX_DEFINITION:
        raise ValueError(
            f"{flow.file}:{flow.line}: the definition of {flow.name} has {size:,} bytes, "
            f"AWS takes {MAX_DEFINITION:,}; move a part of it to a flow of its own and call that"
        )
    # Only the ARNs of called flows need the account and the region; a ${...} in a flow's own text stays literal.
    return sub(text) if flow.flows else text


def role_statements(settings: Settings, flow: CompiledFlow) -> list[dict[str, Json]]:
    """Exactly what the state machine of a flow may do.

    Sources: "Creating an IAM role for your state machine", "Call other state machines", "Using Distributed Map" and
    "Logging and tracing" in the Step Functions Developer Guide.
    """
    made: list[dict[str, Json]] = []
    functions = [settings.function_arn(name) for name in functions_used(flow)]
    if functions:
        made.append(statement("lambda:InvokeFunction", functions))
    if flow.flows:
        made.extend(_calling_flows(settings, flow.flows))
    if _is_distributed(flow.definition):
        made.extend(_distributed_map(settings, flow.name))
    made.append(
        statement(
            [
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ]
        )
    )
    made.append(
        statement(
            [
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ]
        )
    )
    return made


def functions_used(flow: CompiledFlow) -> list[str]:
    """The parts a flow calls, and "nightshift.approval" when it asks for approval."""
    return [*flow.parts, *([APPROVAL] if asks_approval(flow) else [])]


def asks_approval(flow: CompiledFlow) -> bool:
    """Whether a flow waits for somebody's approval."""
    return any(node.get("FunctionName") == f"${{{APPROVAL}}}" for node in objects(flow.definition))


def objects(definition: Json) -> Iterator[dict[str, Json]]:
    """Every JSON object in a definition."""
    pending = [definition]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield node
            pending.extend(node.values())
        elif isinstance(node, list):
            pending.extend(node)


def _placed(settings: Settings, node: Json) -> Json:
    if isinstance(node, list):
        return [_placed(settings, item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _named(settings, key, value) or _placed(settings, value) for key, value in node.items()}


def _named(settings: Settings, key: str, value: Json) -> str | None:
    """What a placeholder stands for; None for anything else."""
    if not (isinstance(value, str) and value.startswith("${") and value.endswith("}")):
        return None
    name = value[2:-1]
    if key == "FunctionName":
        return settings.function(name)
    if key == "StateMachineArn" and name.startswith("flow:"):
        found: str = settings.state_machine_arn(name.removeprefix("flow:"))["Fn::Sub"]
        return found
    return None


def _calling_flows(settings: Settings, flows: tuple[str, ...]) -> list[dict[str, Json]]:
    machines = [settings.state_machine_arn(name) for name in flows]
    executions = [arn("states", f"execution:{settings.state_machine(name)}:*") for name in flows]
    rule = arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
    return [
        statement("states:StartExecution", machines),
        statement(["states:DescribeExecution", "states:StopExecution"], executions),
        statement(["events:DescribeRule", "events:PutRule", "events:PutTargets"], rule),
    ]


def _distributed_map(settings: Settings, name: str) -> list[dict[str, Json]]:
    machine = settings.state_machine(name)
    return [
        statement("states:StartExecution", settings.state_machine_arn(name)),
        statement(
            ["states:DescribeExecution", "states:StopExecution"],
            [arn("states", f"execution:{machine}:*"), arn("states", f"execution:{machine}/*:*")],
        ),
        statement("states:RedriveExecution", arn("states", f"execution:{machine}/*:*")),
    ]


def _is_distributed(definition: dict[str, Any]) -> bool:
    return any(node.get("Mode") == "DISTRIBUTED" for node in objects(definition))

"""A compiled flow as AWS::StepFunctions::StateMachine, and the role it runs under."""

from __future__ import annotations

import json

from nightshift.model import CompiledFlow, Placeholder, inner_scopes
from stacks.settings import Settings
from stacks.template.cloudformation import Json, Resources, arn, logical_id, role, role_arn, statement, tags
from stacks.template.key import state_machine_statements

_REUSE = {"KmsDataKeyReusePeriodSeconds": 300}
"""How long a data key serves; KMS is asked, and paid, once in that time."""

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
            tags=tags(settings.app, flow=flow.name),
            source_arn=settings.state_machine_arn(flow.name),
        ),
        machine: {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": settings.state_machine(flow.name),
                "StateMachineType": "STANDARD",
                "RoleArn": role_arn(machine_role),
                "DefinitionString": definition_string(settings, flow),
                "LoggingConfiguration": {
                    "Level": settings.log_level,
                    "IncludeExecutionData": settings.log_execution_data,
                    "Destinations": [
                        {
                            "CloudWatchLogsLogGroup": {
                                "LogGroupArn": arn("logs", f"log-group:{settings.state_machine_log_group}:*")
                            }
                        }
                    ],
                },
                "TracingConfiguration": {"Enabled": True},
                **_encryption(settings),
                "Tags": tags(settings.app, flow=flow.name),
            },
        },
    }


def _encryption(settings: Settings) -> dict[str, Json]:
    """The company's key for definition and history; nothing without one."""
    key = settings.company.key_arn
    if not key:
        return {}
    return {"EncryptionConfiguration": {"Type": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": key, **_REUSE}}


def definition_string(settings: Settings, flow: CompiledFlow) -> Json:
    """The definition, each placeholder replaced by the name of a function or the ARN of a state machine.

    Raises ValueError for a definition that is larger than AWS takes.
    """

    def value(place: Placeholder) -> str:
        return _arn_text(settings, place.name) if place.flow else settings.function(place.name)

    # Tasks name the partition, and called flows the account; a ${...} in a flow's own text stays literal.
    substituted = bool(flow.functions or flow.flows)
    literal = (lambda text: text.replace("${", "${!")) if substituted else str
    definition = flow.filled(value, literal)
    _name_partition(definition)
    text = json.dumps(definition, separators=(",", ":"))
    if len(text) > MAX_DEFINITION:
        raise ValueError(
            f"{flow.file}:{flow.line}: the definition of {flow.name} has {len(text):,} bytes, "
            f"AWS takes {MAX_DEFINITION:,}; move a part of it to a flow of its own and call that"
        )
    return {"Fn::Sub": text} if substituted else text


def _name_partition(scope: Json) -> None:
    """Have the tasks of a machine, a branch or the items of a Map name the partition of the stack.

    Step Functions ends a run in another one with States.Runtime, "The resource belongs to a different partition from
    the running execution".
    """
    for state in scope["States"].values():
        if state["Type"] == "Task":
            state["Resource"] = state["Resource"].replace("arn:aws:", "arn:${AWS::Partition}:", 1)
        for inner in inner_scopes(state):
            _name_partition(inner)


def role_statements(settings: Settings, flow: CompiledFlow) -> list[dict[str, Json]]:
    """Exactly what the state machine of a flow may do.

    Sources: "Creating an IAM role for your state machine", "Call other state machines", "Using Distributed Map" and
    "Logging and tracing" in the Step Functions Developer Guide.
    """
    made: list[dict[str, Json]] = []
    functions = [settings.function_arn(name) for name in flow.functions]
    if functions:
        made.append(statement("lambda:InvokeFunction", functions))
    if flow.flows:
        made.extend(_calling_flows(settings, flow.flows))
    if flow.distributed:
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
    made.extend(state_machine_statements(settings, (flow.name, *flow.flows)))
    return made


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


def _arn_text(settings: Settings, flow: str) -> str:
    text: str = settings.state_machine_arn(flow)["Fn::Sub"]
    return text

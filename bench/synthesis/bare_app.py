"""A bare CDK app that makes given resources as L1 constructs in nested stacks, as a person would by hand.

python bare_app.py RESOURCES, a file with JSON: name of a nested stack -> logical id -> CloudFormation resource.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aws_cdk import App, CfnTag, Fn, NestedStack, Stack
from aws_cdk.aws_iam import CfnRole
from aws_cdk.aws_scheduler import CfnSchedule
from aws_cdk.aws_stepfunctions import CfnStateMachine


def role(stack: Stack, name: str, properties: dict[str, Any]) -> None:
    """A role with its inline policies."""
    CfnRole(
        stack,
        name,
        assume_role_policy_document=properties["AssumeRolePolicyDocument"],
        description=properties["Description"],
        policies=[
            CfnRole.PolicyProperty(policy_name=policy["PolicyName"], policy_document=policy["PolicyDocument"])
            for policy in properties["Policies"]
        ],
        tags=[CfnTag(key=tag["Key"], value=tag["Value"]) for tag in properties["Tags"]],
    )


def state_machine(stack: Stack, name: str, properties: dict[str, Any]) -> None:
    """A state machine with its log."""
    log = properties["LoggingConfiguration"]
    group = log["Destinations"][0]["CloudWatchLogsLogGroup"]["LogGroupArn"]
    CfnStateMachine(
        stack,
        name,
        role_arn=text(properties["RoleArn"]),
        state_machine_name=properties["StateMachineName"],
        state_machine_type=properties["StateMachineType"],
        definition_string=text(properties["DefinitionString"]),
        logging_configuration=CfnStateMachine.LoggingConfigurationProperty(
            level=log["Level"],
            include_execution_data=log["IncludeExecutionData"],
            destinations=[
                CfnStateMachine.LogDestinationProperty(
                    cloud_watch_logs_log_group=CfnStateMachine.CloudWatchLogsLogGroupProperty(log_group_arn=text(group))
                )
            ],
        ),
        tracing_configuration=CfnStateMachine.TracingConfigurationProperty(enabled=True),
        tags=[CfnStateMachine.TagsEntryProperty(key=tag["Key"], value=tag["Value"]) for tag in properties["Tags"]],
    )


def schedule(stack: Stack, name: str, properties: dict[str, Any]) -> None:
    """A schedule with its target."""
    target = properties["Target"]
    CfnSchedule(
        stack,
        name,
        name=properties["Name"],
        group_name=properties["GroupName"],
        description=properties["Description"],
        schedule_expression=properties["ScheduleExpression"],
        schedule_expression_timezone=properties["ScheduleExpressionTimezone"],
        flexible_time_window=CfnSchedule.FlexibleTimeWindowProperty(mode=properties["FlexibleTimeWindow"]["Mode"]),
        state=properties["State"],
        target=CfnSchedule.TargetProperty(
            arn=text(target["Arn"]),
            role_arn=text(target["RoleArn"]),
            input=text(target["Input"]),
            retry_policy=CfnSchedule.RetryPolicyProperty(
                maximum_event_age_in_seconds=target["RetryPolicy"]["MaximumEventAgeInSeconds"],
                maximum_retry_attempts=target["RetryPolicy"]["MaximumRetryAttempts"],
            ),
            dead_letter_config=CfnSchedule.DeadLetterConfigProperty(arn=text(target["DeadLetterConfig"]["Arn"])),
        ),
    )


def text(value: Any) -> str:
    """A text, or the token of one with pseudo parameters."""
    return Fn.sub(value["Fn::Sub"]) if isinstance(value, dict) else str(value)


MAKERS: dict[str, Callable[[Stack, str, dict[str, Any]], None]] = {
    "AWS::IAM::Role": role,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::StepFunctions::StateMachine": state_machine,
}


def main() -> None:
    """Synthesize the app."""
    app = App()
    parent = Stack(app, "bare")
    for stack, resources in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")).items():
        nested = NestedStack(parent, stack)
        for name, resource in resources.items():
            MAKERS[resource["Type"]](nested, name, resource["Properties"])
    app.synth()


if __name__ == "__main__":
    main()

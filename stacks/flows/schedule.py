"""A flow's schedule: an AWS::Scheduler::Schedule for each of its expressions, with one role."""

from __future__ import annotations

import json

from nightshift.model import CompiledFlow
from stacks.settings import Settings, schedule_names
from stacks.template.cloudformation import Json, Resources, arn, logical_id, role, role_arn, statement, sub, tags
from stacks.template.key import key_statements

SCHEDULE_GROUP = "ScheduleGroup"
"""Logical id of the group."""

MAX_AGE = 3600
"""Seconds after which a start that keeps failing is given up: a backup that belongs to the night must not start
in the morning."""

MAX_ATTEMPTS = 30


def schedule_group(settings: Settings) -> Resources:
    """The group of all schedules, which is also what the trust of their roles is tied to."""
    return {
        SCHEDULE_GROUP: {
            "Type": "AWS::Scheduler::ScheduleGroup",
            "Properties": {"Name": settings.app, "Tags": tags(settings.app)},
        }
    }


def schedule(settings: Settings, flow: CompiledFlow) -> Resources:
    """The schedules of a flow and their role; nothing when it has none."""
    if flow.options.schedule is None:
        return {}
    schedule_role = logical_id(flow.name, "schedule", "role")
    statements = [
        statement("states:StartExecution", settings.state_machine_arn(flow.name)),
        statement("sqs:SendMessage", arn("sqs", settings.dead_letter_queue)),
    ]
    made = {
        schedule_role: role(
            "scheduler",
            [*statements, *key_statements(settings, statements)],
            description=f"Starts the flow {flow.name} by its schedule",
            tags=tags(settings.app, flow=flow.name),
            # A schedule acts in the name of its group ("Confused deputy prevention", EventBridge Scheduler User Guide).
            source_arn=arn("scheduler", f"schedule-group/{settings.app}"),
        )
    }
    names = schedule_names(flow)
    for name, expression in zip(names, flow.options.schedule.expressions, strict=True):
        made[logical_id(name, "schedule")] = {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "Name": name,
                "GroupName": settings.app,
                "Description": f"Starts the flow {flow.name}",
                "ScheduleExpression": expression,
                "ScheduleExpressionTimezone": flow.options.schedule.timezone,
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "State": "ENABLED",
                "Target": {
                    "Arn": sub("arn:${AWS::Partition}:scheduler:::aws-sdk:sfn:startExecution"),
                    "RoleArn": role_arn(schedule_role),
                    "Input": start_execution_input(settings, flow),
                    "RetryPolicy": {"MaximumEventAgeInSeconds": MAX_AGE, "MaximumRetryAttempts": MAX_ATTEMPTS},
                    "DeadLetterConfig": {"Arn": arn("sqs", settings.dead_letter_queue)},
                },
            },
        }
    return made


def start_execution_input(settings: Settings, flow: CompiledFlow) -> Json:
    """The request of StartExecution, in which EventBridge Scheduler fills in its own <aws.scheduler...> keywords.

    Scheduler delivers at least once. The execution is named after Scheduler's id of the attempted invocation, and its
    input holds nothing that a retry of that attempt changes, so Step Functions answers it with the run it already has.
    Another attempt has another id; the gate lets one run through for each schedule and due time ("Adding context
    attributes", EventBridge Scheduler User Guide; "StartExecution", Step Functions API Reference).
    """
    trigger = {
        "type": "schedule",
        "schedule": "<aws.scheduler.schedule-arn>",
        "scheduled_time": "<aws.scheduler.scheduled-time>",
    }
    request = {
        "StateMachineArn": settings.state_machine_arn(flow.name)["Fn::Sub"],
        "Name": "<aws.scheduler.execution-id>",
        "Input": json.dumps({"nightshift": {"trigger": trigger}}),
    }
    return sub(json.dumps(request))

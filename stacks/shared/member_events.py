"""How events of member accounts reach the app: who may put them on its bus, and what keeps those about instances."""

from __future__ import annotations

from lambdas.alarms.member_instances import DETAIL_TYPE
from lambdas.store.member_instances import PARTITION
from stacks.settings import Settings
from stacks.shared.operations import function_alarm, throttle_alarm
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, arn, ref, statement, sub
from stacks.template.functions import Code, function
from stacks.template.rules import rule

FUNCTION = "MemberInstances"

INSTANCE_EVENTS: dict[str, Json] = {"source": ["aws.ec2"], "detail-type": [DETAIL_TYPE]}
"""The pattern of EventBridge for changes of state of instances ("State change events for your instances", Amazon EC2
User Guide)."""

ELSEWHERE: dict[str, Json] = {"account": [{"anything-but": [ref("AWS::AccountId")]}]}
"""Of a pattern: events of other accounts than the app's."""


def members_let_in(settings: Settings) -> Resources:
    """What lets the rules of member accounts put events on the bus of the app's account.

    Source: "Permissions for event buses in Amazon EventBridge", events from the accounts of an organization (Amazon
    EventBridge User Guide).
    """
    forwarder = f"role/{settings.names.of('forward-${AWS::AccountId}-${AWS::Region}')}"
    bus = arn("events", "event-bus/default")
    allowed = statement(
        "events:PutEvents",
        bus,
        principal="*",
        condition={
            "StringEquals": {"aws:PrincipalOrgID": settings.company.organization},
            "ArnLike": {"aws:PrincipalArn": sub(f"arn:${{AWS::Partition}}:iam::*:{forwarder}")},
        },
    )
    return {
        "MemberAlarmsPolicy": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {"StatementId": settings.names.of("members"), "Statement": allowed},
        }
    }


def member_instances(settings: Settings, code: Code) -> Resources:
    """What keeps the states of members' instances; nothing where they are not forwarded."""
    if not settings.company.member_events:
        return {}
    made = function(
        settings,
        FUNCTION,
        "nightshift.member_instances",
        handler="lambdas.alarms.member_instances.handler",
        description="Keeps the states of instances in member accounts",
        code=code,
        environment={"NIGHTSHIFT_TABLE": settings.table},
        statements=[table_statement("dynamodb:PutItem", [PARTITION])],
        timeout=30,
        memory=256,
    )
    made |= rule(settings, FUNCTION, "An instance of a member", {"EventPattern": {**INSTANCE_EVENTS, **ELSEWHERE}})
    made[f"{FUNCTION}Errors"] = function_alarm(
        settings,
        FUNCTION,
        "member-instances-errors",
        "The fleet page misses changes of instances in member accounts: look at the log of the function",
    )
    made[f"{FUNCTION}Throttles"] = throttle_alarm(
        settings, FUNCTION, "member-instances", "the fleet page is late for member accounts"
    )
    return made | members_let_in(settings)

"""The functions that keep a record of every run, the rules that call them, and the alarm that says they fail."""

from __future__ import annotations

from lambdas.tracker import keys, rounds
from lambdas.tracker.record import RUNNING
from stacks.settings import Settings
from stacks.shared.operations import function_alarm, throttle_alarm
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, attribute, ref, statement, tags
from stacks.template.functions import Code, function
from stacks.template.reach import executions, not_of_others

TRACKER, RECONCILER = "Tracker", "TrackerReconciler"

_READS = ["states:DescribeExecution", "states:GetExecutionHistory"]


def tracker(settings: Settings, code: Code) -> Resources:
    """The tracker with its permissions, its rules and its alarm.

    code: the code asset with the catalogue of the flows in it, which tells what their states are.

    An event that could not be processed goes to no queue: the reconciler asks Step Functions itself what is missing.
    """
    made = _function(
        settings,
        TRACKER,
        "nightshift.tracker",
        "lambdas.tracker.handler.handler",
        "Keeps a record of every run",
        code,
        [],
    )
    made |= _function(
        settings,
        RECONCILER,
        "nightshift.tracker_reconciler",
        "lambdas.tracker.handler.reconcile",
        "Looks for runs whose record is missing or behind",
        code,
        [
            table_statement(["dynamodb:BatchGetItem", "dynamodb:Query"], ["RUN#*"]),
            table_statement(["dynamodb:GetItem", "dynamodb:PutItem"], [rounds.CURSOR]),
            table_statement("dynamodb:Query", [keys.list_of(None, RUNNING)[1]], indexes=[keys.OF_ALL_BY_STATE]),
            statement("states:ListStateMachines"),
            statement("states:ListExecutions", settings.state_machine_arn("*")),
        ],
    )
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [{"prefix": settings.state_machine_arn("")}]},
    }
    made |= _rule(settings, TRACKER, "A run started or ended", {"EventPattern": pattern})
    every = {"ScheduleExpression": f"rate({rounds.INTERVAL_MINUTES} minutes)"}
    made |= _rule(settings, RECONCILER, "A share of the flows, all of them in an hour", every)
    made["TrackerErrors"] = function_alarm(
        settings,
        TRACKER,
        "tracker-errors",
        "Runs are not recorded: look at the log of the tracker; what is missing is added every hour",
    )
    made["TrackerReconcilerErrors"] = function_alarm(
        settings,
        RECONCILER,
        "tracker-reconciler-errors",
        "Runs of a flow could not be compared with their records: look at the log of the reconciler",
    )
    made["TrackerThrottles"] = throttle_alarm(settings, TRACKER, "tracker", "runs are recorded late")
    return made


def _function(
    settings: Settings,
    logical_id: str,
    name: str,
    handler: str,
    description: str,
    code: Code,
    more: list[dict[str, Json]],
) -> Resources:
    return function(
        settings,
        logical_id,
        name,
        handler=handler,
        description=description,
        code=code,
        environment={"NIGHTSHIFT_TABLE": settings.table, "NIGHTSHIFT_PREFIX": settings.prefix},
        statements=[
            table_statement(["dynamodb:GetItem", "dynamodb:PutItem"], ["DAYS#*", "MONTHS#*", "RUN#*"]),
            statement(_READS, executions(settings)),
            not_of_others(settings, [*_READS, "states:ListExecutions"]),
            *more,
        ],
        # The history of a long run has 25 pages of a thousand events.
        timeout=120,
        memory=512,
    )


def _rule(settings: Settings, function_id: str, description: str, when: dict[str, Json]) -> Resources:
    rule = f"{function_id}Rule"
    return {
        rule: {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": description,
                "State": "ENABLED",
                **when,
                "Targets": [{"Id": "function", "Arn": attribute(function_id)}],
                "Tags": tags(settings.prefix),
            },
        },
        f"{function_id}Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref(function_id),
                "Principal": "events.amazonaws.com",
                "SourceArn": attribute(rule),
            },
        },
    }

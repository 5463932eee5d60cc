"""The functions that keep a record of every run, the rules that call them, and the alarm that says they fail."""

from __future__ import annotations

from lambdas.approval.waiting import WAITING
from lambdas.prices import kept
from lambdas.tracker import keys, opened, rounds, touched
from lambdas.tracker.record import RUNNING, SUCCEEDED
from stacks.settings import Settings
from stacks.shared.alerts import FUNCTION as ALERTS
from stacks.shared.operations import function_alarm, throttle_alarm
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, statement
from stacks.template.functions import Code, function
from stacks.template.reach import executions, map_runs, not_of_others
from stacks.template.rules import rule

TRACKER, RECONCILER = "Tracker", "TrackerReconciler"

_READS = ["states:DescribeExecution", "states:GetExecutionHistory"]


def tracker(settings: Settings, code: Code, *, alerts: bool = False) -> Resources:
    """The tracker with its permissions, its rules and its alarm.

    code: the code asset with the catalogue of the flows in it, which tells what their states are. alerts: whether they
    ask the alerts to tell people.

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
        alerts=alerts,
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
            table_statement(["dynamodb:PutItem", "dynamodb:Query"], [kept.PARTITION]),
            # It has no resource types.
            # "Actions, resources, and condition keys for AWS Price List", Service Authorization Reference.
            statement("pricing:GetProducts"),
        ],
        alerts=alerts,
    )
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [_own_machines(settings)]},
    }
    made |= rule(settings, TRACKER, "A run started or ended", {"EventPattern": pattern})
    every = {"ScheduleExpression": f"rate({rounds.INTERVAL_MINUTES} minutes)"}
    made |= rule(settings, RECONCILER, "A share of the flows, all of them in an hour", every)
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


def _own_machines(settings: Settings) -> dict[str, Json]:
    """The state machines of the app, as an event pattern has them.

    "Comparison operators for use in event patterns", Amazon EventBridge User Guide.
    """
    if settings.suffix:
        return {"wildcard": settings.state_machine_arn("*")}
    return {"prefix": settings.state_machine_arn("")}


def _function(
    settings: Settings,
    logical_id: str,
    name: str,
    handler: str,
    description: str,
    code: Code,
    more: list[dict[str, Json]],
    *,
    alerts: bool,
) -> Resources:
    asked = {"NIGHTSHIFT_ALERTS": settings.function(ALERTS)} if alerts else {}
    return function(
        settings,
        logical_id,
        name,
        handler=handler,
        description=description,
        code=code,
        environment={"NIGHTSHIFT_TABLE": settings.table, **settings.names.environment(), **asked},
        statements=[
            table_statement(["dynamodb:GetItem", "dynamodb:PutItem"], ["DAYS#*", "MONTHS#*", "RUN#*"]),
            table_statement(["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"], [opened.OPEN]),
            table_statement("dynamodb:BatchWriteItem", [f"{touched.RESOURCE}*", touched.KNOWN, touched.POWER]),
            table_statement("dynamodb:Query", [f"RUNS#*#{SUCCEEDED}"], indexes=[keys.OF_FLOW_BY_STATE]),
            table_statement(["dynamodb:DeleteItem", "dynamodb:Query"], [WAITING]),
            statement(_READS, executions(settings)),
            # The reference asks for the state machine beside the Map Run.
            statement("states:ListExecutions", [map_runs(settings), settings.state_machine_arn("*")]),
            not_of_others(settings, [*_READS, "states:ListExecutions"], map_runs(settings, "*-*")),
            *([statement("lambda:InvokeFunction", settings.function_arn(ALERTS))] if alerts else []),
            *more,
        ],
        # The history of a long run has 25 pages of a thousand events.
        timeout=120,
        memory=512,
    )

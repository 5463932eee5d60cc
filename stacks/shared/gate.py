"""The function that every run passes which a trigger started, and the alarms that say when it is broken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nightshift.model import CompiledFlow
from stacks.settings import Settings
from stacks.shared.operations import function_alarm, operations_alarm, throttle_alarm
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, statement
from stacks.template.functions import Code, function
from stacks.template.reach import executions, not_of_others, state_machines

LOGICAL_ID = "Gate"
FUNCTION = "nightshift.gate"


def gate(settings: Settings, flows: Sequence[CompiledFlow], code: Code) -> Resources:
    """The gate with its permissions and its alarms.

    flows: those whose runs pass it. code: the code asset with their rules in it.
    """
    made = function(
        settings,
        LOGICAL_ID,
        FUNCTION,
        handler="lambdas.gate.handler.handler",
        description="Says whether a run that a trigger started goes on",
        code=code,
        environment={"NIGHTSHIFT_TABLE": settings.table},
        statements=[
            table_statement(["dynamodb:Query", "dynamodb:UpdateItem"], ["FLOW#*"]),
            table_statement(["dynamodb:GetItem", "dynamodb:UpdateItem"], ["START#*"]),
            statement("states:DescribeExecution", executions(settings)),
            statement("states:ListExecutions", state_machines(settings, flows)),
            not_of_others(settings, ["states:DescribeExecution", "states:ListExecutions"]),
        ],
        timeout=60,
        memory=256,
    )
    made["GateFailed"] = operations_alarm(
        settings,
        "gate-failed",
        "A run could not be checked for holds, or its calendar has ended: look at the log of the gate",
        namespace=settings.app,
        metric="GateFailures",
        dimensions={"service": FUNCTION},
    )
    made["GateErrors"] = function_alarm(
        settings,
        LOGICAL_ID,
        "gate-errors",
        "The gate fails, and runs go on without it: look at its log",
    )
    made["GateThrottles"] = throttle_alarm(settings, LOGICAL_ID, "gate", "runs that are due wait")
    return made


def rules(flows: Iterable[CompiledFlow]) -> dict[str, Json]:
    """The rules of each flow, as the gate reads them."""
    return {flow.name: flow.options.rules.to_json() for flow in flows}

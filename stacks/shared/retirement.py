"""The function and the custom resources that keep a deployment from ending runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from lambdas.retirement.change import PLACES
from lambdas.retirement.handler import ENDED, GIVE_UP_REDRIVES, IN_USE
from nightshift.model import CompiledFlow
from nightshift.views.iam import assumed_roles, read_secrets
from stacks.settings import Settings
from stacks.shared.gate import FUNCTION as GATE
from stacks.shared.table import table_statement
from stacks.template.cloudformation import Json, Resources, attribute, statement, sub
from stacks.template.functions import Code, function
from stacks.template.reach import not_of_others

LOGICAL_ID = "Retirement"
ROLE = f"{LOGICAL_ID}Role"
FLOWS_IN_USE, FLOWS_ENDED = "FlowsInUse", "FlowsEnded"
"""Logical ids of what is updated before the flows, and of what is deleted before them: it has to depend on them."""

_TIMEOUT = 900
"""Seconds: ListExecutions is called twice for each flow that loses something, at 2 a second in most regions ("Quotas",
AWS Step Functions Developer Guide)."""


def retirement(settings: Settings, flows: Iterable[CompiledFlow], elsewhere: Collection[str], code: Code) -> Resources:
    """The function and its two custom resources. elsewhere: names of the flows that are in stacks of others."""
    made = function(
        settings,
        LOGICAL_ID,
        "nightshift.retirement",
        handler="lambdas.retirement.handler.handler",
        description="Refuses deployments that would end runs",
        code=code,
        environment={
            "NIGHTSHIFT_TABLE": settings.table,
            "NIGHTSHIFT_STATE_MACHINES": settings.state_machine_arn("{flow}"),
        },
        statements=[
            table_statement(["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem"], ["FLOW#*"]),
            table_statement("dynamodb:PutItem", ["AUDIT#*"]),
            statement("states:ListExecutions", settings.state_machine_arn("*")),
            not_of_others(settings, ["states:ListExecutions"]),
            statement("cloudformation:DescribeStacks", sub("${AWS::StackId}")),
        ],
        timeout=_TIMEOUT,
        memory=256,
    )
    used: dict[str, dict[str, Json]] = {place: {} for place in PLACES}
    for flow in flows:
        used["Elsewhere" if flow.name in elsewhere else "Flows"][flow.name] = uses(flow)
    given_up = {GIVE_UP_REDRIVES: str(settings.give_up_redrives).lower()}
    made[FLOWS_IN_USE] = _resource(IN_USE, used | given_up)
    made[FLOWS_ENDED] = _resource(ENDED, {"Flows": {flow: [] for flow in used["Flows"]}})
    return made


def uses(flow: CompiledFlow) -> list[str]:
    """What the runs of a flow use, of what is deployed or allowed for it. They go on without the gate."""
    lent = [*assumed_roles([flow]).values(), *read_secrets([flow]).values()]
    names = {*flow.functions, *flow.flows, *(arn for arns in lent for arn in arns)} - {GATE}
    return sorted(names | ({"a distributed map"} if flow.distributed else set()))


def _resource(kind: str, properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "Type": kind,
        "Properties": {"ServiceToken": attribute(LOGICAL_ID), "ServiceTimeout": _TIMEOUT + 60, **properties},
        "DependsOn": [ROLE],
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
    }

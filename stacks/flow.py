"""A flow as a construct: its state machine, its schedules, its alarm, and the roles of these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from constructs import Construct

from nightshift.model import CompiledFlow
from stacks.flows.alarm import alarm
from stacks.flows.schedule import SCHEDULE_GROUP, schedule
from stacks.flows.state_machine import state_machine
from stacks.settings import Settings, check_names
from stacks.shared.alarm_receiver import PERMISSION
from stacks.shared.approval import LOGICAL_ID as APPROVAL
from stacks.shared.gate import LOGICAL_ID as GATE
from stacks.shared.operations import DEAD_LETTER_POLICY, KEY_ALIAS, LOGS
from stacks.shared.parts import part_id
from stacks.shared.retirement import FLOWS_IN_USE
from stacks.template.cloudformation import Resources, logical_id
from stacks.template.included import include, set_tags

if TYPE_CHECKING:
    from aws_cdk.aws_iam import CfnRole
    from aws_cdk.aws_stepfunctions import CfnStateMachine

MAX_RESOURCES = 500
MAX_BYTES = 1024 * 1024
"""Limits of a template ("CloudFormation quotas", CloudFormation User Guide)."""


class Flow(Construct):
    """What belongs to one flow and to nothing else, as L1 constructs in whichever stack it is put.

    Its resources name what the flows of an app share (functions, logs, queue) and do not refer to it, so the stack
    can be any in the account and region of the app's `NightshiftStack`, deployed after that.
    """

    def __init__(self, scope: Construct, construct_id: str, *, flow: CompiledFlow, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self.flow = flow
        self.settings = settings
        self.resources = flow_resources(settings, flow)
        self._included = include(self, "Resources", self.resources)
        set_tags(self, settings)

    @property
    def state_machine(self) -> CfnStateMachine:
        """The state machine."""
        from aws_cdk.aws_stepfunctions import CfnStateMachine

        made = self._included.get_resource(logical_id(self.flow.name))
        assert isinstance(made, CfnStateMachine)
        return made

    @property
    def role(self) -> CfnRole:
        """The role that the state machine runs under."""
        from aws_cdk.aws_iam import CfnRole

        made = self._included.get_resource(logical_id(self.flow.name, "role"))
        assert isinstance(made, CfnRole)
        return made


def flow_resources(settings: Settings, flow: CompiledFlow) -> Resources:
    """The resources of a flow. Raises ValueError when its names or its definition exceed a limit of AWS."""
    check_names(settings, flow)
    return {**state_machine(settings, flow), **schedule(settings, flow), **alarm(settings, flow)}


def needed(settings: Settings, flow: CompiledFlow) -> set[str]:
    """Logical ids of what has to be deployed before a flow, of the resources that the flows of an app share."""
    parts = map(part_id, flow.part_functions)
    ids = {DEAD_LETTER_POLICY, FLOWS_IN_USE, LOGS, SCHEDULE_GROUP, *parts}
    if not settings.company.key_arn:
        ids.add(KEY_ALIAS)
    if flow.options.on_alarm is not None:
        ids.add(PERMISSION)
    if flow.options.gated:
        ids.add(GATE)
    if flow.asks_approval:
        ids.add(APPROVAL)
    return ids


def check_limits(flows: Mapping[str, Resources]) -> None:
    """Refuse flows that do not fit into one template. flows: name of a flow -> its resources. Raises ValueError."""
    resources = sum(len(made) for made in flows.values())
    size = sum(len(json.dumps(made, separators=(",", ":"))) for made in flows.values())
    if resources > MAX_RESOURCES or size > MAX_BYTES:
        raise ValueError(
            f"the flows {', '.join(flows)} need {resources} resources and {size:,} bytes in one stack, CloudFormation "
            f"takes {MAX_RESOURCES} and {MAX_BYTES:,}; rename one of them, which puts it into another stack, or deploy "
            "some flows as an app of their own (-c prefix=... -c flow_defs=...)"
        )

"""Spreads the flows over nested stacks and makes the template of each.

CloudFormation ends at 500 resources and 1 MB per template. A flow's stack follows from its name alone: one of
`STACKS`, chosen by a hash. So no flow ever moves, whichever others come and go; a stack that holds no flow does not
exist. A rule that looked at how full the stacks are could not promise that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from nightshift.model import CompiledFlow
from stacks.alarm import alarm
from stacks.cloudformation import Json, Resources
from stacks.schedule import schedule
from stacks.settings import Settings, check_names
from stacks.state_machine import state_machine

STACKS = 64
"""How many nested stacks there can be. Fixed for good: changing it would move flows."""

MAX_RESOURCES = 500
MAX_BYTES = 1024 * 1024
"""Limits of a template ("CloudFormation quotas", CloudFormation User Guide)."""


def stack_number(flow: str) -> int:
    """Which nested stack a flow is in, by its name."""
    return hashlib.sha256(flow.encode()).digest()[0] % STACKS


def spread(flows: Iterable[CompiledFlow]) -> Mapping[int, list[CompiledFlow]]:
    """The flows by the number of their nested stack, in the order of number and name."""
    stacks: dict[int, list[CompiledFlow]] = {}
    for flow in sorted(flows, key=lambda flow: (stack_number(flow.name), flow.name)):
        stacks.setdefault(stack_number(flow.name), []).append(flow)
    return stacks


def flow_template(settings: Settings, flows: Iterable[CompiledFlow]) -> str:
    """The CloudFormation template, as text, of the nested stack that holds `flows`.

    Raises ValueError when a flow's names or the template exceed a limit of AWS.
    """
    resources: Resources = {}
    names = []
    for flow in flows:
        check_names(settings, flow)
        resources.update(state_machine(settings, flow))
        resources.update(schedule(settings, flow))
        resources.update(alarm(settings, flow))
        names.append(flow.name)
    template: dict[str, Json] = {"Description": f"Flows of {settings.prefix}", "Resources": resources}
    text = json.dumps(template, separators=(",", ":"))
    _check_limits(names, len(resources), len(text))
    return text


def _check_limits(names: list[str], resources: int, size: int) -> None:
    if resources > MAX_RESOURCES or size > MAX_BYTES:
        raise ValueError(
            f"the flows {', '.join(names)} need {resources} resources and {size:,} bytes in one stack, CloudFormation "
            f"takes {MAX_RESOURCES} and {MAX_BYTES:,}; rename one of them, which puts it into another stack, or deploy "
            "some flows as an app of their own (-c prefix=... -c flow_defs=...)"
        )

"""Spreads the flows over nested stacks.

CloudFormation ends at 500 resources and 1 MB per template. A flow's stack follows from its name alone: one of
`STACKS`, chosen by a hash. So no flow ever moves, whichever others come and go; a stack that holds no flow does not
exist. A rule that looked at how full the stacks are could not promise that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from nightshift.model import CompiledFlow

STACKS = 64
"""How many nested stacks there can be. Fixed for good: changing it would move flows."""


def stack_number(flow: str) -> int:
    """Which nested stack a flow is in, by its name."""
    return hashlib.sha256(flow.encode()).digest()[0] % STACKS


def spread(flows: Iterable[CompiledFlow]) -> Mapping[int, list[CompiledFlow]]:
    """The flows by the number of their nested stack, in the order of number and name."""
    stacks: dict[int, list[CompiledFlow]] = {}
    for flow in sorted(flows, key=lambda flow: (stack_number(flow.name), flow.name)):
        stacks.setdefault(stack_number(flow.name), []).append(flow)
    return stacks

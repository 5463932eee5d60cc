"""The state machines and executions of an app, for the policies of the functions that work on many of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from nightshift.model import CompiledFlow
from stacks.settings import Settings
from stacks.template.cloudformation import Json, arn, statement

_POLICY_ROOM = 9000
"""Characters left for state machine ARNs in the role's inline policies, of 10,240 ("IAM quotas", IAM User Guide)."""


def state_machines(settings: Settings, flows: Iterable[CompiledFlow]) -> list[Json]:
    """The state machines of flows: each by its ARN, or all of the app when a policy cannot hold them."""
    exact = [settings.state_machine_arn(name) for name in sorted(flow.name for flow in flows)]
    # The ARNs get no longer than the text with its pseudo parameters.
    if len(json.dumps(exact)) <= _POLICY_ROOM:
        return exact
    return [settings.state_machine_arn("*")]


def executions(settings: Settings) -> Json:
    """The executions of all flows of the app."""
    return arn("states", f"execution:{settings.state_machine('*')}:*")


def map_runs(settings: Settings, flows: str = "*") -> Json:
    """The Map Runs of the app, of its Distributed Maps. flows: a pattern of their names."""
    return arn("states", f"mapRun:{settings.state_machine(flows)}/*:*")


def not_of_others(settings: Settings, actions: Sequence[str], *more: Json) -> dict[str, Json]:
    """Keeps a role that may use `executions` from those of an app whose prefix begins with this one's.

    "ops-*" is also like "ops-test-backup". The name of a flow is a name of Python, so a hyphen after the prefix is
    another app's. more: other resources to keep it from.
    """
    others = settings.state_machine("*-*")
    resources = [settings.state_machine_arn("*-*"), arn("states", f"execution:{others}:*"), *more]
    return statement(actions, resources, effect="Deny")

"""The IAM policy that the function of each part gets; its ARNs hold CloudFormation pseudo parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdas.contract.part import Part
from lambdas.parts import find_part
from nightshift.model import CompiledFlow

_ANY_ROLE = "arn:${AWS::Partition}:iam::*:role/nightshift-*"
"""What a part may assume when its `role_arn` is known only when the flow runs."""


def policies(flow: CompiledFlow) -> dict[str, dict[str, Any]]:
    """Part -> policy document of its function, for the parts of one flow.

    A part that other flows give other roles to assume may assume those too.
    """
    return {name: policy(name, sorted(_assumed_roles(flow, name))) for name in flow.parts}


def policy(name: str, roles: list[str]) -> dict[str, Any]:
    """The policy document of a part's function: what the part declares, and what every function needs.

    roles: ARNs of the roles it may assume.
    """
    made = statements(find_part(name))
    made.append(_statement(["s3:GetObject", "s3:PutObject"], ["${ResultsBucket.Arn}/*"]))
    if roles:
        made.append(_statement(["sts:AssumeRole"], roles))
    log_group = f"/aws/lambda/nightshift-{name.replace('.', '-')}"
    log_arn = f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:{log_group}:*"
    made.append(_statement(["logs:CreateLogStream", "logs:PutLogEvents"], [log_arn]))
    made.append(_statement(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]))
    return {"Version": "2012-10-17", "Statement": made}


def statements(part: Part[..., Any]) -> list[dict[str, Any]]:
    """The statements a part declares itself."""
    return [_statement(sorted(allow.actions), list(allow.resources), allow.condition) for allow in part.allow]


def _statement(actions: list[str], resources: list[str], condition: Any = None) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resources}
    if condition:
        made["Condition"] = {test: dict(keys) for test, keys in condition.items()}
    return made


def _assumed_roles(flow: CompiledFlow, part: str) -> Iterator[str]:
    for payload in _payloads(flow.definition):
        params = payload["params"]
        if payload["part"] == part and isinstance(params, dict) and "role_arn" in params:
            given = str(params["role_arn"])
            yield given if given.startswith("arn:") else _ANY_ROLE


def _payloads(value: Any) -> Iterator[dict[str, Any]]:
    """The requests to parts, anywhere in a state machine."""
    if isinstance(value, dict):
        if "part" in value and "params" in value:
            yield value
        for inner in value.values():
            yield from _payloads(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _payloads(inner)

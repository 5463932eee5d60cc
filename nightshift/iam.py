"""The IAM policy each part of a flow gets."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lambdas.contract import Part


def find_part(name: str) -> Part[..., Any]:
    """The part of that name, such as "ec2.stop_instances"."""
    module, _, function = name.partition(".")
    part = getattr(import_module(f"lambdas.parts.{module}"), function)
    assert isinstance(part, Part)
    return part


def statements(part: Part[..., Any]) -> list[dict[str, Any]]:
    """The statements of the policy a part declares, with CloudFormation pseudo parameters in the ARNs."""
    found = []
    for allow in part.allow:
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Action": list(allow.actions),
            "Resource": list(allow.resources),
        }
        if allow.condition:
            statement["Condition"] = {test: dict(keys) for test, keys in allow.condition.items()}
        found.append(statement)
    return found


def policy(part: Part[..., Any]) -> dict[str, Any]:
    """The whole policy document of a part."""
    return {"Version": "2012-10-17", "Statement": statements(part)}

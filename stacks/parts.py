"""One Lambda function and one role per part that a flow uses."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lambdas.contract import Part
from nightshift.model import CompiledFlow
from stacks.cloudformation import Json, Resources, logical_id, ref, statement, sub
from stacks.functions import Code, function
from stacks.settings import Settings
from stacks.state_machine import objects

TIMEOUT = 300
"""Seconds of one invocation. A part waits between invocations, never inside one."""

MEMORY = 512
"""MB; Lambda gives CPU by memory, and below this the imports take longer than the calls."""


def part_functions(settings: Settings, flows: Iterable[CompiledFlow], code: Code) -> Resources:
    """The functions of all parts the flows use."""
    flows = list(flows)
    roles = assumed_roles(flows)
    made: Resources = {}
    for name in sorted({name for flow in flows for name in flow.parts}):
        part = find_part(name)
        made.update(
            function(
                settings,
                part_id(name),
                name,
                handler="lambdas.handler.handler",
                description=(part.__doc__ or name).strip().partition("\n")[0],
                code=code,
                environment={
                    "NIGHTSHIFT_PART": name,
                    "NIGHTSHIFT_RESULTS_BUCKET": ref("ResultsBucket"),
                    "NIGHTSHIFT_MAIL_FROM": settings.mail_from,
                },
                statements=part_statements(part, roles.get(name, ())),
                timeout=TIMEOUT,
                memory=MEMORY,
            )
        )
    return made


def part_id(name: str) -> str:
    """Logical id of the function of a part."""
    return logical_id("part", name)


def find_part(name: str) -> Part[..., Any]:
    """The part of that name ("ec2.stop_instances")."""
    module, _, attribute_name = name.partition(".")
    found = getattr(importlib.import_module(f"lambdas.parts.{module}"), attribute_name)
    if not isinstance(found, Part):
        raise TypeError(f"lambdas.parts.{name} is not a part")
    return found


def part_statements(part: Part[..., Any], roles: Iterable[str] = ()) -> list[dict[str, Json]]:
    """What the function of a part may do: what the part declares, the results bucket, and the roles it takes on."""
    made = [
        statement(
            sorted(allow.actions),
            [sub(resource) for resource in allow.resources],
            condition=_resolved(allow.condition),
        )
        for allow in part.allow
    ]
    made.append(statement(["s3:GetObject", "s3:PutObject"], {"Fn::Sub": "${ResultsBucket.Arn}/*"}))
    roles = sorted(roles)
    if roles:
        made.append(statement("sts:AssumeRole", [sub(role) for role in roles]))
    return made


def assumed_roles(flows: Iterable[CompiledFlow]) -> Mapping[str, set[str]]:
    """Part -> ARNs of the roles that flows have it assume, in the `role_arn` they write.

    A role that is only known when the flow runs is held to the naming rule: its name starts with "nightshift-".
    """
    found: dict[str, set[str]] = {}
    for flow in flows:
        for payload in objects(flow.definition):
            part, params = payload.get("part"), payload.get("params")
            given = params.get("role_arn") if isinstance(params, dict) else None
            if isinstance(part, str) and isinstance(given, str):
                known = given if given.startswith("arn:") else "arn:${AWS::Partition}:iam::*:role/nightshift-*"
                found.setdefault(part, set()).add(known)
    return found


def _resolved(condition: Mapping[str, Mapping[str, str | Sequence[str]]]) -> dict[str, Json]:
    def resolved(value: str | Sequence[str]) -> Json:
        return sub(value) if isinstance(value, str) else [sub(item) for item in value]

    return {operator: {key: resolved(value) for key, value in keys.items()} for operator, keys in condition.items()}

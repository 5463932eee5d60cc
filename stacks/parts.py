"""One Lambda function and one role per part that a flow uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdas.contract.part import Part
from lambdas.parts import find_part
from nightshift.model import CompiledFlow
from nightshift.views.iam import statements
from stacks.cloudformation import Json, Resources, logical_id, ref, statement, sub
from stacks.functions import Code, function
from stacks.settings import Settings

TIMEOUT = 300
"""Seconds of one invocation. A part waits between invocations, never inside one."""

MEMORY = 512
"""MB; Lambda gives CPU by memory, and below this the imports take longer than the calls."""


def part_functions(settings: Settings, flows: Iterable[CompiledFlow], code: Code) -> Resources:
    """The functions of all parts the flows use."""
    flows = list(flows)
    roles, secrets = assumed_roles(flows), read_secrets(flows)
    made: Resources = {}
    for name in sorted({name for flow in flows for name in flow.parts}):
        part = find_part(name)
        made.update(
            function(
                settings,
                part_id(name),
                name,
                handler="lambdas.runtime.handler.handler",
                description=(part.__doc__ or name).strip().partition("\n")[0],
                code=code,
                environment={
                    "NIGHTSHIFT_PART": name,
                    "NIGHTSHIFT_RESULTS_BUCKET": ref("ResultsBucket"),
                    "NIGHTSHIFT_MAIL_FROM": settings.mail_from,
                },
                statements=part_statements(part, roles.get(name, ()), secrets.get(name, ())),
                timeout=TIMEOUT,
                memory=MEMORY,
            )
        )
    return made


def part_id(name: str) -> str:
    """Logical id of the function of a part."""
    return logical_id("part", name)


def part_statements(
    part: Part[..., Any], roles: Iterable[str] = (), secrets: Iterable[str] = ()
) -> list[dict[str, Json]]:
    """What the function of a part may do: what the part declares, the results bucket, and to become somebody else.

    roles: ARNs of those it takes on. secrets: ARNs of those whose access keys it reads.
    """
    made: list[dict[str, Json]] = _substituted(statements(part))
    made.append(statement(["s3:GetObject", "s3:PutObject"], {"Fn::Sub": "${ResultsBucket.Arn}/*"}))
    roles = sorted(roles)
    if roles:
        made.append(statement("sts:AssumeRole", [sub(role) for role in roles]))
    secrets = sorted(secrets)
    if secrets:
        made.append(statement("secretsmanager:GetSecretValue", [sub(secret) for secret in secrets]))
    return made


def assumed_roles(flows: Iterable[CompiledFlow]) -> Mapping[str, set[str]]:
    """Part -> ARNs of the roles that flows have it assume, in the `role_arn` they write.

    A role that is only known when the flow runs is held to the naming rule: its name starts with "nightshift-".
    """
    return _given(
        flows,
        "role_arn",
        lambda role: role if role.startswith("arn:") else "arn:${AWS::Partition}:iam::*:role/nightshift-*",
    )


def read_secrets(flows: Iterable[CompiledFlow]) -> Mapping[str, set[str]]:
    """Part -> ARNs of the secrets that flows have it take access keys from, in the `credentials_secret` they write.

    Secrets Manager ends the ARN of a secret with a hyphen and six characters of its own ("What's in a Secrets Manager
    secret?", AWS Secrets Manager User Guide). A secret that is only known when the flow runs is held to the naming
    rule: its name starts with "nightshift/".
    """

    def arn_of(secret: str) -> str:
        if secret.startswith("arn:"):
            return secret
        name = "nightshift/*" if secret.startswith("{%") else f"{secret}-??????"
        return f"arn:${{AWS::Partition}}:secretsmanager:${{AWS::Region}}:${{AWS::AccountId}}:secret:{name}"

    return _given(flows, "credentials_secret", arn_of)


def _given(flows: Iterable[CompiledFlow], parameter: str, arn_of: Callable[[str], str]) -> Mapping[str, set[str]]:
    """Part -> ARNs of what flows give it as a parameter; of an expression, which is text too, what `arn_of` allows."""
    found: dict[str, set[str]] = {}
    for flow in flows:
        for part, params in flow.part_calls():
            given = params.get(parameter)
            if isinstance(given, str):
                found.setdefault(part, set()).add(arn_of(given))
    return found


def _substituted(node: Json) -> Json:
    """`node` with `Fn::Sub` around each text that names a pseudo parameter."""
    if isinstance(node, str):
        return sub(node)
    if isinstance(node, list | tuple):
        return [_substituted(item) for item in node]
    if isinstance(node, dict):
        return {key: _substituted(value) for key, value in node.items()}
    return node

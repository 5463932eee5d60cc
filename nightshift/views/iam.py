"""What the function of each part may do, said once: the stacks deploy it, the command line and the dashboard show it.

ARNs hold CloudFormation pseudo parameters ("${AWS::Region}") as text; `RESULTS` names the results bucket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdas.contract.part import Allow, Part
from lambdas.parts import find_part
from nightshift.model import CompiledFlow

Statement = dict[str, Any]

RESULTS = "${ResultsBucket.Arn}/*"
"""The objects of the results bucket."""

_POLICY_ROOM = 6000
"""Characters for ARNs that flows write out, of 10,240 in a role's inline policies ("IAM quotas", IAM User Guide)."""


def policies(flows: Iterable[CompiledFlow], prefix: str) -> dict[str, dict[str, Any]]:
    """Part -> policy document of its function, in an app of these flows. prefix: what the app's names begin with."""
    flows = list(flows)
    made = {}
    for name, own in statements_of_parts(flows).items():
        statements = own + function_statements(function_name(prefix, name))
        made[name] = {"Version": "2012-10-17", "Statement": statements}
    return made


def statements_of_parts(flows: Iterable[CompiledFlow]) -> dict[str, list[Statement]]:
    """Part -> what its function may do besides what every function may, in an app of these flows."""
    flows = list(flows)
    roles, secrets = assumed_roles(flows), read_secrets(flows)
    names = sorted({name for flow in flows for name in flow.parts})
    return {
        name: _part_statements(statements(find_part(name), flows), roles.get(name), secrets.get(name)) for name in names
    }


def statements(part: Part[..., Any], flows: Iterable[CompiledFlow] = ()) -> list[Statement]:
    """The statements a part declares itself; resources that the flows write out are named one by one."""
    flows = list(flows)
    return [
        _statement(sorted(allow.actions), _written_out(part, allow, flows) or list(allow.resources), allow.condition)
        for allow in part.allow
    ]


def function_statements(function: str) -> list[Statement]:
    """What every function may do: write its log and its traces. function: its name."""
    log = f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:/aws/lambda/{function}:*"
    return [
        _statement(["logs:CreateLogStream", "logs:PutLogEvents"], log),
        _statement(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    ]


def function_name(prefix: str, part: str) -> str:
    """Name of the function of a part ("ec2.stop_instances"), or of a function of nightshift's own."""
    return f"{prefix}-{part.removeprefix('nightshift.').replace('.', '-')}"


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


def _written_out(part: Part[..., Any], allow: Allow, flows: Iterable[CompiledFlow]) -> list[str]:
    """The ARNs that flows give in `allow.named_by`.

    None when one of them is only known when its flow runs, or when a policy cannot hold them all.
    """
    if not allow.named_by:
        return []
    given = {
        str(params.get(allow.named_by)) for flow in flows for name, params in flow.part_calls() if name == part.name
    }
    fit = sum(map(len, given)) <= _POLICY_ROOM
    return sorted(given) if fit and all(arn.startswith("arn:") for arn in given) else []


def _part_statements(own: list[Statement], roles: set[str] | None, secrets: set[str] | None) -> list[Statement]:
    """What a part declares, the results bucket, and to become somebody else: by taking on roles, or by their keys."""
    made = [*own]
    made.append(_statement(["s3:GetObject", "s3:PutObject"], RESULTS))
    if roles:
        made.append(_statement("sts:AssumeRole", sorted(roles)))
    if secrets:
        made.append(_statement("secretsmanager:GetSecretValue", sorted(secrets)))
    return made


def _given(flows: Iterable[CompiledFlow], parameter: str, arn_of: Callable[[str], str]) -> Mapping[str, set[str]]:
    """Part -> ARNs of what flows give it as a parameter; of an expression, which is text too, what `arn_of` allows."""
    found: dict[str, set[str]] = {}
    for flow in flows:
        for part, params in flow.part_calls():
            given = params.get(parameter)
            if isinstance(given, str):
                found.setdefault(part, set()).add(arn_of(given))
    return found


def _statement(actions: str | list[str], resources: str | list[str], condition: Any = None) -> Statement:
    made: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    if condition:
        made["Condition"] = {test: dict(keys) for test, keys in condition.items()}
    return made

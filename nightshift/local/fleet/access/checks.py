"""What a request to the fleet needs: actions, resources and condition keys, as its service documents them.

Source: "Actions, resources, and condition keys for Amazon EC2", "... for Elastic Load Balancing", "... for AWS
Organizations", "... for Amazon RDS", "... for Amazon EC2 Auto Scaling" and "... for AWS Systems Manager" (Service
Authorization Reference). What is not told here is in docs/local-aws.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nightshift.local.account import ORGANIZATION
from nightshift.local.fleet.access.asked import Asked, Check, TagsOf
from nightshift.local.fleet.access.compute import batch, ecs, glue

Params = Mapping[str, str]

_KINDS = {
    "ami": "image",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "snap": "snapshot",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
}
_ID = re.compile(rf"({'|'.join(_KINDS)})-[0-9a-f]{{8,17}}")
_OF_NO_ACCOUNT = ("image", "snapshot")

_CREATES = {
    "CopyImage": ("image", "snapshot"),
    "CopySnapshot": ("snapshot",),
    "CreateImage": ("image", "snapshot"),
    "CreateSnapshot": ("snapshot",),
    "CreateSnapshots": ("snapshot",),
    "CreateVolume": ("volume",),
    "RunInstances": ("instance", "volume"),
}
"""Types of what an action creates, on which it is authorized besides what it names."""

_ATTRIBUTES = ("InstanceType", "UserData", "DisableApiTermination", "GroupId", "SourceDestCheck", "EbsOptimized")
"""Attributes of an instance, as requests name them, of which each changes one."""

_DATABASES = {
    "DBClusterIdentifier": "cluster",
    "DBClusterSnapshotIdentifier": "cluster-snapshot",
    "DBInstanceIdentifier": "db",
    "DBSnapshotIdentifier": "snapshot",
    "TargetDBClusterSnapshotIdentifier": "cluster-snapshot",
    "TargetDBSnapshotIdentifier": "snapshot",
}
"""Parameter of a request to RDS -> the type of the resource it names."""

_LISTED = {
    "DescribeDBClusters": "cluster",
    "DescribeDBClusterSnapshots": "cluster-snapshot",
    "DescribeDBInstances": "db",
    "DescribeDBSnapshots": "snapshot",
}
"""Lists of RDS -> the type of which a role has to be allowed all."""

_NEW = "*"
"""The id of what does not exist yet."""


def checks(asked: Asked, tags_of: TagsOf) -> list[Check]:
    """All that has to be allowed for a request."""
    of_service = {
        "autoscaling": _auto_scaling,
        "batch": batch,
        "ec2": _ec2,
        "ecs": ecs,
        "glue": glue,
        "elasticloadbalancing": _load_balancing,
        "organizations": _organizations,
        "rds": _rds,
        "ssm": _ssm,
    }
    return list(of_service[asked.service](asked, tags_of))


def _ec2(asked: Asked, tags_of: TagsOf) -> Iterator[Check]:
    action = f"ec2:{asked.action}"
    # No Describe can be restricted to a resource, but those of a single attribute.
    if asked.action.startswith("Describe") and not asked.action.endswith("Attribute"):
        yield Check(action)
        return
    written = _tag_keys(_pairs(asked.params, "Tag.")) if asked.action in ("CreateTags", "DeleteTags") else {}
    named = [
        Check(action, _arn(asked, kind, id_), {**_of_resource("ec2", tags_of(id_)), **written})
        for kind, id_ in _named(asked.params)
    ]
    changed = [a for a in _ATTRIBUTES if any(name.partition(".")[0] == a for name in asked.params)]
    if asked.action == "ModifyInstanceAttribute" and changed:
        named = [Check(check.action, check.resource, {**check.keys, "ec2:Attribute": changed[0]}) for check in named]
    created = _CREATES.get(asked.action, ())
    tagged = _tag_specifications(asked.params)
    yield from named
    if "KeyName" in asked.params and asked.action == "RunInstances":
        yield Check(action, _arn(asked, "key-pair", asked.params["KeyName"]))
    for kind in created:
        yield Check(action, _arn(asked, kind, _NEW), _tag_keys(tagged.get(kind, {})))
    for kind in tagged if created else ():
        keys = {**_tag_keys(tagged[kind]), "ec2:CreateAction": asked.action}
        yield Check("ec2:CreateTags", _arn(asked, kind, _NEW), keys)
    if not named and not created:
        yield Check(action)


def _load_balancing(asked: Asked, tags_of: TagsOf) -> Iterator[Check]:
    action = f"elasticloadbalancing:{asked.action}"
    if asked.action.startswith("Describe"):
        yield Check(action)
        return
    named = [v for name, v in asked.params.items() if name.endswith("Arn") and ":elasticloadbalancing:" in v]
    if name := asked.params.get("LoadBalancerName"):
        named.append(f"arn:aws:elasticloadbalancing:{asked.region}:{asked.account}:loadbalancer/{name}")
    yield from (Check(action, resource) for resource in named or ["*"])


def _auto_scaling(asked: Asked, tags_of: TagsOf) -> Iterator[Check]:
    action = f"autoscaling:{asked.action}"
    name = asked.params.get("AutoScalingGroupName") or asked.params.get("Tags.member.1.ResourceId")
    if asked.action.startswith("Describe") or not name:
        yield Check(action)
        return
    arn = f"arn:aws:autoscaling:{asked.region}:{asked.account}:autoScalingGroup"
    yield Check(action, f"{arn}:{_NEW}:autoScalingGroupName/{name}", _tag_keys(_pairs(asked.params, "Tags.member.")))


def _organizations(asked: Asked, tags_of: TagsOf) -> Iterator[Check]:
    parent = asked.params.get("ParentId")
    kind = "root" if str(parent).startswith("r-") else "ou"
    resource = f"arn:aws:organizations::{asked.account}:{kind}/{ORGANIZATION}/{parent}" if parent else "*"
    yield Check(f"organizations:{asked.action}", resource)


def _rds(asked: Asked, tags_of: TagsOf) -> Iterator[Check]:
    action = f"rds:{asked.action}"
    arn = f"arn:aws:rds:{asked.region}:{asked.account}"
    named = [f"{arn}:{kind}:{asked.params[name]}" for name, kind in _DATABASES.items() if name in asked.params]
    named += [v for v in asked.params.values() if v.startswith("arn:aws:rds:")]
    listed = [f"{arn}:{kind}:{_NEW}"] if (kind := _LISTED.get(asked.action)) else ["*"]
    written = _tag_keys(_pairs(asked.params, "Tags.Tag."))
    for resource in named or listed:
        yield Check(action, resource, {**_of_resource("rds", tags_of(resource)), **written})
    if written and asked.action != "AddTagsToResource":
        made = next((resource for resource in named if "snapshot:" in resource), named[0])
        yield Check("rds:AddTagsToResource", made, written)


def _ssm(asked: Asked, tags_of: TagsOf) -> Iterator[Check]:
    action = f"ssm:{asked.action}"
    here = f"arn:aws:ssm:{asked.region}:{asked.account}"
    if asked.action in ("GetAutomationExecution", "StartAutomationExecution"):
        yield Check(action, f"{here}:automation-execution/{asked.params.get('AutomationExecutionId', _NEW)}")
    document = str(asked.params.get("DocumentName") or asked.params.get("Name") or "")
    if asked.action in ("DescribeDocument", "SendCommand", "StartAutomationExecution"):
        # Those of AWS itself are of no account.
        owner = "" if document.startswith("AWS") else asked.account
        named = document if document.startswith("arn:") else f"arn:aws:ssm:{asked.region}:{owner}:document/{document}"
        yield Check(action, named)
    elif asked.action != "GetAutomationExecution":
        yield Check(action)
    if asked.action == "StartAutomationExecution":
        for role in asked.params.get("Parameters", {}).get("AutomationAssumeRole", []):
            yield Check("iam:PassRole", role, {"iam:PassedToService": "ssm.amazonaws.com"})
    if asked.action != "SendCommand":
        return
    for id_ in asked.params.get("InstanceIds") or ([_NEW] if asked.params.get("Targets") else []):
        if id_.startswith("mi-"):
            node = f"arn:aws:ssm:{asked.region}:{asked.account}:managed-instance/{id_}"
            yield Check(action, node)
        else:
            yield Check(action, _arn(asked, "instance", id_), _of_resource("ssm", tags_of(id_)))


def _named(params: Params) -> Iterator[tuple[str, str]]:
    """Type and id of each resource that a request names."""
    seen = set()
    for name, value in params.items():
        found = _ID.fullmatch(value) if not name.startswith(("Filter.", "Tag.", "TagSpecification.")) else None
        if found and value not in seen:
            seen.add(value)
            yield _KINDS[found[1]], value


def _arn(asked: Asked, kind: str, id_: str) -> str:
    owner = "" if kind in _OF_NO_ACCOUNT else asked.account
    return f"arn:aws:ec2:{asked.region}:{owner}:{kind}/{id_}"


def _of_resource(service: str, tags: Mapping[str, str]) -> dict[str, Any]:
    own = "ResourceTag" if service == "ec2" else "resourceTag"
    return {
        f"{prefix}/{key}": value for key, value in tags.items() for prefix in ("aws:ResourceTag", f"{service}:{own}")
    }


def _tag_keys(tags: Mapping[str, str]) -> dict[str, Any]:
    """Condition keys of the tags that a request carries."""
    if not tags:
        return {}
    return {**{f"aws:RequestTag/{key}": value for key, value in tags.items()}, "aws:TagKeys": sorted(tags)}


def _tag_specifications(params: Params) -> dict[str, dict[str, str]]:
    """Type of resource -> the tags it gets."""
    found = {}
    for name, value in params.items():
        if match := re.fullmatch(r"(TagSpecification\.\d+\.)ResourceType", name):
            found[value] = _pairs(params, f"{match[1]}Tag.")
    return found


def _pairs(params: Params, prefix: str) -> dict[str, str]:
    return {
        value: params.get(f"{name.removesuffix('Key')}Value", "")
        for name, value in params.items()
        if name.startswith(prefix) and name.endswith(".Key")
    }

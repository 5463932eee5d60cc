"""What a request to the fleet needs: actions, resources and condition keys, as AWS's authorization reference says."""

from __future__ import annotations

from typing import Any

import pytest
from ministack.core.iam_evaluator import PrincipalInfo, parse_policy_document  # type: ignore[import-untyped]
from ministack.core.responses import request_scope  # type: ignore[import-untyped]

from nightshift.local.fleet.access.asked import Asked, Check
from nightshift.local.fleet.access.checks import checks
from nightshift.local.ministack import access

INSTANCE, VOLUME, SNAPSHOT = "i-0123456789abcdef0", "vol-0123456789abcdef0", "snap-0123456789abcdef0"
EC2 = "arn:aws:ec2:ap-northeast-1"
TAGS = {INSTANCE: {"Role": "web"}}


def needed(service: str, action: str, **params: Any) -> list[Check]:
    """The checks of a request; `__` in a parameter's name stands for a dot."""
    given = {name.replace("__", "."): value for name, value in params.items()}
    asked = Asked(service, action, "ap-northeast-1", "123456789012", given)
    return checks(asked, lambda id_: TAGS.get(id_, {}))


def test_each_instance_is_a_resource_with_its_tags() -> None:
    named = {"InstanceId__1": INSTANCE, "InstanceId__2": "i-0123456789abcdef1"}
    tagged = {"aws:ResourceTag/Role": "web", "ec2:ResourceTag/Role": "web"}
    assert needed("ec2", "StopInstances", **named) == [
        Check("ec2:StopInstances", f"{EC2}:123456789012:instance/{INSTANCE}", tagged),
        Check("ec2:StopInstances", f"{EC2}:123456789012:instance/i-0123456789abcdef1"),
    ]


def test_a_snapshot_needs_its_volume_what_it_becomes_and_the_tags_it_gets() -> None:
    specification = {
        "TagSpecification__1__ResourceType": "snapshot",
        "TagSpecification__1__Tag__1__Key": "nightshift:flow",
        "TagSpecification__1__Tag__1__Value": "backup",
    }
    keys = {"aws:RequestTag/nightshift:flow": "backup", "aws:TagKeys": ["nightshift:flow"]}
    assert needed("ec2", "CreateSnapshot", VolumeId=VOLUME, **specification) == [
        Check("ec2:CreateSnapshot", f"{EC2}:123456789012:volume/{VOLUME}"),
        Check("ec2:CreateSnapshot", f"{EC2}::snapshot/*", keys),
        Check("ec2:CreateTags", f"{EC2}::snapshot/*", {**keys, "ec2:CreateAction": "CreateSnapshot"}),
    ]


def test_a_launch_that_tags_nothing_has_no_tags_to_show() -> None:
    found = needed("ec2", "RunInstances", ImageId="ami-0123456789abcdef0", KeyName="ops")
    assert [(check.resource.rpartition(":")[2], check.keys) for check in found] == [
        ("image/ami-0123456789abcdef0", {}),
        ("key-pair/ops", {}),
        ("instance/*", {}),
        ("volume/*", {}),
    ]


def test_a_tag_is_set_on_a_resource_by_the_keys_of_the_request() -> None:
    (found,) = needed("ec2", "CreateTags", ResourceId__1=SNAPSHOT, Tag__1__Key="Owner", Tag__1__Value="ops")
    assert found.resource == f"{EC2}::snapshot/{SNAPSHOT}"
    assert found.keys == {"aws:RequestTag/Owner": "ops", "aws:TagKeys": ["Owner"]}


def test_reads_take_no_resource_but_those_of_one_attribute() -> None:
    filtered = {"Filter__1__Name": "instance-id", "Filter__1__Value__1": INSTANCE}
    assert needed("ec2", "DescribeInstances", **filtered) == [Check("ec2:DescribeInstances")]
    (found,) = needed("ec2", "DescribeInstanceAttribute", InstanceId=INSTANCE)
    assert found.resource.endswith(f"instance/{INSTANCE}")


def test_a_command_needs_its_document_and_each_instance() -> None:
    found = needed(
        "ssm", "SendCommand", DocumentName="AWS-RunShellScript", InstanceIds=[INSTANCE, "mi-0123456789abcdef0"]
    )
    assert [check.resource for check in found] == [
        "arn:aws:ssm:ap-northeast-1::document/AWS-RunShellScript",
        f"{EC2}:123456789012:instance/{INSTANCE}",
        "arn:aws:ssm:ap-northeast-1:123456789012:managed-instance/mi-0123456789abcdef0",
    ]
    assert found[1].keys == {"aws:ResourceTag/Role": "web", "ssm:resourceTag/Role": "web"}


def test_load_balancers_are_named_by_arn_or_by_name() -> None:
    arn = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/web/0123456789abcdef"
    (found,) = needed("elasticloadbalancing", "RegisterTargets", TargetGroupArn=arn, Targets__member__1__Id=INSTANCE)
    assert found == Check("elasticloadbalancing:RegisterTargets", arn)
    (found,) = needed("elasticloadbalancing", "RegisterInstancesWithLoadBalancer", LoadBalancerName="front")
    assert found.resource == "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/front"


def test_a_unit_of_the_organization_is_a_resource() -> None:
    arn = "arn:aws:organizations::123456789012"
    assert needed("organizations", "ListAccounts") == [Check("organizations:ListAccounts")]
    for parent, kind in (("ou-ab12-11111111", "ou"), ("r-ab12", "root")):
        (found,) = needed("organizations", "ListAccountsForParent", ParentId=parent)
        assert found.resource == f"{arn}:{kind}/o-nightshift/{parent}"


@pytest.mark.parametrize(
    ("condition", "tag", "region", "allowed"),
    [
        ({"StringEquals": {"aws:RequestTag/Owner": "ops"}}, "Owner=ops", "ap-northeast-1", True),
        ({"StringEquals": {"aws:RequestTag/Owner": "ops"}}, "Owner=dev", "ap-northeast-1", False),
        ({"StringEquals": {"aws:RequestTag/Owner": "ops"}}, "Team=ops", "ap-northeast-1", False),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Owner"]}}, "Owner=dev", "ap-northeast-1", True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["Owner"]}}, "Team=ops", "ap-northeast-1", False),
        ({"StringEquals": {"aws:RequestedRegion": "ap-northeast-1"}}, "Owner=ops", "ap-northeast-1", True),
        ({"StringEquals": {"aws:RequestedRegion": "ap-northeast-1"}}, "Owner=ops", "us-east-1", False),
    ],
)
def test_a_role_is_held_to_the_tags_and_the_region_of_a_request(
    condition: dict[str, Any], tag: str, region: str, allowed: bool
) -> None:
    statement = {"Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": condition}
    policy = parse_policy_document({"Version": "2012-10-17", "Statement": [statement]})
    role = "arn:aws:sts::123456789012:assumed-role/ops/night"
    who = PrincipalInfo(role, "AssumedRole", "123456789012", [policy], {}, [])
    key, _, value = tag.partition("=")
    (check,) = needed("ec2", "CreateTags", ResourceId__1=SNAPSHOT, Tag__1__Key=key, Tag__1__Value=value)
    with request_scope("123456789012", region):
        denied = access._denied(who, check.action, check.resource, check.keys)
    assert (denied is None) is allowed
    assert allowed or "is not authorized to perform: ec2:CreateTags" in str(denied)

"""Parts at a target: they act in its account and Region, and results and errors say where."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, ServiceError
from lambdas.parts import ec2
from nightshift.fan_out import CAUSE
from tests.parts.driver import Fault, TestAws, drive

MEMBER = "222222222222"
DEV = {
    "account": MEMBER,
    "name": "dev",
    "region": "eu-west-1",
    "role_arn": f"arn:aws:iam::{MEMBER}:role/nightshift-member",
}
HERE = {**DEV, "account": "123456789012", "name": "hub", "role_arn": ""}


def launched(aws: TestAws, **where: Any) -> str:
    ec2_client = aws.client("ec2", **where)
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Env", "Value": "dev"}]}]
    made = ec2_client.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=tags)
    return str(made["Instances"][0]["InstanceId"])


def stop(aws: TestAws, **params: Any) -> dict[str, Any]:
    return drive(ec2.stop_instances, aws, {"tag": "Env=dev", **params}).result


def test_a_part_acts_in_the_account_and_region_of_its_target(aws: TestAws) -> None:
    mine, theirs = launched(aws, region="eu-west-1"), launched(aws, region="eu-west-1", role_arn=DEV["role_arn"])
    elsewhere = launched(aws, region="ap-northeast-1", role_arn=DEV["role_arn"])
    result = stop(aws, target=DEV)
    assert result["changed"] == [theirs]
    assert (result["account"], result["region"]) == (MEMBER, "eu-west-1")
    assert result["summary"] == f"dev ({MEMBER}), eu-west-1: 1 instance stopped"
    assert stop(aws, target=HERE)["changed"] == [mine]
    assert stop(aws, target={**DEV, "region": "ap-northeast-1"})["changed"] == [elsewhere]


def test_without_a_target_nothing_says_where(aws: TestAws) -> None:
    launched(aws)
    result = stop(aws)
    assert (result["account"], result["region"], result["summary"]) == ("", "", "1 instance stopped")


def test_a_resource_that_fails_is_named_with_its_place(aws: TestAws) -> None:
    instance = launched(aws, region="eu-west-1", role_arn=DEV["role_arn"])
    aws.faults["StopInstances"] = Fault(lambda p: (400, "IncorrectInstanceState", f"{instance} cannot be stopped"))
    with pytest.raises(PartFailed) as raised:
        stop(aws, target=DEV)
    assert raised.value.cause.startswith(f"dev ({MEMBER}), eu-west-1: ec2.stop_instances: 1 of 1 resources failed")
    (failure,) = raised.value.failures
    assert failure.id == instance
    assert failure.message.endswith(f" (dev ({MEMBER}), eu-west-1)")


@pytest.mark.parametrize(
    ("operation", "code", "kind", "advice"),
    [
        ("DescribeInstances", "AuthFailure", AccessDenied, "the Region may be off in this account: enable it"),
        ("DescribeInstances", "OptInRequired", ServiceError, "the Region may be off in this account: enable it"),
        ("AssumeRole", "RegionDisabledException", ServiceError, "the Region may be off in this account: enable it"),
        ("DescribeInstances", "UnauthorizedOperation", AccessDenied, "may be older than the flow: deploy `nightshift"),
    ],
)
def test_a_place_that_cannot_be_reached_is_named_with_what_to_do(
    aws: TestAws, operation: str, code: str, kind: type[Exception], advice: str
) -> None:
    aws.faults[operation] = Fault(lambda p: (403, code, "no"))
    with pytest.raises(kind) as raised:
        stop(aws, target=DEV)
    assert str(raised.value).startswith(f"dev ({MEMBER}), eu-west-1: ")
    assert advice in str(raised.value)


def test_an_account_that_lets_nobody_in_is_the_same_in_each_region(aws: TestAws) -> None:
    said = f"User: arn:aws:sts::123456789012:assumed-role/nightshift-part-{'x' * 40}/nightshift-part is not authorized"
    said += f" to perform: sts:AssumeRole on resource: {DEV['role_arn']}"
    aws.faults["AssumeRole"] = Fault(lambda p: (403, "AccessDenied", said))
    causes = set()
    for region in ("eu-west-1", "ap-northeast-1"):
        with pytest.raises(AccessDenied) as raised:
            stop(aws, target={**DEV, "region": region})
        causes.add(raised.value.cause)
    (cause,) = causes
    assert cause.startswith(
        f"dev ({MEMBER}): the account does not let the app in by the role nightshift-member. Deploy"
    )
    # What to do stands in as much of it as a fan-out keeps.
    assert "exclude an account that is suspended" in cause[:CAUSE]
    assert said in cause


@pytest.mark.parametrize("policy", ["service control policy", "identity-based policy"])
def test_a_policy_that_denies_asks_for_no_update_of_the_role(aws: TestAws, policy: str) -> None:
    said = (
        "You are not authorized to perform this operation. User: x is not authorized to perform: ec2:StopInstances on "
    )
    said += f"resource: y with an explicit deny in a{'n' if policy.startswith('i') else ''} {policy}"
    launched(aws, region="eu-west-1", role_arn=DEV["role_arn"])
    aws.faults["DescribeInstances"] = Fault(lambda p: (403, "UnauthorizedOperation", said))
    with pytest.raises(AccessDenied) as raised:
        stop(aws, target=DEV)
    assert f"A {policy} forbids it in account {MEMBER}: change it, or exclude the account." in str(raised.value)
    assert "member-template" not in str(raised.value)


def test_a_target_says_all_of_the_place(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="target says the account and the Region; leave out role_arn"):
        stop(aws, target=DEV, role_arn="arn:aws:iam::222222222222:role/other")

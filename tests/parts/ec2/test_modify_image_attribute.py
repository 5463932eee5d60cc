"""ec2.modify_image_attribute: with whom images and their snapshots are shared."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ec2 as parts
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts import honest
from tests.parts.driver import Fault, TestAws, drive
from tests.parts.driver import client as plain_client
from tests.parts.ec2.images import old_image
from tests.parts.fleet import launch as launched

ONE, TWO, THREE = "210987654321", "321098765432", "432109876543"
ORGANIZATION = "arn:aws:organizations::123456789012:organization/o-nightshift"
UNIT = "arn:aws:organizations::123456789012:ou/o-nightshift/ou-root-12345678"


@pytest.fixture
def image(aws: TestAws, world: World, ec2: Any, launch: Any) -> Any:
    """image("name", disk={"Encrypted": True}) -> id of a new, available image of an instance with one volume."""

    def image(name: str, disk: dict[str, Any] | None = None) -> str:
        mapping = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, **(disk or {})}}]
        answer = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, BlockDeviceMappings=mapping)
        world.settle()
        made = ec2.create_image(InstanceId=answer["Instances"][0]["InstanceId"], Name=name, NoReboot=True)
        world.settle()
        return str(made["ImageId"])

    return image


def launchers(ec2: Any, image: str) -> set[str]:
    told = ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    return {who for given in told["LaunchPermissions"] for who in given.values()}


def snapshot_of(ec2: Any, image: str) -> str:
    (found,) = ec2.describe_images(ImageIds=[image])["Images"]
    return str(found["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"])


def readers(ec2: Any, image: str) -> set[str]:
    told = ec2.describe_snapshot_attribute(SnapshotId=snapshot_of(ec2, image), Attribute="createVolumePermission")
    return {given["UserId"] for given in told["CreateVolumePermissions"]}


def share(aws: TestAws, image: str | list[str], **given: Any) -> dict[str, Any]:
    return drive(parts.modify_image_attribute, aws, {"image_id": image, **given}).result


def test_accounts_and_organizations_are_added_and_removed(aws: TestAws, ec2: Any, image: Any) -> None:
    one, two = sorted([image("one"), image("two")])
    result = share(aws, [one, two], user_ids_to_add=[ONE, TWO], organization_arns_to_add=[ORGANIZATION, UNIT])
    assert launchers(ec2, one) == launchers(ec2, two) == {ONE, TWO, ORGANIZATION, UNIT}
    assert readers(ec2, one) == set()
    assert result["changed"] == result["image_ids"] == [one, two]
    given = {"user_ids_to_add": THREE, "user_ids_to_remove": f"{ONE};{TWO}", "organization_arns_to_remove": UNIT}
    assert share(aws, one, **given)["changed"] == [one]
    assert launchers(ec2, one) == {THREE, ORGANIZATION}


def test_the_snapshots_are_shared_with_accounts_when_asked(aws: TestAws, ec2: Any, image: Any) -> None:
    one = image("one")
    share(aws, one, user_ids_to_add=ONE, organization_arns_to_add=ORGANIZATION)
    given = {"user_ids_to_add": ONE, "organization_arns_to_add": ORGANIZATION, "share_snapshots": True}
    result = share(aws, one, **given)
    assert (result["changed"], result["skipped"], result["matched"]) == ([one], [], [one])
    assert readers(ec2, one) == {ONE}
    assert aws.count()["ModifyImageAttribute"] == 1
    result = share(aws, one, **given)
    assert (result["changed"], result["image_ids"]) == ([], [one])
    share(aws, one, user_ids_to_remove=ONE, share_snapshots=True)
    assert (launchers(ec2, one), readers(ec2, one)) == ({ORGANIZATION}, set())


@pytest.mark.parametrize("dry_run", [False, True])
def test_one_with_the_default_key_is_refused_and_what_to_do_is_said(
    aws: TestAws, ec2: Any, image: Any, dry_run: bool
) -> None:
    good, bad = image("good"), image("bad", {"Encrypted": True})
    with pytest.raises(PartFailed, match=r"DefaultKey.*the key of EBS itself") as failed:
        share(aws, [good, bad], user_ids_to_add=ONE, dry_run=dry_run)
    assert snapshot_of(ec2, bad) in str(failed.value)
    assert "copy_image(kms_key_id=...)" in failed.value.failures[0].hint
    assert launchers(ec2, bad) == set()
    assert launchers(ec2, good) == (set() if dry_run else {ONE})
    assert bad not in {asked["ImageId"] for asked in aws.made("ModifyImageAttribute")}


def test_one_with_a_key_of_its_own_is_shared(aws: TestAws, ec2: Any, image: Any) -> None:
    key = plain_client("kms").create_key()["KeyMetadata"]["Arn"]
    one = image("one", {"Encrypted": True, "KmsKeyId": key})
    assert share(aws, one, user_ids_to_add=ONE)["changed"] == [one]


def test_where_the_role_may_not_know_the_key_aws_refuses(aws: TestAws, ec2: Any, image: Any) -> None:
    one = image("one", {"Encrypted": True})
    aws.faults["DescribeKey"] = Fault(lambda params: (400, "AccessDeniedException", "not authorized"))
    with pytest.raises(PartFailed, match=r"InvalidParameter.*AWS Managed CMK"):
        share(aws, one, user_ids_to_add=ONE)
    assert launchers(ec2, one) == set()


def test_a_snapshot_that_cannot_be_shared_fails_its_image(aws: TestAws, ec2: Any, image: Any) -> None:
    good, bad = image("good"), image("bad")
    snapshot = snapshot_of(ec2, bad)
    refused = (400, "OperationNotPermitted", f"{snapshot} cannot be shared")
    aws.faults["ModifySnapshotAttribute"] = Fault(lambda p: refused if p["SnapshotId"] == snapshot else None)
    result = share(aws, [good, bad], user_ids_to_add=ONE, share_snapshots=True, on_failure="continue")
    assert (result["changed"], result["image_ids"]) == (sorted([good, bad]), [good])
    assert [f["id"] for f in result["failed"]] == [snapshot]


def test_a_shared_image_is_copied_by_the_other_account(aws: TestAws, ec2: Any, image: Any) -> None:
    """The other account sees neither the tags nor, before they are shared, the snapshots."""
    one = image("web-i-0123456789abcdef0-20270115T080000-abcdef12")
    there = {
        "image_id": one,
        "target": {"account": ONE, "name": "shop", "region": "us-east-1", "role_arn": f"arn:aws:iam::{ONE}:role/r"},
    }
    with pytest.raises(PartFailed, match=r"InvalidAMIID.NotFound"):
        drive(parts.copy_image, aws, there)
    share(aws, one, user_ids_to_add=ONE)
    with pytest.raises(PartFailed, match="permission to access the storage"):
        drive(parts.copy_image, aws, there)
    share(aws, one, user_ids_to_add=ONE, share_snapshots=True)
    result = drive(parts.copy_image, aws, {**there, "generation": 1}).result
    assert result["changed"] == [one]
    assert result["warnings"] == []
    assert result["images"][0]["tags"]["nightshift:source-instance"] == "i-0123456789abcdef0"
    assert result["image_ids"][0] not in {i["ImageId"] for i in ec2.describe_images(Owners=["self"])["Images"]}


def test_a_dry_run_asks_and_changes_nothing(aws: TestAws, ec2: Any, image: Any) -> None:
    one = image("one")
    given = {"user_ids_to_add": ONE, "share_snapshots": True}
    assert share(aws, one, **given, dry_run=True)["changed"] == [one]
    assert (launchers(ec2, one), readers(ec2, one)) == (set(), set())
    assert all(p["DryRun"] for name in ("ModifyImageAttribute", "ModifySnapshotAttribute") for p in aws.made(name))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"user_ids_to_add": "all"},
        {"user_ids_to_add": ONE, "user_ids_to_remove": [ONE]},
        {"organization_arns_to_add": "o-nightshift"},
        {"organization_arns_to_add": ORGANIZATION, "organization_arns_to_remove": ORGANIZATION},
    ],
)
def test_what_is_nobody_to_share_with_is_refused(aws: TestAws, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        share(aws, "ami-0123456789abcdef0", **given)
    assert not aws.calls


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    instances = launched(2)
    world.settle()
    for instance in instances:
        old_image(instance, 1, Purpose="release")
    world.settle()
    return {"tag": "Purpose=release", "user_ids_to_add": ONE, "user_ids_to_remove": TWO, "share_snapshots": True}


def _encrypted(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    disk = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": True}}]
    made = client("ec2").run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, BlockDeviceMappings=disk)
    world.settle()
    image = old_image(made["Instances"][0]["InstanceId"], 1)
    world.settle()
    return {"image_id": image, "user_ids_to_add": ONE}


SCENARIOS = [
    Scenario("by tag", "ec2.modify_image_attribute", _by_tag),
    Scenario("the key of EBS", "ec2.modify_image_attribute", _encrypted, fails="PartFailed"),
]

"""ec2.copy_image: Regions, accounts, tags, keys, generations, and what is left after a crash."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ec2 as parts
from nightshift.local.fleet.faults import Fault as FleetFault
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import OTHER_REGION, REGION, client
from tests.parts import honest
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, shared_session, times
from tests.parts.ec2.images import image_of, old_image
from tests.parts.fleet import launch as launched

THERE = "eu-west-1"


def night(number: int, **changes: Any) -> Any:
    """A run of its own."""
    return replace(RUN, id=f"{RUN.id}-{number}", **changes)


@pytest.fixture
def there(world: World) -> Any:
    """A client in the target Region, whose calls are not counted."""
    return shared_session().create_client("ec2", region_name=THERE)


@pytest.fixture
def dates(aws: TestAws) -> None:
    """Dates on the test's clock."""
    taken: dict[str, str] = {}

    def stamp(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation in ("CreateImage", "CopyImage"):
            moment = datetime.fromtimestamp(aws.now() + len(taken), UTC)
            taken.setdefault(answer["ImageId"], f"{moment:%Y-%m-%dT%H:%M:%S}.000Z")
        if operation == "DescribeImages":
            for image in answer["Images"]:
                image["CreationDate"] = taken.get(image["ImageId"], image["CreationDate"])

    aws.hooks.append(stamp)


def own(ec2: Any) -> dict[str, set[str]]:
    """The images of the account, each with its snapshots."""
    return {
        i["ImageId"]: {m["Ebs"]["SnapshotId"] for m in i["BlockDeviceMappings"]}
        for i in ec2.describe_images(Owners=["self"])["Images"]
    }


def snapshots(ec2: Any) -> set[str]:
    return {s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}


def made(aws: TestAws, launch: Any, count: int = 1) -> list[str]:
    """Available images of new instances, made by ec2.create_image."""
    params = {"instance_id": running(aws, launch, count), "no_reboot": True}
    return list(drive(parts.create_image, aws, params, run=night(99)).result["image_ids"])


def running(aws: TestAws, launch: Any, count: int = 1) -> list[str]:
    ids = launch(count, Name="web")
    aws.clock += 120
    return list(ids)


def test_copies_to_another_region_with_tags_and_key(aws: TestAws, launch: Any, there: Any) -> None:
    ids = made(aws, launch, 2)
    params = {"image_id": ids, "to_region": THERE, "kms_key_id": "alias/backup"}
    outcome = drive(parts.copy_image, aws, params)
    result = outcome.result
    assert result["changed"] == sorted(ids)
    assert result["region"] == THERE
    assert set(result["image_ids"]) == set(own(there))
    assert {i["state"] for i in result["images"]} == {"available"}
    assert sum(outcome.waits) > 60
    asked = aws.made("CopyImage")[0]
    assert (asked["SourceRegion"], asked["Encrypted"], asked["KmsKeyId"]) == ("us-east-1", True, "alias/backup")
    for spec in asked["TagSpecifications"]:
        tags = {t["Key"]: t["Value"] for t in spec["Tags"]}
        assert (tags["nightshift:source"], tags["Name"]) == (asked["SourceImageId"], "web")
        assert tags["nightshift:source-instance"].startswith("i-")
        assert "nightshift:instance" not in tags
    assert [spec["ResourceType"] for spec in asked["TagSpecifications"]] == ["image", "snapshot"]
    assert result["summary"] == "2 images copied"


def test_generations_are_those_of_the_instance_with_their_snapshots(
    aws: TestAws, launch: Any, there: Any, dates: None
) -> None:
    (instance,) = running(aws, launch)
    (other,) = made(aws, launch)
    drive(parts.copy_image, aws, {"image_id": other, "to_region": THERE, "generation": 1}, run=night(0))
    copies = []
    for number in range(1, 4):
        aws.clock += 86_400
        image = drive(parts.create_image, aws, {"instance_id": instance, "no_reboot": True}, run=night(number)).result
        params = {"image_id": image["image_ids"], "to_region": THERE, "generation": 2}
        outcome = drive(parts.copy_image, aws, params, run=night(number, step="copy"))
        copies += outcome.result["image_ids"]
        if number == 1:
            doomed = own(there)[copies[0]]
    assert outcome.result["deleted"] == [copies[0], *doomed]
    assert [g["image_id"] for g in outcome.result["generations"]] == [copies[2], copies[1]]
    assert set(copies[1:]) < set(own(there))
    assert len(own(there)) == 3
    assert snapshots(there) == set().union(*own(there).values())


def test_copies_are_no_generations_of_the_images_themselves(aws: TestAws, launch: Any, ec2: Any, world: World) -> None:
    (instance,) = running(aws, launch)
    for number in range(2):
        aws.clock += 86_400
        params = {"instance_id": instance, "no_reboot": True, "generation": 2}
        image = drive(parts.create_image, aws, params, run=night(number)).result
        drive(parts.copy_image, aws, {"image_id": image["image_ids"]}, run=night(number, step="copy"))
    assert image["deleted"] == []
    assert len(own(ec2)) == 4


def test_of_an_image_whose_instance_is_unknown_all_copies_are_kept(aws: TestAws, ec2: Any, there: Any) -> None:
    image = ec2.register_image(Name="golden")["ImageId"]
    params = {"image_id": image, "to_region": THERE, "generation": 1}
    drive(parts.copy_image, aws, params, run=night(1))
    second = drive(parts.copy_image, aws, params, run=night(2)).result
    assert second["deleted"] == []
    assert len(own(there)) == 2
    text = "its instance is not known, so that no generations of its copies are counted: all are kept"
    assert second["warnings"] == [f"{image}: {text}"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_worker_leaves_one_copy_of_each(aws: TestAws, launch: Any, there: Any, moment: str) -> None:
    ids = made(aws, launch, 3)
    left = [2]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    aws.faults["CopyImage"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.copy_image, aws, {"image_id": ids, "to_region": THERE})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(ids)
    assert len(own(there)) == 3


def test_a_copy_that_is_not_listed_yet_is_found_by_its_token(
    aws: TestAws, launch: Any, there: Any, world: World
) -> None:
    world.strict = True
    ids = made(aws, launch)
    aws.faults["CopyImage"] = lost = Fault()
    lost.after = lambda params, answer: _die_once(lost)
    outcome = drive(parts.copy_image, aws, {"image_id": ids, "to_region": THERE})
    assert outcome.deaths == 1
    aws.clock += 60
    assert set(outcome.result["image_ids"]) == set(own(there))
    assert len(own(there)) == 1
    assert len({asked["ClientToken"] for asked in aws.made("CopyImage")}) == 1


def _die_once(fault: Fault) -> None:
    fault.after = lambda params, answer: None
    raise Killed


def test_the_quota_of_concurrent_copies_queues(aws: TestAws, launch: Any, there: Any) -> None:
    ids = made(aws, launch, 3)
    aws.faults["CopyImage"] = times(2, (400, "ResourceLimitExceeded", "Too many AMI copies in progress"))
    outcome = drive(parts.copy_image, aws, {"image_id": ids, "to_region": THERE})
    assert outcome.result["changed"] == sorted(ids)
    assert len(own(there)) == 3


def test_by_tag_copies_are_not_copied_again(aws: TestAws, launch: Any, world: World) -> None:
    ids = made(aws, launch)
    drive(parts.copy_image, aws, {"tag": "Name=web"}, run=night(1))
    again = drive(parts.copy_image, aws, {"tag": "Name=web"}, run=night(2)).result
    assert again["matched"] == ids


def test_a_pending_image_and_one_that_is_not_there_stop_no_other(
    aws: TestAws, ec2: Any, launch: Any, there: Any
) -> None:
    ids = made(aws, launch)
    pending = ec2.create_image(InstanceId=running(aws, launch)[0], Name="pending", NoReboot=True)["ImageId"]
    params = {"image_id": [*ids, pending, "ami-0123456789abcdef0"], "to_region": THERE, "on_failure": "continue"}
    result = drive(parts.copy_image, aws, params).result
    assert result["changed"] == ids
    assert {(f["id"], f["error"]) for f in result["failed"]} == {
        (pending, "IncorrectState"),
        ("ami-0123456789abcdef0", "InvalidAMIID.NotFound"),
    }
    with pytest.raises(PartFailed, match="does not exist"):
        drive(parts.copy_image, aws, {"image_id": "ami-0123456789abcdef0"})


def test_dry_run_of_copy_changes_nothing(aws: TestAws, launch: Any, there: Any) -> None:
    ids = made(aws, launch, 2)
    params = {"image_id": ids, "to_region": THERE}
    dry = drive(parts.copy_image, aws, {**params, "dry_run": True}).result
    assert own(there) == {}
    real = drive(parts.copy_image, aws, params).result
    assert dry["changed"] == real["changed"]
    assert dry.keys() == real.keys()


def test_a_generation_of_none_is_refused(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="would keep none"):
        drive(parts.copy_image, aws, {"image_id": "ami-1", "generation": 0})


def two_generations(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    # What AWS has described once it does not hide for minutes.
    world.faults.append(FleetFault("slow", factor=0.1))
    sources = []
    instances = launched(2)
    world.settle()
    for instance in instances:
        image = old_image(instance, 3)
        world.settle()
        sources.append(image)
        for day in (1, 2):
            tags = {
                "nightshift:flow": "swept",
                "nightshift:source": image,
                "nightshift:source-instance": instance,
            }
            spec = [{"Key": k, "Value": v} for k, v in tags.items()]
            made = client("ec2", OTHER_REGION).copy_image(
                SourceRegion=REGION,
                SourceImageId=image,
                Name=f"{instance} copy {day}",
                TagSpecifications=[{"ResourceType": kind, "Tags": spec} for kind in ("image", "snapshot")],
            )
            image_of(made["ImageId"], OTHER_REGION).creation_date = datetime(2026, 1, day, tzinfo=UTC)
    world.settle()
    return {"image_id": sources, "to_region": OTHER_REGION, "generation": 2}


SCENARIOS = [Scenario("to another Region, two generations", "ec2.copy_image", two_generations)]

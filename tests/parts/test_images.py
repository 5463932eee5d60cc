"""ec2.create_image and ec2.deregister_image."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from moto.ec2.models import EC2Backend

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ec2 as parts
from tests.parts.driver import RUN, THROTTLED, Fault, Killed, TestAws, drive, times


def week(number: int, **changes: Any) -> Any:
    return replace(RUN, id=f"{RUN.id}-{number}", **changes)


@pytest.fixture
def images(ec2: Any) -> Any:
    """images() -> {image id: snapshot ids}."""

    def images() -> dict[str, list[str]]:
        return {
            i["ImageId"]: [m["Ebs"]["SnapshotId"] for m in i["BlockDeviceMappings"] if "Ebs" in m]
            for i in ec2.describe_images(Owners=["self"])["Images"]
        }

    return images


@pytest.fixture
def snapshot_ids(ec2: Any) -> Any:
    """snapshot_ids() -> ids of all snapshots of the account."""
    return lambda: {s["SnapshotId"] for s in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}


@pytest.fixture(autouse=True)
def made_like_ec2(aws: TestAws, ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Creation dates on the test's clock; and tags on an image's snapshots, which moto refuses to set."""
    taken: dict[str, str] = {}
    create = EC2Backend.create_image

    def create_image(backend: Any, instance_id: str, name: str, description: str, tag_specifications: Any) -> Any:
        by_kind = {spec["ResourceType"]: spec for spec in tag_specifications}
        image = create(backend, instance_id, name, description, [by_kind["image"]])
        tags = {t["Key"]: t["Value"] for t in by_kind["snapshot"]["Tags"]}
        backend.create_tags([image.ebs_snapshot.id], tags)
        return image

    def stamp(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "CreateImage":
            moment = datetime.fromtimestamp(aws.now() + len(taken), UTC)
            taken[answer["ImageId"]] = f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
        if operation == "DescribeImages":
            for image in answer["Images"]:
                image["CreationDate"] = taken.get(image["ImageId"], image["CreationDate"])

    monkeypatch.setattr(EC2Backend, "create_image", create_image)
    aws.hooks.append(stamp)


def test_an_image_of_each_instance_with_the_tags_of_both(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(2, Backup="weekly", Name="web")
    result = drive(parts.create_image, aws, {"tag": "Backup=weekly", "no_reboot": True}).result
    assert result["changed"] == sorted(ids)
    assert len(result["image_ids"]) == 2
    assert {i["instance_id"] for i in result["images"]} == set(ids)
    asked = aws.made("CreateImage")
    assert all(p["NoReboot"] for p in asked)
    assert len({p["Name"] for p in asked}) == 2
    assert all(len(p["Name"]) <= 128 and p["Name"].startswith("night-i-") for p in asked)
    tags = {t["Key"]: t["Value"] for t in asked[0]["TagSpecifications"][0]["Tags"]}
    assert tags["nightshift:instance"] == asked[0]["InstanceId"]
    assert (tags["nightshift:flow"], tags["Name"]) == ("night", "web")
    assert {s["ResourceType"] for s in asked[0]["TagSpecifications"]} == {"image", "snapshot"}
    assert result["summary"] == "2 instances imaged"


def test_rotation_deregisters_the_oldest_and_deletes_its_own_snapshots(
    aws: TestAws, launch: Any, images: Any, snapshot_ids: Any
) -> None:
    launch(1, Backup="weekly")
    made = []
    for number in range(4):
        aws.clock += 86400
        outcome = drive(parts.create_image, aws, {"tag": "Backup=weekly", "generation": 2}, run=week(number))
        made += outcome.result["image_ids"]
    assert set(images()) == set(made[-2:])
    assert outcome.result["deleted"][0] == made[1]
    assert {g["image_id"] for g in outcome.result["generations"]} == set(made[-2:])
    assert set().union(*images().values()) <= snapshot_ids()
    assert not set(outcome.result["deleted"]) & (set(images()) | snapshot_ids())
    assert outcome.result["summary"].startswith("1 instance imaged; deleted")


def test_a_snapshot_another_image_consists_of_stays(aws: TestAws, launch: Any, images: Any) -> None:
    launch(1, Backup="weekly")
    params = {"tag": "Backup=weekly", "generation": 1}
    first = drive(parts.create_image, aws, params, run=week(1)).result["image_ids"][0]
    shared = images()[first][0]
    refused = (400, "InvalidSnapshot.InUse", f"The snapshot {shared} is currently in use by ami-other")
    aws.faults["DeleteSnapshot"] = Fault(lambda p: refused if p["SnapshotId"] == shared else None)
    aws.clock += 86400
    result = drive(parts.create_image, aws, params, run=week(2)).result
    assert first in result["deleted"]
    assert first not in images()
    assert result["skipped"][0]["id"] == shared
    assert "in use by ami-other" in result["warnings"][0]
    assert result["failed"] == []


def test_a_snapshot_in_use_for_a_moment_longer_than_its_image_goes(aws: TestAws, launch: Any, images: Any) -> None:
    launch(1, Backup="weekly")
    params = {"tag": "Backup=weekly", "generation": 1}
    first = drive(parts.create_image, aws, params, run=week(1)).result["image_ids"][0]
    own = images()[first]
    aws.clock += 86400
    aws.faults["DeleteSnapshot"] = times(1, (400, "InvalidSnapshot.InUse", "in use by the image just gone"))
    result = drive(parts.create_image, aws, params, run=week(2)).result
    assert set(result["deleted"]) == {first, *own}
    assert result["warnings"] == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_worker_leaves_one_image_for_each_instance(
    aws: TestAws, launch: Any, images: Any, moment: str
) -> None:
    ids = launch(3, Backup="weekly")
    left = [2]

    def die(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    aws.faults["CreateImage"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.create_image, aws, {"tag": "Backup=weekly"})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(ids)
    assert len(images()) == 3


def test_the_name_keeps_a_repeated_call_from_a_second_image(aws: TestAws, launch: Any) -> None:
    """AWS refuses a second image of one name also while the first is not described yet."""
    launch(1, Backup="weekly")
    drive(parts.create_image, aws, {"tag": "Backup=weekly"})
    first = aws.made("CreateImage")[0]["Name"]
    aws.calls.clear()
    drive(parts.create_image, aws, {"tag": "Backup=weekly"}, run=replace(RUN, call=2))
    assert aws.made("CreateImage")[0]["Name"] != first
    aws.faults["CreateImage"] = times(1, (400, "InvalidAMIName.Duplicate", "AMI name is already in use"))
    outcome = drive(parts.create_image, aws, {"tag": "Backup=weekly"}, run=replace(RUN, call=3))
    assert len(outcome.result["image_ids"]) == 1


def test_a_failed_image_fails_its_instance_and_deletes_nothing(aws: TestAws, launch: Any, images: Any) -> None:
    launch(1, Backup="weekly")
    params = {"tag": "Backup=weekly", "generation": 1}
    first = drive(parts.create_image, aws, params, run=week(1)).result["image_ids"][0]

    def fail(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeImages":
            for image in answer["Images"]:
                if image["ImageId"] != first:
                    image["State"], image["StateReason"] = "failed", {"Message": "Client.InternalError: a key"}

    aws.hooks.append(fail)
    with pytest.raises(PartFailed, match=r"ImageError.*a key"):
        drive(parts.create_image, aws, params, run=week(2))
    assert first in images()


def test_dry_run_of_create_image_lists_what_the_real_run_changes(
    aws: TestAws, launch: Any, images: Any, snapshot_ids: Any
) -> None:
    launch(2, Backup="weekly")
    params = {"tag": "Backup=weekly", "generation": 1}
    drive(parts.create_image, aws, params, run=week(1))
    before = (images(), snapshot_ids())
    aws.clock += 86400
    dry = drive(parts.create_image, aws, params, run=week(2, dry_run=True)).result
    assert (images(), snapshot_ids()) == before
    real = drive(parts.create_image, aws, params, run=week(3)).result
    assert dry["changed"] == real["changed"]
    assert sorted(dry["deleted"]) == sorted(real["deleted"])
    assert dry["summary"].startswith("would make an image of 2 instances; would delete")


def test_a_generation_of_none_is_refused(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="would keep none"):
        drive(parts.create_image, aws, {"instance_id": "i-1", "generation": 0})


def test_deregister_also_deletes_the_snapshots(aws: TestAws, launch: Any, images: Any, snapshot_ids: Any) -> None:
    launch(2, Backup="weekly")
    made = drive(parts.create_image, aws, {"tag": "Backup=weekly"}).result["image_ids"]
    own = [s for i in made for s in images()[i]]
    result = drive(parts.deregister_image, aws, {"tag": "Backup=weekly"}).result
    assert result["changed"] == result["matched"] == sorted(made)
    assert sorted(result["deleted_snapshots"]) == sorted(own)
    assert images() == {}
    assert not set(own) & snapshot_ids()
    assert result["summary"] == f"2 images deregistered, {len(own)} of their snapshots deleted"


def test_deregister_can_leave_the_snapshots(aws: TestAws, launch: Any, images: Any, snapshot_ids: Any) -> None:
    launch(1, Backup="weekly")
    made = drive(parts.create_image, aws, {"tag": "Backup=weekly"}).result["image_ids"]
    own = set(images()[made[0]])
    result = drive(parts.deregister_image, aws, {"image_id": made, "delete_snapshots": False}).result
    assert result["deleted_snapshots"] == []
    assert own <= snapshot_ids()


@pytest.mark.parametrize("operation", ["DeregisterImage", "DeleteSnapshot"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_deregister_goes_on_after_a_death(
    aws: TestAws, launch: Any, images: Any, snapshot_ids: Any, operation: str, moment: str
) -> None:
    launch(2, Backup="weekly")
    made = drive(parts.create_image, aws, {"tag": "Backup=weekly"}).result["image_ids"]
    own = {s for i in made for s in images()[i]}
    left = [1]

    def die(*_: Any) -> None:
        if left:
            left.pop()
            raise Killed

    aws.faults[operation] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(parts.deregister_image, aws, {"image_id": made})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(made)
    assert images() == {}
    assert not own & snapshot_ids()


def test_deregister_of_a_bad_id_does_not_stop_the_others(aws: TestAws, launch: Any) -> None:
    launch(1, Backup="weekly")
    made = drive(parts.create_image, aws, {"tag": "Backup=weekly"}).result["image_ids"]
    aws.faults["DeregisterImage"] = times(1, THROTTLED)
    params = {"image_id": ["ami-0aaaaaaaaaaaaaaa1", *made], "on_failure": "continue"}
    result = drive(parts.deregister_image, aws, params).result
    assert result["changed"] == made
    assert [(f["id"], f["error"]) for f in result["failed"]] == [("ami-0aaaaaaaaaaaaaaa1", "InvalidAMIID.NotFound")]


def test_dry_run_of_deregister_changes_nothing(aws: TestAws, launch: Any, images: Any) -> None:
    launch(1, Backup="weekly")
    made = drive(parts.create_image, aws, {"tag": "Backup=weekly"}).result["image_ids"]
    before = images()
    dry = drive(parts.deregister_image, aws, {"image_id": made, "dry_run": True}).result
    assert images() == before
    real = drive(parts.deregister_image, aws, {"image_id": made}).result
    assert (dry["changed"], dry["deleted_snapshots"]) == (real["changed"], real["deleted_snapshots"])

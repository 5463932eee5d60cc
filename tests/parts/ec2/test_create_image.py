"""ec2.create_image: names, tags, generations, and what is left after a crash."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, times
from tests.parts.ec2.images import old_image
from tests.parts.fleet import launch as launched

pytestmark = pytest.mark.usefixtures("made_like_ec2")


def week(number: int, **changes: Any) -> Any:
    return replace(RUN, id=f"{RUN.id}-{number}", **changes)


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


def test_disabled_images_are_generations(aws: TestAws, launch: Any, images: Any, disable: Any) -> None:
    launch(1, Backup="weekly")
    made = []
    for number in range(3):
        aws.clock += 86400
        params = {"tag": "Backup=weekly", "generation": 2}
        outcome = drive(parts.create_image, aws, params, run=week(number))
        made += outcome.result["image_ids"]
        disable(*made)
    assert outcome.result["deleted"][0] == made[0]
    assert set(images()) == set(made[1:])


def two_generations(aws: FaultyAws) -> dict[str, Any]:
    ids = launched(2, Backup="weekly")
    for instance in ids:
        for day in (2, 3):
            old_image(instance, day, **{"nightshift:flow": "swept", "nightshift:instance": instance})
    old_image(ids[0], 1)
    return {"tag": "Backup=weekly", "generation": 2}


SCENARIOS = [Scenario("two generations", "ec2.create_image", two_generations)]

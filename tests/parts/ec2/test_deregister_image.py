"""ec2.deregister_image: images and the snapshots they consist of."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import THROTTLED, Fault, Killed, TestAws, drive, times
from tests.parts.ec2.images import old_image
from tests.parts.fleet import launch as launched

pytestmark = pytest.mark.usefixtures("made_like_ec2")


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


def test_disabled_images_are_found(aws: TestAws, launch: Any, images: Any, disable: Any) -> None:
    launch(1, Backup="weekly")
    made = drive(parts.create_image, aws, {"tag": "Backup=weekly"}).result["image_ids"]
    disable(*made)
    assert drive(parts.deregister_image, aws, {"tag": "Backup=weekly"}).result["changed"] == made
    assert images() == {}


def test_images_of_aws_backup_and_protected_ones_are_left_alone(
    aws: TestAws, ec2: Any, launch: Any, images: Any
) -> None:
    launch(3, Backup="weekly")
    backup, protected, free = drive(parts.create_image, aws, {"tag": "Backup=weekly"}).result["image_ids"]
    ec2.create_tags(Resources=[backup], Tags=[{"Key": "aws:backup:source-resource", "Value": "i-1"}])
    refused = (400, "OperationNotPermitted", f"The AMI {protected} has deregistration protection enabled")
    aws.faults["DeregisterImage"] = Fault(lambda p: refused if p["ImageId"] == protected else None)
    result = drive(parts.deregister_image, aws, {"tag": "Backup=weekly", "delete_snapshots": False}).result
    assert result["changed"] == [free]
    assert {s["id"] for s in result["skipped"]} == {backup, protected}
    assert "AWS Backup" in next(s["reason"] for s in result["skipped"] if s["id"] == backup)
    assert set(images()) == {backup, protected}


def by_id(aws: FaultyAws) -> dict[str, Any]:
    (instance,) = launched(1)
    doomed = old_image(instance, 1, Purpose="test")
    old_image(instance, 2)
    return {"image_id": doomed}


SCENARIOS = [Scenario("by id", "ec2.deregister_image", by_id)]

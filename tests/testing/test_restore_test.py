"""The flow restore_test on a fleet in the process: what it restores, says, and leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from nightshift import Failed, NoMatch
from nightshift.local.seed import FLEET
from nightshift.testing import Fleet, run
from nightshift.testing.fleet import running_fleet

nightly_backup = import_module("flow_defs.nightly_backup").nightly_backup
restore_test = import_module("flow_defs.restore_test").restore_test


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    with running_fleet(FLEET) as running:
        yield running


def made_of_snapshots(fleet: Fleet) -> list[str]:
    volumes = fleet.aws.client("ec2").describe_volumes()["Volumes"]
    return [v["VolumeId"] for v in volumes if v.get("SnapshotId")]


def test_every_volume_of_the_databases_is_restored_and_removed(fleet: Fleet) -> None:
    run(nightly_backup)
    fleet.wait(3600)
    result = run(restore_test)
    assert result.value == "5 snapshots restored"
    assert [call.part for call in result.calls].count("ssm.run_command") == 5
    assert made_of_snapshots(fleet) == []
    (mail,) = result.mails
    assert mail.subject == "restore_test: 5 snapshots restored and read"


def test_what_cannot_be_read_fails_it_and_is_removed_too(fleet: Fleet) -> None:
    run(nightly_backup)
    fleet.fault("command_fails", "bastion", code="32", message="wrong fs type, bad superblock")
    with pytest.raises(Failed, match="bad superblock"):
        run(restore_test)
    assert made_of_snapshots(fleet) == []
    assert fleet.last is not None
    (mail,) = fleet.last.mails
    assert mail.subject == "restore_test failed"


def test_a_night_without_a_backup_fails_it(fleet: Fleet) -> None:
    with pytest.raises(NoMatch):
        run(restore_test)
    run(nightly_backup)
    fleet.wait(24 * 3600)
    with pytest.raises(Failed, match="was started more than 12h ago"):
        run(restore_test)
    assert made_of_snapshots(fleet) == []


def test_what_an_earlier_test_left_is_removed(fleet: Fleet) -> None:
    run(nightly_backup)
    ec2: Any = fleet.aws.client("ec2")
    (snapshot, *_) = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    tags = [{"Key": "nightshift:flow", "Value": "restore_test"}]
    ec2.create_volume(
        SnapshotId=snapshot["SnapshotId"],
        AvailabilityZone="ap-northeast-1a",
        TagSpecifications=[{"ResourceType": "volume", "Tags": tags}],
    )
    fleet.wait(60)
    run(restore_test)
    assert made_of_snapshots(fleet) == []

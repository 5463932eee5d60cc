"""ebs.modify_snapshot_attribute: with whom snapshots are shared."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import ebs as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import Fault, TestAws, drive
from tests.parts.ebs.snapshots import old_snapshot, volumes_of
from tests.parts.fleet import launch

ONE, TWO, THREE = "210987654321", "321098765432", "432109876543"


def shared(ec2: Any, snapshot: str) -> set[str]:
    told = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    return {given["UserId"] for given in told["CreateVolumePermissions"]}


def share(aws: TestAws, snapshot: str | list[str], **given: Any) -> dict[str, Any]:
    return drive(parts.modify_snapshot_attribute, aws, {"snapshot_id": snapshot, **given}).result


def test_accounts_are_added_and_removed(aws: TestAws, ec2: Any, snap: Any) -> None:
    one, two = sorted([snap(), snap()])
    result = share(aws, [one, two], user_ids_to_add=[ONE, TWO])
    assert shared(ec2, one) == shared(ec2, two) == {ONE, TWO}
    assert result["changed"] == result["snapshot_ids"] == [one, two]
    result = share(aws, one, user_ids_to_add=THREE, user_ids_to_remove=f"{ONE};{TWO}")
    assert shared(ec2, one) == {THREE}
    assert result["changed"] == [one]


def test_what_is_so_already_is_left_alone(aws: TestAws, ec2: Any, snap: Any) -> None:
    one = snap()
    share(aws, one, user_ids_to_add=ONE)
    result = share(aws, one, user_ids_to_add=ONE, user_ids_to_remove=TWO)
    assert (result["changed"], result["snapshot_ids"]) == ([], [one])
    assert aws.count()["ModifySnapshotAttribute"] == 1


def test_one_that_cannot_be_shared_stops_no_other(aws: TestAws, ec2: Any, snap: Any) -> None:
    good, bad = snap(), snap()
    refused = (400, "OperationNotPermitted", f"Encrypted snapshots with EBS default key cannot be shared: {bad}")
    aws.faults["ModifySnapshotAttribute"] = Fault(lambda p: refused if p["SnapshotId"] == bad else None)
    result = share(aws, [good, bad, "snap-0123456789abcdef0"], user_ids_to_add=ONE, on_failure="continue")
    assert (result["changed"], result["snapshot_ids"]) == ([good], [good])
    assert {f["error"] for f in result["failed"]} == {"OperationNotPermitted", "InvalidSnapshot.NotFound"}
    with pytest.raises(PartFailed, match="OperationNotPermitted"):
        share(aws, bad, user_ids_to_add=ONE)


def test_a_dry_run_asks_and_changes_nothing(aws: TestAws, ec2: Any, snap: Any) -> None:
    one = snap()
    assert share(aws, one, user_ids_to_add=ONE, dry_run=True)["changed"] == [one]
    assert shared(ec2, one) == set()
    assert all(params["DryRun"] for params in aws.made("ModifySnapshotAttribute"))


@pytest.mark.parametrize(
    "given",
    [{}, {"user_ids_to_add": "all"}, {"user_ids_to_add": "1"}, {"user_ids_to_add": ONE, "user_ids_to_remove": [ONE]}],
)
def test_what_is_no_account_is_refused(aws: TestAws, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        share(aws, "snap-0123456789abcdef0", **given)
    assert not aws.calls


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    (volume,) = volumes_of(launch(1))
    for day in (1, 2):
        old_snapshot(volume, day, Purpose="vault")
    return {"tag": "Purpose=vault", "user_ids_to_add": ONE, "user_ids_to_remove": TWO}


SCENARIOS = [Scenario("by tag", "ebs.modify_snapshot_attribute", _by_tag)]

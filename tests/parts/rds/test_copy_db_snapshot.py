"""rds.copy_db_snapshot."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, client, drive, times
from tests.parts.rds.databases import cluster, database, night, old_snapshot, snapshots

OSAKA = "ap-northeast-3"


def test_copies_of_both_kinds_in_another_region(aws: TestAws) -> None:
    cluster("shop")
    database("orders")
    first, second = old_snapshot("orders", "first", Owner="ops"), old_snapshot("cluster:shop", "second")
    outcome = drive(parts.copy_db_snapshot, aws, {"db_snapshot_identifier": [first, second], "to_region": OSAKA})
    assert outcome.result["changed"] == sorted([first, second])
    assert outcome.result["region"] == OSAKA
    found = snapshots(OSAKA)
    assert sorted(found) == sorted(outcome.result["snapshot_ids"])
    (of_orders,) = [tags for tags in found.values() if tags["nightshift:source"] == "first"]
    assert (of_orders["nightshift:source-database"], of_orders["Owner"]) == ("orders", "ops")
    assert "nightshift:database" not in of_orders
    (made,) = aws.made("CopyDBSnapshot")
    assert (made["SourceRegion"], made["SourceDBSnapshotIdentifier"].rpartition(":")[2]) == ("us-east-1", "first")


def test_the_generations_are_those_of_a_database(aws: TestAws) -> None:
    database("orders")
    copies = []
    for number in range(3):
        snapshot = old_snapshot("orders", f"night-{number}")
        params: dict[str, Any] = {"db_snapshot_identifier": snapshot, "to_region": OSAKA, "generation": 2}
        outcome = drive(parts.copy_db_snapshot, aws, params, run=night(number))
        copies += outcome.result["snapshot_ids"]
    assert outcome.result["deleted"] == copies[:1]
    assert set(snapshots(OSAKA)) == set(copies[1:])


def test_copies_are_not_copied_again_by_their_tag(aws: TestAws) -> None:
    database("orders")
    old_snapshot("orders", "first", Copy="yes")
    drive(parts.copy_db_snapshot, aws, {"tag": "Copy=yes"})
    again = drive(parts.copy_db_snapshot, aws, {"tag": "Copy=yes"}, run=night(2))
    assert again.result["matched"] == ["first"]


def test_keys_that_rds_would_ask_for_are_told_before(aws: TestAws) -> None:
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    cluster("shop")
    database("orders")
    old_snapshot("orders", "secret")
    plain = old_snapshot("cluster:shop", "plain")

    def encrypted(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for snapshot in answer.get("DBSnapshots", []):
            snapshot["Encrypted"] = True

    aws.hooks.append(encrypted)
    with pytest.raises(PartFailed, match=f"'secret' is encrypted: give kms_key_id, a key of {OSAKA}"):
        drive(parts.copy_db_snapshot, aws, {"db_snapshot_identifier": "secret", "to_region": OSAKA})
    with pytest.raises(PartFailed, match="is not encrypted, and a copy of a cluster's snapshot cannot be made so"):
        drive(parts.copy_db_snapshot, aws, {"db_snapshot_identifier": plain, "kms_key_id": key})
    assert not aws.made("CopyDBSnapshot")
    drive(parts.copy_db_snapshot, aws, {"db_snapshot_identifier": "secret", "kms_key_id": key})
    assert aws.made("CopyDBSnapshot")[0]["KmsKeyId"] == key


def test_one_that_another_account_shares_is_copied_by_its_arn(aws: TestAws) -> None:
    database("orders")
    old_snapshot("orders", "first")
    arn = "arn:aws:rds:us-east-1:210987654321:snapshot:first"

    def shared(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for snapshot in answer.get("DBSnapshots", []):
            if snapshot["DBSnapshotIdentifier"] == "first":
                snapshot |= {"DBSnapshotIdentifier": arn, "DBSnapshotArn": arn}

    aws.hooks.append(shared)
    aws.faults["CopyDBSnapshot"] = times(1, (400, "KMSKeyNotAccessibleFault", "The key is not accessible."))
    with pytest.raises(PartFailed, match="KMSKeyNotAccessibleFault"):
        drive(parts.copy_db_snapshot, aws, {"db_snapshot_identifier": arn})
    assert aws.made("CopyDBSnapshot")[0]["SourceDBSnapshotIdentifier"] == arn


def test_one_that_does_not_exist_is_named(aws: TestAws) -> None:
    with pytest.raises(PartFailed, match="DBSnapshotNotFound: The snapshot 'first' does not exist"):
        drive(parts.copy_db_snapshot, aws, {"db_snapshot_identifier": "first"})


def _copies(aws: FaultyAws) -> dict[str, Any]:
    cluster("shop")
    database("orders")
    named = [old_snapshot("orders", "first"), old_snapshot("cluster:shop", "second")]
    marks: dict[str, Any] = {"nightshift:source": "first", "nightshift:source-database": "orders"}
    of_shop = {"nightshift:source": "cluster-snapshot:second", "nightshift:source-database": "cluster:shop"}
    for at in range(2):
        old_snapshot("orders", f"copy-{at}", at=at, flow="swept", **marks)
    old_snapshot("cluster:shop", "copy", flow="swept", **marks | of_shop)
    return {"db_snapshot_identifier": named, "generation": 1}


SCENARIOS = [Scenario("generations", "rds.copy_db_snapshot", _copies)]

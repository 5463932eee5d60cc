"""rds.delete_db_snapshot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, drive, times
from tests.parts.rds.databases import cluster, database, old_snapshot, snapshots


def test_old_ones_of_both_kinds_go(aws: TestAws) -> None:
    cluster("shop")
    database("orders")
    old_snapshot("orders", "first", at=0, Purpose="test")
    old_snapshot("orders", "kept", at=0, Purpose="test", Keep="yes")
    old_snapshot("orders", "young", at=60, Purpose="test")
    old_snapshot("orders", "other", at=0)
    of_cluster = old_snapshot("cluster:shop", "first", at=0, Purpose="test")
    aws.clock = datetime(2026, 3, 5, tzinfo=UTC).timestamp()
    params = {"tag": "Purpose=test", "exclude_tag": "Keep", "older_than": "30d"}
    dry = drive(parts.delete_db_snapshot, aws, {**params, "dry_run": True}).result
    outcome = drive(parts.delete_db_snapshot, aws, params)
    assert outcome.result["changed"] == dry["changed"] == sorted([of_cluster, "first"])
    assert {s["id"]: s["reason"] for s in outcome.result["skipped"]} == {
        "kept": "excluded by the tag Keep",
        "young": "not older than 30d",
    }
    assert set(snapshots()) == {"kept", "young", "other"}
    assert {s["database"] for s in outcome.result["snapshots"]} == {"orders", "cluster:shop"}


def test_names_and_one_that_is_gone_meanwhile(aws: TestAws) -> None:
    database("orders")
    old_snapshot("orders", "first")
    aws.faults["DeleteDBSnapshot"] = times(1, (404, "DBSnapshotNotFound", "DBSnapshot first not found."))
    assert drive(parts.delete_db_snapshot, aws, {"db_snapshot_identifier": "first"}).result["changed"] == ["first"]
    with pytest.raises(PartFailed, match="DBClusterSnapshotNotFoundFault: The snapshot 'cluster-snapshot:first' does"):
        drive(parts.delete_db_snapshot, aws, {"db_snapshot_identifier": "cluster-snapshot:first"})


def test_one_that_is_in_another_state_is_kept(aws: TestAws) -> None:
    database("orders")
    old_snapshot("orders", "first")
    refused = (400, "InvalidDBSnapshotState", "Cannot delete the snapshot first because it is not available.")
    aws.faults["DeleteDBSnapshot"] = times(1, refused)
    result = drive(parts.delete_db_snapshot, aws, {"db_snapshot_identifier": "first"}).result
    assert [s["reason"] for s in result["skipped"]] == [refused[2]]
    assert list(snapshots()) == ["first"]


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    cluster("shop")
    database("orders")
    for name in ("first", "second"):
        old_snapshot("orders", name, Purpose="test")
    old_snapshot("cluster:shop", "third", Purpose="test")
    return {"tag": "Purpose=test"}


SCENARIOS = [Scenario("by tag", "rds.delete_db_snapshot", _by_tag)]

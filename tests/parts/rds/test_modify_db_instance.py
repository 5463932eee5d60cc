"""rds.modify_db_instance."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, client, drive, times
from tests.parts.rds.databases import cluster, database, described_as

LARGE = "db.r6g.large"
NONE = (400, "InsufficientDBInstanceCapacity", "db.r6g.large is not available in the Availability Zone.")


def _classes() -> dict[str, str]:
    found = client("rds").describe_db_instances()["DBInstances"]
    return {d["DBInstanceIdentifier"]: d["DBInstanceClass"] for d in found}


def _pending(aws: TestAws, *series: dict[str, Any]) -> None:
    """Let the descriptions say in turn what is pending, with the class of before."""
    left = list(series)

    def say(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for found in answer.get("DBInstances", []):
            found.update(left.pop(0) if len(left) > 1 else left[0])

    aws.hooks.append(say)


def test_the_class_of_what_carries_the_tag(aws: TestAws) -> None:
    database("orders", Role="reports")
    database("billing", Role="reports", DBInstanceClass=LARGE)
    database("other")
    described_as(aws, "orders", "available", "available", "modifying", "available")
    params: dict[str, Any] = {"tag": "Role=reports", "db_instance_class": LARGE, "apply_immediately": True}
    outcome = drive(parts.modify_db_instance, aws, params)
    assert outcome.result["changed"] == ["orders"]
    assert {s["id"]: s["reason"] for s in outcome.result["skipped"]} == {"billing": "already so"}
    assert outcome.result["fallen_back"] == []
    assert _classes() == {"orders": LARGE, "billing": LARGE, "other": "db.t3.micro"}
    assert aws.made("ModifyDBInstance") == [
        {"DBInstanceIdentifier": "orders", "ApplyImmediately": True, "DBInstanceClass": LARGE}
    ]


def test_in_the_window_it_is_done_when_it_waits(aws: TestAws) -> None:
    database("orders")
    waits = {"DBInstanceClass": "db.t3.micro", "PendingModifiedValues": {"DBInstanceClass": LARGE}}
    _pending(aws, {"DBInstanceClass": "db.t3.micro"}, {"DBInstanceClass": "db.t3.micro"}, waits)
    params = {"db_instance_identifier": "orders", "db_instance_class": LARGE}
    assert drive(parts.modify_db_instance, aws, params).result["changed"] == ["orders"]
    again = drive(parts.modify_db_instance, aws, params).result
    assert [s["reason"] for s in again["skipped"]] == ["already waits for its maintenance window"]
    assert aws.made("ModifyDBInstance")[0]["ApplyImmediately"] is False


def test_without_capacity_the_next_class_is_taken(aws: TestAws) -> None:
    database("orders")
    aws.faults["ModifyDBInstance"] = times(1, NONE)
    params: dict[str, Any] = {
        "db_instance_identifier": "orders",
        "db_instance_class": LARGE,
        "fallback_classes": ["db.r5.large", "db.m5.large"],
        "apply_immediately": True,
    }
    outcome = drive(parts.modify_db_instance, aws, params)
    assert outcome.result["fallen_back"] == ["orders"]
    assert _classes() == {"orders": "db.r5.large"}
    aws.faults["ModifyDBInstance"] = times(3, NONE)
    with pytest.raises(PartFailed, match="InsufficientDBInstanceCapacity"):
        drive(parts.modify_db_instance, aws, {**params, "fallback_classes": ["db.m5.large"]})


def test_a_change_that_rds_gives_up_is_tried_with_the_next_class(aws: TestAws) -> None:
    database("orders")
    before = {"DBInstanceClass": "db.t3.micro", "DBInstanceStatus": "available"}
    modifying = {**before, "DBInstanceStatus": "modifying", "PendingModifiedValues": {"DBInstanceClass": LARGE}}
    _pending(aws, before, before, modifying, before, before, {"DBInstanceStatus": "available"})
    params: dict[str, Any] = {
        "db_instance_identifier": "orders",
        "db_instance_class": LARGE,
        "fallback_classes": ["db.r5.large"],
        "apply_immediately": True,
    }
    assert drive(parts.modify_db_instance, aws, params).result["fallen_back"] == ["orders"]
    _pending(aws, before)
    with pytest.raises(PartFailed, match="'orders' is available and not changed"):
        drive(parts.modify_db_instance, aws, {**params, "fallback_classes": None, "db_instance_class": "db.x2g.large"})


def test_a_full_storage_is_enlarged(aws: TestAws) -> None:
    database("orders")
    described_as(aws, "orders", "storage-full", "storage-full", "modifying", "storage-optimization")
    params: dict[str, Any] = {
        "db_instance_identifier": "orders",
        "allocated_storage": 40,
        "apply_immediately": True,
    }
    assert drive(parts.modify_db_instance, aws, params).result["changed"] == ["orders"]
    described_as(aws, "orders", "storage-full")
    with pytest.raises(PartFailed, match="'orders' is storage-full"):
        drive(parts.modify_db_instance, aws, {"db_instance_identifier": "orders", "db_instance_class": LARGE})


def test_what_cannot_be_modified_is_told_before(aws: TestAws) -> None:
    database("orders", state="stopped")
    cluster("shop", "shop-1")
    with pytest.raises(PartFailed, match="'orders' is stopped, and RDS modifies what runs"):
        drive(parts.modify_db_instance, aws, {"db_instance_identifier": "orders", "db_instance_class": LARGE})
    with pytest.raises(PartFailed, match="whose storage grows by itself"):
        drive(parts.modify_db_instance, aws, {"db_instance_identifier": "shop-1", "allocated_storage": 40})
    with pytest.raises(InvalidParameter, match="nothing is changed"):
        drive(parts.modify_db_instance, aws, {"db_instance_identifier": "orders"})
    assert not aws.made("ModifyDBInstance")


def test_it_waits_until_what_aws_does_is_done(aws: TestAws) -> None:
    database("orders")
    described_as(aws, "orders", "backing-up", "backing-up", "available")
    refused = (400, "InvalidDBInstanceState", "Database instance is not in available state.")
    aws.faults["ModifyDBInstance"] = times(1, refused)
    params: dict[str, Any] = {"db_instance_identifier": "orders", "db_instance_class": LARGE, "apply_immediately": True}
    assert drive(parts.modify_db_instance, aws, params).result["changed"] == ["orders"]
    assert len(aws.made("ModifyDBInstance")) == 2


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    database("orders", Role="reports")
    database("billing", Role="reports", DBInstanceClass=LARGE)
    return {"tag": "Role=reports", "db_instance_class": LARGE, "apply_immediately": True}


SCENARIOS = [Scenario("by tag", "rds.modify_db_instance", _by_tag)]

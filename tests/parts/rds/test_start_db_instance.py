"""rds.start_db_instance."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, drive, times
from tests.parts.rds.databases import cluster, database, described_as, states


def test_it_starts_what_carries_the_tag(aws: TestAws) -> None:
    database("orders", AutoOn="yes", state="stopped")
    database("billing", AutoOn="yes")
    database("other", state="stopped")
    outcome = drive(parts.start_db_instance, aws, {"tag": "AutoOn=yes"})
    assert outcome.result["changed"] == ["orders"]
    assert {s["id"]: s["reason"] for s in outcome.result["skipped"]} == {"billing": "already available"}
    assert states() == {"orders": "available", "billing": "available", "other": "stopped"}


def test_it_waits_until_they_are_available(aws: TestAws) -> None:
    database("orders", state="stopped")
    described_as(
        aws, "orders", "stopping", "stopped", "stopped", "starting", "configuring-enhanced-monitoring", "available"
    )
    outcome = drive(parts.start_db_instance, aws, {"db_instance_identifier": "orders"})
    assert outcome.result["changed"] == ["orders"]
    assert aws.count()["StartDBInstance"] == 1


def test_one_that_is_on_its_way_is_awaited(aws: TestAws) -> None:
    database("orders")
    described_as(aws, "orders", "backing-up", "available")
    outcome = drive(parts.start_db_instance, aws, {"db_instance_identifier": "orders"})
    assert [s["reason"] for s in outcome.result["skipped"]] == ["already backing-up"]
    assert aws.count()["StartDBInstance"] == 0


def test_one_that_falls_back_fails(aws: TestAws) -> None:
    database("orders", state="stopped")
    described_as(aws, "orders", "stopped", "starting", "stopping")
    with pytest.raises(PartFailed, match="'orders' is stopping again"):
        drive(parts.start_db_instance, aws, {"db_instance_identifier": "orders"})


def test_a_lack_of_capacity_keeps_no_other_down(aws: TestAws) -> None:
    database("orders", state="stopped")
    database("billing", state="stopped")
    aws.faults["StartDBInstance"] = times(1, (400, "InsufficientDBInstanceCapacity", "db.t3.micro is not available."))
    params: dict[str, Any] = {"db_instance_identifier": ["billing", "orders"], "on_failure": "continue"}
    result = drive(parts.start_db_instance, aws, params).result
    assert ([f["error"] for f in result["failed"]], result["changed"]) == (
        ["InsufficientDBInstanceCapacity"],
        ["orders"],
    )


def test_members_of_a_cluster_are_left_to_it(aws: TestAws) -> None:
    cluster("shop", "shop-1")
    with pytest.raises(PartFailed, match=r'use rds\.start_db_cluster\(db_cluster_identifier="shop"\)'):
        drive(parts.start_db_instance, aws, {"db_instance_identifier": "shop-1"})


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    database("orders", AutoOn="yes", state="stopped")
    database("billing", AutoOn="yes", state="stopped")
    database("archive", AutoOn="yes")
    return {"tag": "AutoOn=yes"}


SCENARIOS = [Scenario("by tag", "rds.start_db_instance", _by_tag)]

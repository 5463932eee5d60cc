"""rds.stop_db_instance."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed, PartTimeout
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, client, drive, times
from tests.parts.rds.databases import cluster, database, described_as, states


def test_it_stops_what_carries_the_tag(aws: TestAws) -> None:
    database("orders", AutoOff="yes")
    database("billing", AutoOff="yes", state="stopped")
    database("keep", AutoOff="yes", Keep="yes")
    database("other")
    outcome = drive(parts.stop_db_instance, aws, {"tag": "AutoOff=yes", "exclude_tag": "Keep"})
    assert outcome.result["changed"] == ["orders"]
    assert {s["id"]: s["reason"] for s in outcome.result["skipped"]} == {
        "billing": "already stopped",
        "keep": "excluded by the tag Keep",
    }
    assert outcome.result["summary"] == "1 DB instance stopped, 2 skipped"
    assert states() == {"orders": "stopped", "billing": "stopped", "keep": "available", "other": "available"}
    (shown,) = [d for d in outcome.result["databases"] if d["identifier"] == "orders"]
    assert (shown["previous_state"], shown["state"], shown["engine"]) == ("available", "stopped", "postgres")


def test_names_are_taken_in_any_case(aws: TestAws) -> None:
    database("orders")
    assert drive(parts.stop_db_instance, aws, {"db_instance_identifier": "Orders"}).result["changed"] == ["orders"]


def test_it_waits_until_what_aws_does_is_done(aws: TestAws) -> None:
    database("orders")
    described_as(aws, "orders", "backing-up", "backing-up", "available", "stopping", "stopping", "stopped")
    outcome = drive(parts.stop_db_instance, aws, {"db_instance_identifier": "orders"})
    assert outcome.result["changed"] == ["orders"]
    assert aws.count()["StopDBInstance"] == 1


def test_one_that_does_not_exist_is_named(aws: TestAws) -> None:
    database("orders")
    with pytest.raises(PartFailed, match=r"DBInstanceNotFound.*'orderz' does not exist"):
        drive(parts.stop_db_instance, aws, {"db_instance_identifier": ["orders", "orderz"]})
    assert states() == {"orders": "stopped"}


def test_members_of_a_cluster_are_left_to_it(aws: TestAws) -> None:
    cluster("shop", "shop-1", "shop-2", AutoOff="yes")
    outcome = drive(parts.stop_db_instance, aws, {"tag": "AutoOff=yes"})
    assert {s["reason"] for s in outcome.result["skipped"]} == {"is a member of the cluster shop"}
    with pytest.raises(PartFailed, match=r'rds\.stop_db_cluster\(db_cluster_identifier="shop"\)'):
        drive(parts.stop_db_instance, aws, {"db_instance_identifier": "shop-1"})
    assert aws.count()["StopDBInstance"] == 0


def test_what_rds_never_stops_is_told_before_anything_is_sent(aws: TestAws) -> None:
    database("orders")
    client("rds").create_db_instance_read_replica(
        DBInstanceIdentifier="orders-read", SourceDBInstanceIdentifier="orders"
    )
    database("erp", engine="sqlserver-ee", MultiAZ=True)
    database("crm", engine="postgres", MultiAZ=True)
    params: dict[str, Any] = {
        "db_instance_identifier": ["orders", "orders-read", "erp", "crm"],
        "on_failure": "continue",
    }
    for dry_run in (True, False):
        outcome = drive(parts.stop_db_instance, aws, {**params, "dry_run": dry_run})
        failed = {f["id"]: f["message"] for f in outcome.result["failed"]}
        assert failed == {
            "orders": "'orders' has the read replica orders-read, and with one it cannot be stopped",
            "orders-read": "'orders-read' is a read replica of orders, and those cannot be stopped",
            "erp": "'erp' runs SQL Server in several zones (Multi-AZ), and so it cannot be stopped",
        }
        assert outcome.result["changed"] == ["crm"]
    assert [p["DBInstanceIdentifier"] for p in aws.made("StopDBInstance")] == ["crm"]


@pytest.mark.parametrize("state", ["storage-full", "incompatible-network", "deleting"])
def test_a_broken_one_fails_with_its_state(aws: TestAws, state: str) -> None:
    database("orders")
    described_as(aws, "orders", state)
    with pytest.raises(PartFailed, match=f"'orders' is {state}"):
        drive(parts.stop_db_instance, aws, {"db_instance_identifier": "orders"})


def test_one_that_breaks_on_the_way_fails(aws: TestAws) -> None:
    database("orders")
    described_as(aws, "orders", "available", "stopping", "failed")
    with pytest.raises(PartFailed, match="'orders' is failed"):
        drive(parts.stop_db_instance, aws, {"db_instance_identifier": "orders"})


def test_a_refusal_for_its_state_is_tried_once_more(aws: TestAws) -> None:
    database("orders")
    aws.faults["StopDBInstance"] = times(1, (400, "InvalidDBInstanceState", "Instance orders is not available."))
    outcome = drive(parts.stop_db_instance, aws, {"db_instance_identifier": "orders"})
    assert outcome.result["changed"] == ["orders"]
    assert aws.count()["StopDBInstance"] == 2


def test_it_gives_up_at_its_timeout(aws: TestAws) -> None:
    database("orders")
    described_as(aws, "orders", "available", "stopping")
    with pytest.raises(PartTimeout, match="to be stopped"):
        drive(parts.stop_db_instance, aws, {"db_instance_identifier": "orders", "timeout": "10m"})


def test_the_guard_rails_hold(aws: TestAws) -> None:
    for n in range(4):
        database(f"test-{n}", AutoOff="yes")
    outcome = drive(parts.stop_db_instance, aws, {"tag": "AutoOff=yes", "at_most": 1, "max_resources": "100%"})
    assert len(outcome.result["changed"]) == 4


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    database("orders", AutoOff="yes")
    database("billing", AutoOff="yes")
    database("archive", AutoOff="yes", state="stopped")
    database("other")
    return {"tag": "AutoOff=yes"}


SCENARIOS = [Scenario("by tag", "rds.stop_db_instance", _by_tag)]

"""Databases pass states over time, are refused as RDS does, and are started again by AWS after a week."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config

WEEK = 7 * 24 * 3600


@pytest.fixture
def rds(fleet: Any) -> Any:
    """A client that does not try again by itself."""
    return fleet.client("rds", config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def orders(fleet: Any, rds: Any) -> str:
    """An available DB instance."""
    _create(rds, "orders")
    assert _state(rds) == "creating"
    fleet.settle()
    assert _state(rds) == "available"
    return "orders"


@pytest.fixture
def shop(fleet: Any, rds: Any) -> str:
    """An Aurora cluster with a member, shop-1."""
    rds.create_db_cluster(
        DBClusterIdentifier="shop", Engine="aurora-postgresql", MasterUsername="ops", MasterUserPassword="test-only-1"
    )
    member = {"DBInstanceIdentifier": "shop-1", "DBInstanceClass": "db.r6g.large", "Engine": "aurora-postgresql"}
    rds.create_db_instance(DBClusterIdentifier="shop", **member)
    fleet.settle()
    return "shop"


def _create(rds: Any, name: str, **more: Any) -> None:
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="ops",
        MasterUserPassword="test-only-1",
        **more,
    )


def _described(rds: Any, name: str = "orders") -> dict[str, Any]:
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return dict(found)


def _state(rds: Any, name: str = "orders") -> str:
    return str(_described(rds, name)["DBInstanceStatus"])


def _cluster_state(rds: Any) -> str:
    return str(rds.describe_db_clusters(DBClusterIdentifier="shop")["DBClusters"][0]["Status"])


def test_a_database_stops_and_starts_over_time(fleet: Any, rds: Any, orders: str, refused: Any) -> None:
    assert rds.stop_db_instance(DBInstanceIdentifier=orders)["DBInstance"]["DBInstanceStatus"] == "stopping"
    assert refused(rds.start_db_instance, DBInstanceIdentifier=orders)[0] == "InvalidDBInstanceState"
    fleet.advance(600)
    assert _state(rds) == "stopped"
    assert refused(rds.stop_db_instance, DBInstanceIdentifier=orders)[0] == "InvalidDBInstanceState"
    assert refused(rds.reboot_db_instance, DBInstanceIdentifier=orders)[0] == "InvalidDBInstanceState"
    rds.start_db_instance(DBInstanceIdentifier=orders)
    assert _state(rds) == "starting"
    fleet.advance(900)
    assert _state(rds) == "available"
    rds.reboot_db_instance(DBInstanceIdentifier=orders)
    assert _state(rds) == "rebooting"
    fleet.advance(120)
    assert _state(rds) == "available"


def test_aws_starts_it_again_after_seven_days(fleet: Any, rds: Any, orders: str) -> None:
    rds.stop_db_instance(DBInstanceIdentifier=orders)
    fleet.settle()
    assert _state(rds) == "stopped"
    assert "AutomaticRestartTime" in _described(rds)
    fleet.advance(WEEK - 60)
    assert _state(rds) == "stopped"
    fleet.advance(60)
    assert _state(rds) == "starting"
    fleet.settle()
    assert _state(rds) == "available"


def test_a_start_in_between_puts_the_week_off(fleet: Any, rds: Any, orders: str) -> None:
    for action in (rds.stop_db_instance, rds.start_db_instance):
        action(DBInstanceIdentifier=orders)
        fleet.settle()
    fleet.advance(WEEK / 2)
    rds.stop_db_instance(DBInstanceIdentifier=orders)
    fleet.settle()
    fleet.advance(WEEK / 2 + 3600)
    assert _state(rds) == "stopped"


def test_a_cluster_stops_with_its_members(fleet: Any, rds: Any, shop: str, refused: Any) -> None:
    code, message = refused(rds.stop_db_instance, DBInstanceIdentifier="shop-1")
    assert (code, "belongs to DB cluster shop" in message) == ("InvalidDBClusterStateFault", True)
    rds.stop_db_cluster(DBClusterIdentifier=shop)
    assert (_cluster_state(rds), _state(rds, "shop-1")) == ("stopping", "stopping")
    assert refused(rds.stop_db_cluster, DBClusterIdentifier=shop)[0] == "InvalidDBClusterStateFault"
    fleet.advance(900)
    assert (_cluster_state(rds), _state(rds, "shop-1")) == ("stopped", "stopped")
    rds.start_db_cluster(DBClusterIdentifier=shop)
    fleet.advance(900)
    assert (_cluster_state(rds), _state(rds, "shop-1")) == ("available", "available")
    assert refused(rds.stop_db_cluster, DBClusterIdentifier="shopp")[0] == "DBClusterNotFoundFault"


def test_faults_hit_databases_by_name_and_tag(fleet: Any, rds: Any, orders: str, refused: Any) -> None:
    _create(rds, "billing", Tags=[{"Key": "Env", "Value": "test"}])
    fleet.settle()
    fleet.add_fault("error", resource="orders", action="StopDBInstance", code="SnapshotQuotaExceeded", message="full")
    fleet.add_fault("stuck", tag="Env=test")
    assert refused(rds.stop_db_instance, DBInstanceIdentifier=orders) == ("SnapshotQuotaExceeded", "full")
    rds.stop_db_instance(DBInstanceIdentifier="billing")
    fleet.advance(WEEK)
    assert _state(rds, "billing") == "stopping"
    assert ["rds", "StopDBInstance", "SnapshotQuotaExceeded"] in [list(call) for call in fleet.calls()]


def test_throttling_failures_and_lost_answers(fleet: Any, rds: Any, orders: str, refused: Any) -> None:
    fleet.add_fault("throttle", action="StopDBInstance", times=1)
    fleet.add_fault("server_error", action="StopDBInstance", times=1)
    fleet.add_fault("lost_response", action="StopDBInstance", times=1)
    assert refused(rds.stop_db_instance, DBInstanceIdentifier=orders)[0] == "Throttling"
    assert refused(rds.stop_db_instance, DBInstanceIdentifier=orders)[0] == "InternalFailure"
    assert _state(rds) == "available"
    assert refused(rds.stop_db_instance, DBInstanceIdentifier=orders)[0] == "InternalFailure"
    assert _state(rds) == "stopping"


def test_a_class_is_changed_over_time(fleet: Any, rds: Any, orders: str, refused: Any) -> None:
    change = {"DBInstanceIdentifier": orders, "DBInstanceClass": "db.r6g.large"}
    rds.modify_db_instance(**change, ApplyImmediately=True)
    assert _described(rds)["PendingModifiedValues"] == {"DBInstanceClass": "db.r6g.large"}
    assert (_state(rds), _described(rds)["DBInstanceClass"]) == ("modifying", "db.t3.micro")
    assert refused(rds.modify_db_instance, **change)[0] == "InvalidDBInstanceState"
    fleet.advance(900)
    assert (_state(rds), _described(rds)["DBInstanceClass"]) == ("available", "db.r6g.large")
    assert not _described(rds)["PendingModifiedValues"]
    rds.modify_db_instance(DBInstanceIdentifier=orders, AllocatedStorage=40, ApplyImmediately=True)
    fleet.advance(900)
    assert (_state(rds), _described(rds)["AllocatedStorage"]) == ("storage-optimization", 40)
    fleet.add_fault("capacity", instance_type="db.t3.micro")
    change["DBInstanceClass"] = "db.t3.micro"
    assert refused(rds.modify_db_instance, **change, ApplyImmediately=True)[0] == "InsufficientDBInstanceCapacity"


def test_without_apply_immediately_it_waits_for_the_window(fleet: Any, rds: Any, orders: str) -> None:
    rds.modify_db_instance(DBInstanceIdentifier=orders, DBInstanceClass="db.r6g.large")
    assert (_state(rds), _described(rds)["DBInstanceClass"]) == ("available", "db.t3.micro")
    assert _described(rds)["PendingModifiedValues"] == {"DBInstanceClass": "db.r6g.large"}
    fleet.advance(WEEK + 900)
    assert (_state(rds), _described(rds)["DBInstanceClass"]) == ("available", "db.r6g.large")


def test_a_lack_of_capacity(fleet: Any, rds: Any, orders: str, refused: Any) -> None:
    rds.stop_db_instance(DBInstanceIdentifier=orders)
    fleet.settle()
    fleet.add_fault("capacity", resource=orders, instance_type="db.t3.micro")
    assert refused(rds.start_db_instance, DBInstanceIdentifier=orders)[0] == "InsufficientDBInstanceCapacity"
    assert _state(rds) == "stopped"


def test_a_snapshot_takes_time_and_an_available_database(fleet: Any, rds: Any, orders: str, refused: Any) -> None:
    given = {"DBSnapshotIdentifier": "before", "DBInstanceIdentifier": orders}
    rds.create_db_snapshot(**given)
    assert _snapshot_state(rds) == "creating"
    assert refused(rds.create_db_snapshot, **given)[0] == "DBSnapshotAlreadyExists"
    assert refused(rds.delete_db_snapshot, DBSnapshotIdentifier="before")[0] == "InvalidDBSnapshotState"
    fleet.advance(300)
    assert _snapshot_state(rds) == "available"
    rds.delete_db_snapshot(DBSnapshotIdentifier="before")
    assert refused(rds.delete_db_snapshot, DBSnapshotIdentifier="before")[0] == "DBSnapshotNotFound"
    rds.stop_db_instance(DBInstanceIdentifier=orders)
    assert refused(rds.create_db_snapshot, **given)[0] == "InvalidDBInstanceState"


def test_a_snapshot_of_a_cluster_is_of_the_cluster(fleet: Any, rds: Any, shop: str, refused: Any) -> None:
    named = {"DBSnapshotIdentifier": "before", "DBInstanceIdentifier": "shop-1"}
    assert refused(rds.create_db_snapshot, **named)[0] == "InvalidDBClusterStateFault"
    given = {"DBClusterSnapshotIdentifier": "before", "DBClusterIdentifier": shop}
    fleet.add_fault("snapshot_error", resource=shop, times=1)
    rds.create_db_cluster_snapshot(**given)
    refusal = refused(rds.delete_db_cluster_snapshot, DBClusterSnapshotIdentifier="before")
    assert refusal[0] == "InvalidDBClusterSnapshotStateFault"
    fleet.advance(600)
    (failed,) = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    assert failed["Status"] == "failed"
    rds.stop_db_cluster(DBClusterIdentifier=shop)
    given["DBClusterSnapshotIdentifier"] = "later"
    assert refused(rds.create_db_cluster_snapshot, **given)[0] == "InvalidDBClusterStateFault"


def _snapshot_state(rds: Any) -> str:
    return str(rds.describe_db_snapshots(DBSnapshotIdentifier="before")["DBSnapshots"][0]["Status"])

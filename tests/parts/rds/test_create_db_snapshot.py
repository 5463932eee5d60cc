"""rds.create_db_snapshot."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.contract.part import Run
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import RUN, Fault, Killed, TestAws, client, drive, times
from tests.parts.rds.databases import cluster, database, described_as, night, old_snapshot, snapshots


def test_instances_and_clusters_with_the_tag(aws: TestAws) -> None:
    cluster("shop", "shop-1", Backup="nightly")
    database("orders", Backup="nightly", Owner="ops")
    database("other")
    outcome = drive(parts.create_db_snapshot, aws, {"tag": "Backup=nightly"})
    assert outcome.result["changed"] == ["cluster:shop", "orders"]
    assert {s["id"]: s["reason"] for s in outcome.result["skipped"]} == {"shop-1": "is a member of the cluster shop"}
    assert outcome.result["summary"] == "2 databases snapshotted, 1 skipped"
    found = snapshots()
    assert sorted(found) == sorted(outcome.result["snapshot_ids"])
    (of_orders,) = [name for name in found if not name.startswith("cluster-snapshot:")]
    assert of_orders.startswith("n-night-orders-2027-01-15t08-00-")
    assert found[of_orders] == {
        "nightshift:flow": "night",
        "nightshift:run": RUN.id,
        "nightshift:call": "step_1/1",
        "nightshift:database": "orders",
        "Backup": "nightly",
        "Owner": "ops",
    }
    assert {s["database"] for s in outcome.result["snapshots"]} == {"orders", "cluster:shop"}


def test_names_select_of_one_kind_and_a_tag_narrows(aws: TestAws) -> None:
    cluster("orders", Env="test")
    database("orders", Env="test")
    database("billing", Env="prod")
    outcome = drive(parts.create_db_snapshot, aws, {"db_instance_identifier": ["Orders", "billing"], "tag": "Env=test"})
    assert outcome.result["changed"] == ["orders"]
    outcome = drive(parts.create_db_snapshot, aws, {"db_cluster_identifier": "orders"}, run=night(2))
    assert outcome.result["changed"] == ["cluster:orders"]
    with pytest.raises(PartFailed, match=r"'cluster:shopp' does not exist"):
        drive(parts.create_db_snapshot, aws, {"db_cluster_identifier": "shopp"})
    with pytest.raises(InvalidParameter, match="nothing is selected"):
        drive(parts.create_db_snapshot, aws, {})


def test_what_cannot_be_snapshotted_is_told_before_anything_is_sent(aws: TestAws) -> None:
    cluster("shop", "shop-1", state="stopped")
    database("orders", state="stopped")
    database("billing")
    params: dict[str, Any] = {
        "db_instance_identifier": "billing;orders;shop-1",
        "db_cluster_identifier": "shop",
        "on_failure": "continue",
    }
    for dry_run in (True, False):
        result = drive(parts.create_db_snapshot, aws, {**params, "dry_run": dry_run}).result
        assert result["changed"] == ["billing"]
        why = {f["id"]: f["message"] for f in result["failed"]}
        assert why["orders"].startswith("'orders' is stopped, and RDS snapshots what is available")
        assert "use rds.start_db_cluster" in why["cluster:shop"]
        assert 'use rds.create_db_snapshot(db_cluster_identifier="shop")' in why["shop-1"]
    assert len(aws.made("CreateDBSnapshot")) == 1
    assert not aws.made("CreateDBClusterSnapshot")


def test_the_newest_generations_are_kept(aws: TestAws) -> None:
    database("orders")
    mine = [old_snapshot("orders", f"old-{n}", at=n) for n in range(3)]
    old_snapshot("orders", "by-hand", at=0, flow="")
    old_snapshot("orders", "of-another", at=0, flow="other")
    dry = drive(parts.create_db_snapshot, aws, {"db_instance_identifier": "orders", "generation": 2, "dry_run": True})
    assert dry.result["deleted"] == mine[1::-1]
    outcome = drive(parts.create_db_snapshot, aws, {"db_instance_identifier": "orders", "generation": 2})
    assert outcome.result["deleted"] == mine[1::-1]
    assert outcome.result["summary"] == "1 database snapshotted; deleted 2 old snapshots"
    (new,) = outcome.result["snapshot_ids"]
    assert set(snapshots()) == {new, mine[2], "by-hand", "of-another"}
    assert [g["snapshot_id"] for g in outcome.result["generations"]] == [new, mine[2]]


def test_days_and_months_are_kept(aws: TestAws) -> None:
    database("orders")
    made = {day: old_snapshot("orders", f"day-{day}", at=day) for day in (0, 30, 40, 58, 59)}
    params: dict[str, Any] = {"db_instance_identifier": "orders", "daily": 2, "monthly": 3}
    result = drive(parts.create_db_snapshot, aws, params).result
    # The new one is a day and a month; so is that of 1 March, and that of 28 February is another month.
    assert result["deleted"] == [made[40], made[30], made[0]]
    assert set(snapshots()) == {*result["snapshot_ids"], made[58], made[59]}
    with pytest.raises(InvalidParameter, match="daily=0 would keep none"):
        drive(parts.create_db_snapshot, aws, {**params, "daily": 0})


def test_nothing_old_goes_when_the_new_one_fails(aws: TestAws) -> None:
    database("orders")
    old_snapshot("orders", "old-0", at=0)
    described_as(aws, "orders", "available")

    def failing(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        for snapshot in answer.get("DBSnapshots", []):
            if snapshot["DBSnapshotIdentifier"] != "old-0":
                snapshot["Status"] = "failed"

    aws.hooks.append(failing)
    with pytest.raises(PartFailed, match="SnapshotError"):
        drive(parts.create_db_snapshot, aws, {"db_instance_identifier": "orders", "generation": 1})
    assert "old-0" in snapshots()


def test_it_waits_while_the_database_is_busy(aws: TestAws) -> None:
    database("orders")
    busy = (400, "InvalidDBInstanceState", "the database instance orders is not currently in the available state.")
    aws.faults["CreateDBSnapshot"] = times(2, busy)
    outcome = drive(parts.create_db_snapshot, aws, {"db_instance_identifier": "orders"})
    assert outcome.result["changed"] == ["orders"]
    assert [w for w in outcome.waits if w == 60] == [60, 60]


def test_a_lost_answer_makes_no_second_one(aws: TestAws) -> None:
    database("orders")
    left = [1]

    def lose(params: dict[str, Any], answer: dict[str, Any]) -> None:
        if left:
            left.pop()
            raise Killed

    aws.faults["CreateDBSnapshot"] = Fault(after=lose)
    outcome = drive(parts.create_db_snapshot, aws, {"db_instance_identifier": "orders"})
    assert outcome.deaths == 1
    assert list(snapshots()) == outcome.result["snapshot_ids"]


def test_what_exists_and_is_not_described_yet_is_taken_over(aws: TestAws) -> None:
    database("orders")
    made = drive(parts.create_db_snapshot, aws, {"db_instance_identifier": "orders"}).result["snapshot_ids"]
    hidden = [2]

    def hide(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if "DBSnapshots" in answer and hidden[0]:
            hidden[0] -= 1
            answer["DBSnapshots"] = []

    aws.hooks.append(hide)
    again = drive(parts.create_db_snapshot, aws, {"db_instance_identifier": "orders"})
    assert again.result["snapshot_ids"] == made
    assert len(aws.made("CreateDBSnapshot")) == 2


def test_a_quota_fails_with_a_hint(aws: TestAws) -> None:
    database("orders")
    aws.faults["CreateDBSnapshot"] = times(1, (400, "SnapshotQuotaExceeded", "Cannot create more than 100 snapshots"))
    with pytest.raises(PartFailed, match="SnapshotQuotaExceeded"):
        drive(parts.create_db_snapshot, aws, {"db_instance_identifier": "orders"})
    assert "rds.delete_db_snapshot" in parts.create_db_snapshot.hints["SnapshotQuotaExceeded"]


@pytest.mark.parametrize("flow", ["a" * 300, "Nächtlich__sichern"])
def test_a_name_is_one_that_rds_takes(aws: TestAws, flow: str) -> None:
    database("orders")
    run = Run(id=RUN.id, flow=flow, step="s", call=1, started=RUN.started)
    (name,) = drive(parts.create_db_snapshot, aws, {"db_instance_identifier": "orders"}, run=run).result["snapshot_ids"]
    assert len(name) <= 255
    assert "--" not in name
    assert name.replace("-", "").isascii()
    assert client("rds").describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    cluster("shop", "shop-1", Backup="nightly")
    database("orders", Backup="nightly")
    old_snapshot("orders", "old-0", at=0, flow="swept")
    old_snapshot("orders", "old-1", at=1, flow="swept")
    old_snapshot("cluster:shop", "old-2", at=0, flow="swept")
    return {"tag": "Backup=nightly", "generation": 1}


SCENARIOS = [Scenario("by tag", "rds.create_db_snapshot", _by_tag)]

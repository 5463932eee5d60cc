"""rds.stop_db_cluster."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, drive, times
from tests.parts.rds.databases import cluster, cluster_states, described_as, told_of


def test_it_stops_what_carries_the_tag(aws: TestAws) -> None:
    cluster("shop", AutoOff="yes")
    cluster("ledger", AutoOff="yes", state="stopped")
    cluster("other")
    outcome = drive(parts.stop_db_cluster, aws, {"tag": "AutoOff=yes"})
    assert outcome.result["changed"] == ["shop"]
    assert {s["id"]: s["reason"] for s in outcome.result["skipped"]} == {"ledger": "already stopped"}
    assert outcome.result["summary"] == "1 DB cluster stopped, 1 skipped"
    assert cluster_states() == {"shop": "stopped", "ledger": "stopped", "other": "available"}


def test_it_waits_over_what_aws_does_and_a_refusal(aws: TestAws) -> None:
    cluster("shop")
    aws.faults["StopDBCluster"] = times(1, (400, "InvalidDBClusterStateFault", "DbCluster shop is in modifying state"))
    described_as(aws, "shop", "backing-up", "available", "modifying", "available", "stopping", "stopped")
    assert drive(parts.stop_db_cluster, aws, {"db_cluster_identifier": "Shop"}).result["changed"] == ["shop"]
    assert aws.count()["StopDBCluster"] == 2


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"EngineMode": "serverless"}, "is Aurora Serverless v1"),
        ({"GlobalClusterIdentifier": "world"}, "is of the global database world"),
        ({"ReplicationSourceIdentifier": "elsewhere"}, "is a replica of elsewhere"),
        ({"ReadReplicaIdentifiers": ["copy"]}, "has the replica copy"),
    ],
)
def test_what_rds_never_stops_is_told_before_anything_is_sent(aws: TestAws, what: dict[str, Any], reason: str) -> None:
    cluster("shop")
    told_of(aws, "shop", **what)
    with pytest.raises(PartFailed, match=f"'shop' cannot be stopped: it {reason}"):
        drive(parts.stop_db_cluster, aws, {"db_cluster_identifier": "shop"})
    assert aws.count()["StopDBCluster"] == 0


def test_one_that_does_not_exist_is_named(aws: TestAws) -> None:
    with pytest.raises(PartFailed, match="'shopp' does not exist"):
        drive(parts.stop_db_cluster, aws, {"db_cluster_identifier": "shopp"})


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    cluster("shop", AutoOff="yes")
    cluster("ledger", AutoOff="yes", state="stopped")
    return {"tag": "AutoOff=yes"}


SCENARIOS = [Scenario("by tag", "rds.stop_db_cluster", _by_tag)]

"""rds.start_db_cluster."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, drive
from tests.parts.rds.databases import cluster, cluster_states, described_as


def test_it_starts_what_carries_the_tag(aws: TestAws) -> None:
    cluster("shop", AutoOn="yes", state="stopped")
    cluster("ledger", AutoOn="yes")
    cluster("other", state="stopped")
    outcome = drive(parts.start_db_cluster, aws, {"tag": "AutoOn=yes"})
    assert outcome.result["changed"] == ["shop"]
    assert {s["id"]: s["reason"] for s in outcome.result["skipped"]} == {"ledger": "already available"}
    assert cluster_states() == {"shop": "available", "ledger": "available", "other": "stopped"}


def test_it_waits_for_every_member(aws: TestAws) -> None:
    cluster("shop", "shop-1", "shop-2", state="stopped")
    described_as(aws, "shop", "stopped", "starting", "available")
    described_as(aws, "shop-2", "stopped", "starting", "starting", "available")
    outcome = drive(parts.start_db_cluster, aws, {"db_cluster_identifier": "shop"})
    assert outcome.result["changed"] == ["shop"]
    assert aws.count()["DescribeDBInstances"] == 4


def test_a_broken_member_fails_its_cluster(aws: TestAws) -> None:
    cluster("shop", "shop-1", state="stopped")
    described_as(aws, "shop-1", "starting", "incompatible-network")
    with pytest.raises(PartFailed, match="of the members of 'shop', shop-1 is incompatible-network"):
        drive(parts.start_db_cluster, aws, {"db_cluster_identifier": "shop"})


def test_one_that_falls_back_fails(aws: TestAws) -> None:
    cluster("shop", state="stopped")
    described_as(aws, "shop", "stopped", "starting", "stopping")
    with pytest.raises(PartFailed, match="'shop' is stopping again"):
        drive(parts.start_db_cluster, aws, {"db_cluster_identifier": "shop"})


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    cluster("shop", "shop-1", AutoOn="yes", state="stopped")
    cluster("ledger", AutoOn="yes")
    return {"tag": "AutoOn=yes"}


SCENARIOS = [Scenario("by tag", "rds.start_db_cluster", _by_tag)]

"""rds.modify_db_snapshot_attribute."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.sharing import restorers
from tests.parts.driver import TestAws, client, drive, times
from tests.parts.rds.databases import cluster, database, old_snapshot

VAULT, OLD = "210987654321", "321098765432"


def test_snapshots_of_both_kinds_are_shared_and_no_more(aws: TestAws) -> None:
    cluster("shop")
    database("orders")
    named = [old_snapshot("orders", "first"), old_snapshot("cluster:shop", "second")]
    params: dict[str, Any] = {"db_snapshot_identifier": named, "values_to_add": OLD}
    outcome = drive(parts.modify_db_snapshot_attribute, aws, params)
    assert outcome.result["changed"] == sorted(named)
    assert [arn.rpartition(":")[2] for arn in outcome.result["snapshot_arns"]] == ["first", "second"]
    params |= {"values_to_add": [VAULT], "values_to_remove": OLD}
    drive(parts.modify_db_snapshot_attribute, aws, params)
    assert [restorers(client("rds"), name) for name in named] == [[VAULT], [VAULT]]
    again = drive(parts.modify_db_snapshot_attribute, aws, params)
    assert {s["reason"] for s in again.result["skipped"]} == {"already shared as asked"}
    assert len(again.result["snapshot_arns"]) == 2


def test_it_never_makes_one_public(aws: TestAws) -> None:
    for given in ({"values_to_add": "all"}, {}, {"values_to_add": VAULT, "values_to_remove": VAULT}):
        with pytest.raises(InvalidParameter):
            drive(parts.modify_db_snapshot_attribute, aws, {"db_snapshot_identifier": "first", **given})


def test_what_rds_refuses_fails_alone(aws: TestAws) -> None:
    database("orders")
    for name in ("first", "second"):
        old_snapshot("orders", name)
    refused = (400, "InvalidDBSnapshotState", "Encrypted with the default key of RDS.")
    aws.faults["ModifyDBSnapshotAttribute"] = times(1, refused)
    params = {"db_snapshot_identifier": "first;second", "values_to_add": VAULT}
    with pytest.raises(PartFailed, match="first  InvalidDBSnapshotState"):
        drive(parts.modify_db_snapshot_attribute, aws, params)
    assert restorers(client("rds"), "second") == [VAULT]


def _by_name(aws: FaultyAws) -> dict[str, Any]:
    cluster("shop")
    database("orders")
    named = [old_snapshot("orders", "first"), old_snapshot("cluster:shop", "second")]
    return {"db_snapshot_identifier": named, "values_to_add": VAULT}


SCENARIOS = [Scenario("by name", "rds.modify_db_snapshot_attribute", _by_name)]

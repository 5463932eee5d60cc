"""rds.reboot_db_instance."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import rds as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, drive, times
from tests.parts.rds.databases import cluster, database, described_as


def test_it_reboots_what_is_available_and_waits(aws: TestAws) -> None:
    cluster("shop", "shop-1", Reboot="weekly")
    database("orders", Reboot="weekly", state="stopped")
    described_as(aws, "shop-1", "available", "available", "rebooting", "rebooting", "available")
    outcome = drive(parts.reboot_db_instance, aws, {"tag": "Reboot=weekly"})
    assert outcome.result["changed"] == ["shop-1"]
    assert [(s["id"], s["reason"]) for s in outcome.result["skipped"]] == [("orders", "is stopped")]
    assert sum(outcome.waits) >= 30
    assert aws.count()["RebootDBInstance"] == 1


def test_a_lost_answer_is_no_second_reboot(aws: TestAws) -> None:
    database("orders")
    aws.faults["RebootDBInstance"] = times(1, (500, "InternalFailure", "An internal error has occurred"))
    described_as(aws, "orders", "available", "available", "rebooting", "rebooting", "available")
    assert drive(parts.reboot_db_instance, aws, {"db_instance_identifier": "orders"}).result["changed"] == ["orders"]
    assert aws.count()["RebootDBInstance"] == 1


def test_a_failover_needs_a_standby(aws: TestAws) -> None:
    database("orders")
    database("crm", MultiAZ=True)
    params: dict[str, Any] = {"db_instance_identifier": "crm;orders", "force_failover": True}
    with pytest.raises(PartFailed, match="'orders' has no standby to fail over to"):
        drive(parts.reboot_db_instance, aws, params)
    (made,) = aws.made("RebootDBInstance")
    assert made == {"DBInstanceIdentifier": "crm", "ForceFailover": True}


def _by_tag(aws: FaultyAws) -> dict[str, Any]:
    database("orders", Reboot="weekly")
    database("billing", Reboot="weekly", state="stopped")
    return {"tag": "Reboot=weekly"}


SCENARIOS = [Scenario("by tag", "rds.reboot_db_instance", _by_tag)]

"""The table: what it costs, what it keeps, and who may touch which items."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lambdas.tracker import touched
from stacks.dashboard.api import dashboard_function
from stacks.settings import Settings
from stacks.shared.table import INDEXES, table, table_statement
from stacks.shared.tracker import tracker
from stacks.template.functions import Code

_CODE = Code("bucket", "key")
_WRITES = {f"dynamodb:{action}" for action in ("BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem")}


def test_the_table_is_kept_paid_by_request_and_can_be_restored() -> None:
    resource = table(Settings())["Table"]
    properties = resource["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_every_key_of_the_table_and_its_indexes_is_declared() -> None:
    properties = table(Settings())["Table"]["Properties"]
    schemas = [properties["KeySchema"], *(index["KeySchema"] for index in properties["GlobalSecondaryIndexes"])]
    assert len(schemas) == 1 + len(INDEXES)
    used = {key["AttributeName"] for schema in schemas for key in schema}
    assert {definition["AttributeName"] for definition in properties["AttributeDefinitions"]} == used


def test_a_role_sees_only_the_items_of_its_keys() -> None:
    made = table_statement("dynamodb:GetItem", ["TURN#*", "HOLD#*"])
    assert made["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["HOLD#*", "TURN#*"]}}
    assert made["Resource"] == {"Fn::GetAtt": ["Table", "Arn"]}


def test_whoever_the_design_says_writes_an_item_may() -> None:
    made = {
        "tracker": tracker(Settings(), _CODE)["TrackerRole"],
        "dashboard": dashboard_function(Settings(), [], _CODE, _CODE)["DashboardRole"],
    }
    text = (Path(__file__).resolve().parents[2] / "docs" / "design.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| `[A-Z_]+[`#].* \|", line)]
    written = {
        (who, re.sub(r"<.*", "*", partition))
        for row in rows
        if len(row) == 4
        for who in made
        if re.search(rf"\b{who}\b", row[3].partition(";")[0])
        for partition in re.findall(r"`([^`]+)`", row[0])
    }
    assert ("tracker", "RUN#*") in written
    denied = [(who, key) for who, key in sorted(written) if key not in _keys_of(made[who], _WRITES)]
    assert denied == []


def test_the_dashboard_reads_which_instances_were_stopped_and_started() -> None:
    role = dashboard_function(Settings(), [], _CODE, _CODE)["DashboardRole"]
    assert {f"{touched.RESOURCE}*", touched.KNOWN, touched.POWER} <= _keys_of(role, {"dynamodb:Query"})


def _keys_of(role: dict[str, Any], actions: set[str]) -> set[str]:
    """The partitions of the table on which a role has one of these actions."""
    return {
        key
        for made in role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        if actions & ({made["Action"]} if isinstance(made["Action"], str) else set(made["Action"]))
        if "index" not in str(made["Resource"])
        for key in made.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
    }

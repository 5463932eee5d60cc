"""The table: what it costs, what it keeps, and who may touch which items."""

from __future__ import annotations

from stacks.settings import Settings
from stacks.shared.table import INDEXES, table, table_statement


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

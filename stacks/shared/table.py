"""The DynamoDB table of the app, and who may touch which of its items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stacks.settings import Settings
from stacks.template.cloudformation import KEEP, Json, Resources, attribute, statement, tags

INDEXES = ("gsi1", "gsi2", "gsi3", "gsi4")
"""Each index `x` has the keys `xpk` and `xsk`; only items that have them are in it."""


def table(settings: Settings) -> Resources:
    """The table. It stays when the stack is deleted: it is the record of what was done, and by whom."""
    keys = ["pk", "sk", *(f"{index}{key}" for index in INDEXES for key in ("pk", "sk"))]
    company = settings.company.key_arn
    own_key = {"SSEType": "KMS", "KMSMasterKeyId": company} if company else {}
    return {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": settings.table,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
                "KeySchema": _keys("pk", "sk"),
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": index,
                        "KeySchema": _keys(f"{index}pk", f"{index}sk"),
                        "Projection": {"ProjectionType": "ALL"},
                    }
                    for index in INDEXES
                ],
                "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"SSEEnabled": True, **own_key},
                "DeletionProtectionEnabled": settings.deletion_protection,
                "Tags": tags(settings.app),
            },
            "DeletionPolicy": KEEP,
            "UpdateReplacePolicy": "Retain",
        }
    }


def table_statement(
    actions: str | Sequence[str], leading_keys: Iterable[str], *, indexes: Sequence[str] = ()
) -> dict[str, Json]:
    """Lets a role use the items whose `pk` is like one of `leading_keys` ("HOLD#*"), by `actions` ("dynamodb:GetItem").

    indexes: in these indexes and not in the table itself; the keys are then those of the index.
    Source: "Using IAM policy conditions for fine-grained access control" (DynamoDB Developer Guide).
    """
    return statement(
        actions,
        [{"Fn::Sub": f"${{Table.Arn}}/index/{index}"} for index in indexes] or attribute("Table"),
        condition={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": sorted(leading_keys)}},
    )


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]

"""The app's table on moto, with the keys and indexes that stacks/shared/table.py gives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stacks.settings import Settings
from stacks.shared.table import table as table_resources

REGION = "ap-northeast-1"


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """boto3's `Table` of the app, on a DynamoDB of its own."""
    for name, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "NIGHTSHIFT_TABLE": "nightshift",
    }.items():
        monkeypatch.setenv(name, value)
    properties = table_resources(Settings())["Table"]["Properties"]
    taken = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    with mock_aws():
        yield boto3.resource("dynamodb").create_table(**{name: properties[name] for name in taken})

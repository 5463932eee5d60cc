"""What the fault sweep has aws.call, aws.wait and aws.poll do."""

from __future__ import annotations

from typing import Any

from moto.ec2.responses.elastic_block_store import ElasticBlockStore

from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.rds.databases import database

ORDERS = {"service": "rds", "DBInstanceIdentifier": "orders"}


def _read(aws: FaultyAws) -> dict[str, Any]:
    database("orders")
    return {**ORDERS, "operation": "describe_db_instances"}


def _write(aws: FaultyAws) -> dict[str, Any]:
    database("orders")
    return {**ORDERS, "operation": "stop_db_instance"}


def _write_with_token(aws: FaultyAws) -> dict[str, Any]:
    """The same token gives the same volume, as EC2 has it and moto does not."""
    made: dict[str, Any] = {}
    create = ElasticBlockStore.create_volume

    def create_once(response: Any) -> Any:
        token = response._get_param("ClientToken")
        if token not in made:
            made[token] = create(response)
        return made[token]

    aws.patch.setattr(ElasticBlockStore, "create_volume", create_once)
    tagged = [{"ResourceType": "volume", "Tags": [{"Key": "nightshift:source", "Value": "orders"}]}]
    given = {"AvailabilityZone": "us-east-1a", "Size": 1, "TagSpecifications": tagged}
    return {"service": "ec2", "operation": "create_volume", **given}


def _wait(aws: FaultyAws) -> dict[str, Any]:
    database("orders")
    return {**ORDERS, "waiter": "db_instance_available"}


def _poll(aws: FaultyAws) -> dict[str, Any]:
    return {**_read(aws), "until": "DBInstances[0].DBInstanceStatus == 'available'"}


SCENARIOS = [
    Scenario("a read", "aws.call", _read),
    Scenario("a write", "aws.call", _write, once=True),
    Scenario("a write with a token", "aws.call", _write_with_token),
    Scenario("reached", "aws.wait", _wait),
    Scenario("true", "aws.poll", _poll),
]

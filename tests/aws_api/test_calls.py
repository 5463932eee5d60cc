"""Calls of many services: each compiles, gets exactly its permission, and is answered by moto."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from lambdas.contract.part import Run
from lambdas.parts import aws as parts
from lambdas.runtime.clients import AwsClients
from nightshift.compiler import compile_file
from nightshift.model import CompiledFlow
from nightshift.views.iam import statements_of_parts
from tests.aws_api.calls import CALLS, MACHINE, ROLE, Called

ALWAYS = {"s3:GetObject", "s3:PutObject"}
"""What every function may do with the results bucket."""


@pytest.fixture(scope="module")
def world() -> Iterator[None]:
    """What the calls are about."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        _rds()
        _client("s3").create_bucket(Bucket="orders")
        _client("dynamodb").create_table(
            TableName="orders",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        _client("sqs").create_queue(QueueName="orders")
        _client("sns").create_topic(Name="orders")
        _client("ecs").create_cluster(clusterName="orders")
        _client("iam").create_role(RoleName="nightshift-orders", AssumeRolePolicyDocument="{}")
        _client("secretsmanager").create_secret(Name="orders", SecretString="hidden")
        _client("ssm").put_parameter(Name="/orders/size", Value="3", Type="String")
        _client("logs").create_log_group(logGroupName="orders")
        _client("ecr").create_repository(repositoryName="orders")
        machine = _client("stepfunctions").create_state_machine(name="orders", definition="{}", roleArn=ROLE)
        assert machine["stateMachineArn"] == MACHINE
        yield


def _client(service: str) -> Any:
    make: Any = boto3.client
    return make(service, region_name="us-east-1")


def _rds() -> None:
    _client("rds").create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="admin",
        MasterUserPassword="hidden-hidden",
    )


def _compiled(call: Called, folder: Path) -> CompiledFlow:
    given = "".join(f", {name}={value!r}" for name, value in call.params.items())
    file = folder / "calling.py"
    file.write_text(
        "from lambdas.parts import aws\nfrom nightshift import flow\n\n\n"
        f'@flow\ndef calling():\n    aws.call("{call.service}", "{call.operation}"{given})\n'
    )
    (flow,) = compile_file(file)
    return flow


def _granted(flow: CompiledFlow) -> dict[str, list[str]]:
    (statements,) = statements_of_parts([flow]).values()
    own = [s for s in statements if s["Resource"] != "${ResultsBucket.Arn}/*"]
    return {action: s["Resource"] for s in own for action in s["Action"]}


def test_there_are_fifty_operations_of_twenty_five_services() -> None:
    assert len({(call.service, call.operation) for call in CALLS}) >= 50
    assert len({call.service for call in CALLS}) >= 25


def test_the_table_of_permissions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = []
    for call in CALLS:
        (action, resources), *others = _granted(_compiled(call, tmp_path)).items()
        assert others == []
        rows.append(f"{call.service:26} {call.operation:30} {action:42} {' '.join(resources)}")
    with capsys.disabled():
        print("\n" + "\n".join(rows))


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.service}.{call.operation}")
@pytest.mark.usefixtures("world")
def test_a_call_compiles_has_its_permission_and_runs(call: Called, tmp_path: Path) -> None:
    flow = _compiled(call, tmp_path)
    assert _granted(flow) == call.needs
    ((part, params),) = flow.part_calls()
    run = Run("arn:aws:states:us-east-1:123456789012:execution:calling:1", "calling", "step")
    assert part == parts.call.name
    reply = parts.call.invoke(AwsClients(region="us-east-1"), run, params, None)
    assert reply["done"], reply
    assert reply["result"]["failed"] == []

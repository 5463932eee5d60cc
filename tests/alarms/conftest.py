"""Fixtures for the alarms: moto's AWS in this process, with the state machines that alarms start."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

# A thousand snapshots of Amazon's images would be filtered in each description.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

from moto import mock_aws

from lambdas.alarms import receiver
from lambdas.store.table import table
from tests.alarms.messages import ACCOUNT, FOREIGN, REGION, route


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Lambda gives to the functions."""
    for name, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "NIGHTSHIFT_TABLE": "nightshift",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture
def step_functions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """moto's Step Functions with the state machines, and the routes of the flows."""
    routes = {
        "members:shop-*": [
            route("recover_instance", instance_id="InstanceId", account="AWSAccountId", region="Region")
        ],
        "nightshift-alarm-recover_instance": [route("recover_instance", instance_id="InstanceId")],
        FOREIGN: [route("recover_instance", instance_id="InstanceId"), route("report")],
        "nightshift-alarm-missing": [route("missing")],
        "nightshift-alarm-calm": [
            route("recover_instance", window=900, instance_id="InstanceId", state="NewStateValue")
        ],
        "nightshift-alarm-calm_report": [route("report", "ALARM", "OK", window=900)],
        "nightshift-alarm-both": [route("report", "ALARM", "OK", state="NewStateValue"), route("recover_instance")],
    }
    (tmp_path / "alarm_routes.json").write_text(json.dumps(routes))
    monkeypatch.setattr(receiver, "__file__", str(tmp_path / "lambdas" / "alarms" / "receiver.py"))
    with mock_aws():
        receiver._step_functions.cache_clear()
        table.cache_clear()
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        boto3.client("dynamodb", REGION).create_table(
            TableName="nightshift",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        )
        client = boto3.client("stepfunctions", REGION)
        definition = json.dumps({"StartAt": "wait", "States": {"wait": {"Type": "Pass", "End": True}}})
        role = f"arn:aws:iam::{ACCOUNT}:role/flow"
        for flow in ("recover_instance", "report"):
            client.create_state_machine(name=f"nightshift-{flow}", definition=definition, roleArn=role)
        yield client
    receiver._step_functions.cache_clear()
    table.cache_clear()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the receiver logs."""
    written = io.StringIO()
    monkeypatch.setattr(receiver.logger.registered_handler, "stream", written)
    return written

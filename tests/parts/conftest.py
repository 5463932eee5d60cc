"""Fixtures for the parts: moto's AWS in this process, and a small fleet on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

# A thousand snapshots of Amazon's images would be filtered in each description.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

from moto import mock_aws
from moto.core.serialize import AttributePicker
from moto.server import ThreadedMotoServer

from lambdas.runtime import clients as lambdas_aws
from nightshift.local.fleet.clock import VirtualClock
from nightshift.local.fleet.fast_answers import pick
from nightshift.local.fleet.hooks import honest
from nightshift.local.fleet.world import World
from tests.parts.driver import TestAws, shared_session


@pytest.fixture(scope="session", autouse=True)
def answers_are_written_fast() -> Iterator[None]:
    """Have moto find the members of an answer as the local AWS does; tests/local/test_fast_answers.py compares them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(AttributePicker, "__call__", pick)
        yield


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    # The retries of reads would really pause.
    monkeypatch.setattr(lambdas_aws, "_FIRST_PAUSE", 0)


@pytest.fixture
def aws() -> Iterator[TestAws]:
    with mock_aws():
        yield TestAws()


@pytest.fixture
def world(aws: TestAws) -> Iterator[World]:
    """moto behind the rules of the local AWS, on the clock of the test."""
    with honest(World(VirtualClock(lambda: aws.clock))) as world:
        yield world


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Host and port where programs outside of this process reach the S3 of `aws`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


@pytest.fixture
def ec2(aws: TestAws) -> Any:
    """A client of its own, whose calls are not counted."""
    return shared_session().create_client("ec2", region_name="us-east-1")


@pytest.fixture
def launch(ec2: Any) -> Any:
    """launch(2, Backup="nightly") -> ids of new, running instances."""

    def launch(count: int = 1, **tags: str) -> list[str]:
        answer = ec2.run_instances(
            ImageId="ami-12345678",
            MinCount=count,
            MaxCount=count,
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]
            if tags
            else [],
        )
        return [i["InstanceId"] for i in answer["Instances"]]

    return launch


@pytest.fixture
def states(ec2: Any) -> Any:
    """states() -> {instance id: state}."""

    def states() -> dict[str, str]:
        return {
            i["InstanceId"]: i["State"]["Name"]
            for page in ec2.get_paginator("describe_instances").paginate()
            for r in page["Reservations"]
            for i in r["Instances"]
        }

    return states

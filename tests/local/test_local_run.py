"""`nightshift.local_run` reaches a fleet or a local AWS, and AWS itself only by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import botocore.session
import pytest

import nightshift
from lambdas.parts import ec2
from nightshift.local.account import REGION
from nightshift.local.aws import LocalAws
from nightshift.local.errors import NotRunning
from nightshift.local.fleet.client import FleetControl, run_fleet
from nightshift.local.processes import Server
from nightshift.local.sessions import WouldReachAws


@pytest.fixture(scope="module")
def fleet() -> Iterator[FleetControl]:
    with run_fleet() as started:
        yield started


@pytest.fixture(autouse=True)
def real_looking_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a developer has in the environment; nothing may use it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not a secret")
    monkeypatch.chdir(tmp_path)


def local_aws(fleet: FleetControl, folder: Path) -> LocalAws:
    """A local AWS both of whose servers are the fleet's."""
    server = Server("fleet", 0, 0.0, int(fleet.url.rpartition(":")[2]), "", "")
    return LocalAws(folder, server, server, speed=1000.0)


def made(fleet: FleetControl) -> str:
    run = fleet.client().run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
    fleet.settle()
    return str(run["Instances"][0]["InstanceId"])


def test_a_part_runs_on_the_fleet_and_its_clock(fleet: FleetControl) -> None:
    instance = made(fleet)
    before = fleet.now()
    with nightshift.local_run(fleet, log=lambda line: None):
        stopped = ec2.stop_instances(instance_id=instance)
    assert stopped.changed == [instance]
    assert fleet.now() > before


@pytest.mark.parametrize("way", ["local", "session", "botocore"])
def test_a_local_aws_and_its_sessions_lead_there(fleet: FleetControl, tmp_path: Path, way: str) -> None:
    local = local_aws(fleet, tmp_path)
    given = {"local": local, "session": local.session(), "botocore": local.botocore_session()}[way]
    instance = made(fleet)
    with nightshift.local_run(given, log=lambda line: None):
        found = ec2.describe_instances(instance_id=instance)
    assert found.matched == [instance]


def test_another_role_is_had_there_too(fleet: FleetControl) -> None:
    fleet.forget_calls()
    with nightshift.local_run(fleet, log=lambda line: None):
        ec2.describe_instances(tag="Name=nobody", role_arn="arn:aws:iam::123456789012:role/other")
    assert [call[:2] for call in fleet.calls()] == [("ec2", "DescribeInstances")], "the role's client went elsewhere"


@pytest.mark.parametrize("session", [boto3.Session(region_name=REGION), botocore.session.get_session()])
def test_a_session_that_leads_to_aws_is_refused(session: object) -> None:
    with pytest.raises(WouldReachAws, match='target="aws"'), nightshift.local_run(session):
        pass


def test_without_anything_it_is_the_local_aws_of_the_folder() -> None:
    with pytest.raises(NotRunning, match="nightshift up"), nightshift.local_run():
        pass


def test_aws_is_reached_by_name() -> None:
    with nightshift.local_run(boto3.Session(region_name=REGION), target="aws") as run:
        endpoint = run.aws.client("ec2").meta.endpoint_url
    assert endpoint == f"https://ec2.{REGION}.amazonaws.com"

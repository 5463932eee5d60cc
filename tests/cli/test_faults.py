"""What `nightshift local fault` refuses, and which resources it takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightshift.local import LocalAws
from nightshift.local.fleet.client import FleetControl, run_fleet
from nightshift.local.processes import Server
from tests.cli.conftest import Cli


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FleetControl]:
    """The fleet of a local AWS that has nothing else, with an instance of EC2 and one of RDS."""
    with run_fleet() as started:
        server = Server("fleet", 0, 0.0, int(started.url.rpartition(":")[2]), "", "")
        monkeypatch.setattr("nightshift.cli.faults.running", lambda: LocalAws(tmp_path, server, server, speed=1000.0))
        started.client().run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)
        database = {"DBInstanceClass": "db.t3.micro", "Engine": "postgres", "AllocatedStorage": 20}
        secret = {"MasterUsername": "ops", "MasterUserPassword": "test-only-1"}
        started.client("rds").create_db_instance(DBInstanceIdentifier="orders", **database, **secret)
        started.settle()
        yield started


def test_a_resource_is_one_of_the_fleet(cli: Cli, fleet: FleetControl) -> None:
    """Else the fault would never hit, and nobody would know why the night was good."""
    done = cli("local", "fault", "stuck", "--resource", "i-00000000000000000")
    assert (done.code, "there is no i-00000000000000000 in the fleet; " in done.err) == (1, True)
    done = cli("local", "fault", "stuck", "--resource", "order")
    assert (done.code, "did you mean orders?" in done.err) == (1, True)
    assert fleet.faults() == []
    (reservation,) = fleet.client().describe_instances()["Reservations"]
    for known in (reservation["Instances"][0]["InstanceId"], "orders"):
        assert cli("local", "fault", "stuck", "--resource", known).code == 0
    assert [fault["resource"] for fault in fleet.faults()] == [reservation["Instances"][0]["InstanceId"], "orders"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("capacity", "--factor", 3), "the fault capacity has no --factor; it is for slow"),
        (("slow", "--factor", 3, "--code", "X"), "the fault slow has no --code; it is for error, command_fails"),
        (("error", "--code", "X", "--instance-type", "t3.micro"), "no --instance-type; it is for capacity"),
    ],
)
def test_options_of_other_kinds(cli: Cli, options: tuple[object, ...], said: str) -> None:
    done = cli("local", "fault", *options)
    assert done.code == 1
    assert said in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("hang", "--times", 0), "--times 0 never hits; write 1 or more"),
        (("hang", "--skip", -1), "--skip -1 is less than none"),
        (("slow", "--factor", -2), "--factor -2 is no factor"),
        (("capacity", "--instance-type", "t3.lage"), "'t3.lage' is no instance type of EC2; did you mean 't3.large'?"),
        (("server_error", "--action", "StopInstanses"), "no API action StopInstanses; did you mean StopInstances?"),
        (("stuck", "--tag", "Role=wbe"), "nothing in the fleet has the tag Role=wbe"),
        (("stuck", "--tag", "Role"), "'Role' is no tag; write --tag KEY=VALUE"),
        (("impaired", "--resource", "orders"), "impaired is one of instances, and orders is none"),
    ],
)
def test_a_fault_that_would_never_hit(cli: Cli, fleet: FleetControl, options: tuple[object, ...], said: str) -> None:
    done = cli("local", "fault", *options)
    assert (done.code, said in done.err) == (1, True), done.err
    assert fleet.faults() == []


def test_an_instance_is_found_by_its_name_and_tag(cli: Cli, fleet: FleetControl) -> None:
    (reservation,) = fleet.client().describe_instances()["Reservations"]
    id_ = reservation["Instances"][0]["InstanceId"]
    fleet.client().create_tags(Resources=[id_], Tags=[{"Key": "Name", "Value": "web-1"}])
    assert cli("local", "fault", "impaired", "--resource", "web-1").code == 0
    assert cli("local", "fault", "stuck", "--tag", "Name=web-1").code == 0
    assert [(fault["resource"], fault["tag"]) for fault in fleet.faults()] == [(id_, ""), ("*", "Name=web-1")]

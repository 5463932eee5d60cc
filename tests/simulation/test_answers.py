"""A simulation reads in moto's objects what a client reads in moto's XML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.core.serialize import EC2Serializer

from nightshift.local.account import REGION
from nightshift.local.seed import FLEET, launch_fleet, lone_volume
from nightshift.simulation.clients import SimulatedAws
from nightshift.simulation.environment import environment
from nightshift.simulation.fleet import simulated_fleet

BY_MOTO = EC2Serializer._serialize_result
"""A fleet writes long lists by what is tested here."""
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("describe_instances", {}),
    ("describe_instances", {"Filters": [{"Name": "tag:Backup", "Values": ["night*"]}], "MaxResults": 1000}),
    ("describe_instance_status", {"IncludeAllInstances": True}),
    ("describe_volumes", {}),
    ("describe_snapshots", {"OwnerIds": ["self"]}),
    ("describe_images", {"Owners": ["self"]}),
    ("describe_tags", {}),
    ("describe_vpcs", {}),
    ("describe_subnets", {}),
    ("describe_security_groups", {}),
    ("describe_addresses", {}),
    ("describe_network_interfaces", {}),
]


@pytest.fixture(scope="module")
def clients() -> Iterator[tuple[Any, Any]]:
    """EC2 as a simulation answers it, and as moto does behind its stub, of one fleet."""
    with environment({"NIGHTSHIFT_RESULTS_BUCKET": None}), simulated_fleet(lambda: 1_775_000_000.0) as world:
        aws, by_xml = SimulatedAws(world, fakes={}), SimulatedAws(world, fakes={})
        by_xml._direct.pop("ec2")
        ec2 = aws.client("ec2")
        launch_fleet(ec2, FLEET, world.settle)
        lone_volume(ec2, f"{REGION}a")
        ids = [i["InstanceId"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
        ec2.stop_instances(InstanceIds=ids[:2])
        ec2.create_image(InstanceId=ids[2], Name="image")
        tags = [{"ResourceType": "snapshot", "Tags": [{"Key": "Name", "Value": "a & b"}]}]
        for volume in ec2.describe_volumes()["Volumes"][:2]:
            ec2.create_snapshot(VolumeId=volume["VolumeId"], TagSpecifications=tags, Description="<nightly>")
        ec2.allocate_address(Domain="vpc")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(EC2Serializer, "_serialize_result", BY_MOTO)
            yield ec2, by_xml.client("ec2")


@pytest.mark.parametrize(("operation", "parameters"), ASKED, ids=[f"{i}-{name}" for i, (name, _) in enumerate(ASKED)])
def test_the_same_answer(clients: tuple[Any, Any], operation: str, parameters: dict[str, Any]) -> None:
    read, parsed = (getattr(client, operation)(**parameters) for client in clients)
    assert any(read[name] for name in read if name != "ResponseMetadata")
    for name in parsed:
        if name != "ResponseMetadata":
            assert read[name] == parsed[name]
    assert set(parsed) >= set(read)


def test_a_refusal_reads_the_same(clients: tuple[Any, Any]) -> None:
    said = []
    for client in clients:
        with pytest.raises(client.exceptions.ClientError) as raised:
            client.start_instances(InstanceIds=["i-0123456789abcdef0"])
        said.append((raised.value.response["Error"], raised.value.operation_name))
    assert said[0] == said[1]

"""What is worked out faster than moto does it is the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import moto.ec2.utils
import pytest
from moto import mock_aws
from moto.core.serialize import AttributePicker, EC2Serializer
from moto.ec2.models import ec2_backends, elastic_block_store
from moto.ec2.models.core import TaggedEC2Resource

from nightshift.local.fleet import fast_answers  # noqa: F401  importing it registers it
from nightshift.local.fleet.clock import VirtualClock
from nightshift.local.fleet.hooks import honest
from nightshift.local.fleet.requests import all_instances
from nightshift.local.fleet.world import World, current

SLOW = AttributePicker.__call__
SLOW_XML = EC2Serializer._serialize_result
SLOW_FILTER = {name: TaggedEC2Resource.__dict__[name] for name in ("get_tags", "get_filter_value")}
SLOW_MATCH = moto.ec2.utils.is_filter_matching


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws(), honest(World(VirtualClock())):
        yield boto3.client("ec2", region_name="us-east-1")


def launch(ec2: Any, count: int) -> list[str]:
    tags = [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": "a"}]} for kind in ("instance", "volume")]
    answer = ec2.run_instances(ImageId="ami-12345678", MinCount=count, MaxCount=count, TagSpecifications=tags)
    current().settle()
    return [instance["InstanceId"] for instance in answer["Instances"]]


ACTIONS = (
    "describe_instances",
    "describe_instance_status",
    "describe_volumes",
    "describe_snapshots",
    "describe_images",
    "describe_vpcs",
    "describe_security_groups",
)


def test_every_answer_is_the_same_as_motos(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = launch(ec2, 3)
    ec2.stop_instances(InstanceIds=ids[:1])
    volumes = [v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]]
    ec2.create_snapshot(VolumeId=volumes[0])
    ec2.create_image(InstanceId=ids[1], Name="image")
    owned: dict[str, dict[str, Any]] = {name: {"OwnerIds": ["self"]} for name in ("describe_snapshots",)}
    owned["describe_images"] = {"Owners": ["self"]}

    def bodies() -> dict[str, Any]:
        answers = {name: getattr(ec2, name)(**owned.get(name, {})) for name in ACTIONS}
        return {name: {k: v for k, v in answer.items() if k != "ResponseMetadata"} for name, answer in answers.items()}

    fast = bodies()
    assert len(fast["describe_snapshots"]["Snapshots"]) >= 2
    monkeypatch.setattr(EC2Serializer, "_serialize_result", SLOW_XML)
    assert bodies() == fast
    monkeypatch.setattr(AttributePicker, "__call__", SLOW)
    assert bodies() == fast


def test_what_is_no_xml_by_itself_is_escaped(ec2: Any) -> None:
    strange = """<a & "b" 'c'>, ダッシュ"""
    ids = launch(ec2, 1)
    ec2.create_tags(Resources=ids, Tags=[{"Key": "Strange", "Value": strange}])
    [reservation] = ec2.describe_instances(InstanceIds=ids)["Reservations"]
    assert {"Key": "Strange", "Value": strange} in reservation["Instances"][0]["Tags"]


FILTERS: tuple[dict[str, list[str]], ...] = (
    {},
    {"tag:Name": ["a"]},
    {"tag:Name": ["b", "a*"]},
    {"tag:Name": ["[a]", "?"]},
    {"tag:Name": ["A"]},
    {"tag:Other": ["a"]},
    {"tag-key": ["Name"]},
    {"status": ["completed", "pending"], "tag:Name": ["*"]},
    {"volume-id": ["vol-*"]},
    {"encrypted": ["false"]},
)


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_every_filter_finds_what_motos_finds(ec2: Any, wanted: dict[str, list[str]]) -> None:
    launch(ec2, 2)
    tags = [{"ResourceType": "snapshot", "Tags": [{"Key": "Name", "Value": "a"}]}]
    for volume, described in zip(ec2.describe_volumes()["Volumes"], (tags, []), strict=True):
        ec2.create_snapshot(VolumeId=volume["VolumeId"], TagSpecifications=described)
    backend = ec2_backends["123456789012"]["us-east-1"]
    kept = list(backend.snapshots.values())
    by_rules = moto.ec2.utils.generic_filter(wanted, kept)
    with pytest.MonkeyPatch.context() as without:
        for name, method in SLOW_FILTER.items():
            without.setattr(TaggedEC2Resource, name, method)
        without.setattr(moto.ec2.utils, "is_filter_matching", SLOW_MATCH)
        assert moto.ec2.utils.generic_filter(wanted, kept) == by_rules
    snapshots: Any = elastic_block_store
    assert snapshots.generic_filter(wanted, kept) == by_rules


def test_instances_are_found_as_they_come(ec2: Any) -> None:
    backend = ec2_backends["123456789012"]["us-east-1"]
    ids = launch(ec2, 2)
    assert list(all_instances(backend)) == ids
    ids += launch(ec2, 3)
    assert list(all_instances(backend)) == ids
    assert backend.get_instance(ids[3]).id == ids[3]
    backend.reset()
    assert not all_instances(backend)

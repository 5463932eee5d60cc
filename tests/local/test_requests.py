"""Rates, pages, eventual consistency and injected faults."""

from __future__ import annotations

import urllib.error
from typing import Any

import pytest


def test_requests_beyond_the_bucket_are_throttled(fleet: Any, ec2: Any, launch: Any, refused: Any) -> None:
    [id_] = launch()
    fleet.strict(True)
    for _ in range(5):
        ec2.start_instances(InstanceIds=[id_])
    assert refused(ec2.start_instances, InstanceIds=[id_])[0] == "RequestLimitExceeded"
    ec2.stop_instances(InstanceIds=[id_])
    fleet.advance(0.5)
    assert refused(ec2.start_instances, InstanceIds=[id_])[0] == "IncorrectInstanceState"


def test_starts_also_pay_per_instance(fleet: Any, ec2: Any, launch: Any, refused: Any) -> None:
    ids = launch(600)
    fleet.strict(True)
    ec2.start_instances(InstanceIds=ids)
    assert refused(ec2.start_instances, InstanceIds=ids)[0] == "RequestLimitExceeded"
    ec2.start_instances(InstanceIds=ids[:400])
    fleet.advance(100)
    ec2.start_instances(InstanceIds=ids[:200])


def test_a_list_without_filter_has_a_smaller_bucket(fleet: Any, ec2: Any, refused: Any) -> None:
    fleet.strict(True)
    for _ in range(50):
        ec2.describe_volumes()
    assert refused(ec2.describe_volumes)[0] == "RequestLimitExceeded"
    ec2.describe_volumes(MaxResults=100)


def test_nothing_is_throttled_unless_strict(ec2: Any, launch: Any) -> None:
    [id_] = launch()
    for _ in range(20):
        ec2.start_instances(InstanceIds=[id_])


def test_a_new_resource_is_unseen_for_a_while(fleet: Any, ec2: Any, launch: Any, volumes: Any, refused: Any) -> None:
    volume = volumes(launch()[0])[0]
    fleet.strict(True)
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    assert refused(ec2.describe_snapshots, SnapshotIds=[snapshot])[0] == "InvalidSnapshot.NotFound"
    assert ec2.describe_snapshots()["Snapshots"] == []
    fleet.advance(3)
    assert len(ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"]) == 1


def test_the_fault_invisible_hides_from_one_request(fleet: Any, ec2: Any, launch: Any) -> None:
    [id_] = launch()
    fleet.add_fault("invisible", resource=id_, action="DescribeInstances", times=1)
    assert ec2.describe_instances()["Reservations"] == []
    assert len(ec2.describe_instances()["Reservations"]) == 1


def test_lists_come_in_pages(ec2: Any, launch: Any, refused: Any) -> None:
    ids = launch(12)
    pages = list(ec2.get_paginator("describe_instance_status").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["InstanceStatuses"]) for page in pages] == [5, 5, 2]
    assert len(list(ec2.get_paginator("describe_volumes").paginate(PaginationConfig={"PageSize": 10}))) == 2
    assert refused(ec2.describe_volumes, MaxResults=2)[0] == "InvalidParameterValue"
    assert refused(ec2.describe_instances, InstanceIds=ids, MaxResults=5)[0] == "InvalidParameterCombination"


def test_a_refused_resource(fleet: Any, ec2: Any, launch: Any, refused: Any) -> None:
    bad, good = launch(2)
    fleet.add_fault("error", resource=bad, action="StopInstances", code="UnauthorizedOperation", message="not yours")
    assert refused(ec2.stop_instances, InstanceIds=[good, bad]) == ("UnauthorizedOperation", "not yours")
    ec2.stop_instances(InstanceIds=[good])


def test_a_lost_answer_was_done_all_the_same(
    fleet: Any, ec2: Any, launch: Any, state: Any, volumes: Any, refused: Any
) -> None:
    [id_] = launch()
    fleet.add_fault("server_error", action="StopInstances", times=1)
    assert refused(ec2.stop_instances, InstanceIds=[id_])[0] == "InternalError"
    assert state(id_) == "running"
    fleet.add_fault("lost_response", action="StopInstances", skip=1, times=1)
    ec2.stop_instances(InstanceIds=[id_])
    fleet.settle()
    ec2.start_instances(InstanceIds=[id_])
    fleet.settle()
    assert refused(ec2.stop_instances, InstanceIds=[id_])[0] == "InternalError"
    assert state(id_) == "stopping"


def test_throttling_on_demand_and_what_was_called(fleet: Any, ec2: Any, launch: Any, refused: Any) -> None:
    [id_] = launch()
    fleet.forget_calls()
    fleet.add_fault("throttle", action="StopInstances", times=1)
    assert refused(ec2.stop_instances, InstanceIds=[id_])[0] == "RequestLimitExceeded"
    ec2.stop_instances(InstanceIds=[id_])
    assert fleet.calls() == [("ec2", "StopInstances", "RequestLimitExceeded"), ("ec2", "StopInstances", "")]
    assert fleet.faults()[0]["hits"] == 1
    fleet.clear_faults()
    assert fleet.faults() == []


def test_a_fault_that_does_not_exist(fleet: Any) -> None:
    with pytest.raises(urllib.error.HTTPError):
        fleet.add_fault("meteor")


def test_instances_of_one_reservation_come_in_pages_too(ec2: Any, launch: Any) -> None:
    ids = launch(12, tags={"Role": "web"})
    launch(1)
    web = [{"Name": "tag:Role", "Values": ["w*"]}]
    pages = list(ec2.get_paginator("describe_instances").paginate(Filters=web, PaginationConfig={"PageSize": 5}))
    found = [[i["InstanceId"] for r in page["Reservations"] for i in r["Instances"]] for page in pages]
    assert [len(page) for page in found] == [5, 5, 2]
    assert [id_ for page in found for id_ in page] == ids
    ec2.create_tags(Resources=ids[:1], Tags=[{"Key": "One", "Value": "1"}])
    assert (
        len(ec2.describe_instances(Filters=[{"Name": "tag-key", "Values": ["One"]}])["Reservations"][0]["Instances"])
        == 1
    )
    some = ec2.describe_instances(InstanceIds=[ids[11], ids[0]])["Reservations"]
    assert [i["InstanceId"] for r in some for i in r["Instances"]] == [ids[0], ids[11]]

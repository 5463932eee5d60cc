"""One fleet for all tests of the fleet, emptied for each; its clock stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from nightshift.local.fleet.client import FleetControl, run_fleet


@pytest.fixture(scope="session")
def fleet_server() -> Iterator[FleetControl]:
    with run_fleet() as control:
        yield control


@pytest.fixture
def fleet(fleet_server: FleetControl) -> FleetControl:
    fleet_server.reset()
    fleet_server.strict(False)
    return fleet_server


@pytest.fixture
def ec2(fleet: FleetControl) -> Any:
    """A client that does not try again by itself."""
    return fleet.client(config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def launch(fleet: FleetControl, ec2: Any) -> Any:
    """Launches running instances: launch(3, tags={"Role": "web"}, InstanceType="t3.micro") -> ids."""

    def make(count: int = 1, tags: dict[str, str] | None = None, running: bool = True, **options: Any) -> list[str]:
        if tags:
            pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
            options["TagSpecifications"] = [{"ResourceType": kind, "Tags": pairs} for kind in ("instance", "volume")]
        answer = ec2.run_instances(ImageId="ami-12345678", MinCount=count, MaxCount=count, **options)
        fleet.settle()
        ids = [instance["InstanceId"] for instance in answer["Instances"]]
        if not running:
            ec2.stop_instances(InstanceIds=ids)
            fleet.settle()
        return ids

    return make


@pytest.fixture
def state(ec2: Any) -> Any:
    def read(instance_id: str) -> str:
        [reservation] = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
        return str(reservation["Instances"][0]["State"]["Name"])

    return read


@pytest.fixture
def checks(ec2: Any) -> Any:
    def read(instance_id: str) -> str:
        [status] = ec2.describe_instance_status(InstanceIds=[instance_id], IncludeAllInstances=True)["InstanceStatuses"]
        return str(status["InstanceStatus"]["Status"])

    return read


@pytest.fixture
def volumes(ec2: Any) -> Any:
    def of(instance_id: str) -> list[str]:
        filters = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
        return [volume["VolumeId"] for volume in ec2.describe_volumes(Filters=filters)["Volumes"]]

    return of


@pytest.fixture
def refused() -> Any:
    """The error code and message of a request that has to fail."""

    def call(action: Any, **parameters: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            action(**parameters)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    return call

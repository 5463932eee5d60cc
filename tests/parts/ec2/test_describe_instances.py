"""ec2.describe_instances."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import Fault, TestAws, drive
from tests.parts.fleet import launch as launched


def test_a_missing_permission_to_describe_is_named(aws: TestAws) -> None:
    message = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: ec2:DescribeInstances because ..."
    aws.faults["DescribeInstances"] = Fault(lambda p: (403, "UnauthorizedOperation", message))
    with pytest.raises(AccessDenied, match="may not call ec2:DescribeInstances"):
        drive(parts.describe_instances, aws, {"tag": "A=b"})


def test_describe(aws: TestAws, ec2: Any, launch: Any) -> None:
    ids = launch(3, Env="prod")
    ec2.stop_instances(InstanceIds=ids[:1])
    result = drive(parts.describe_instances, aws, {"tag": "Env=prod"}).result
    assert result["matched"] == sorted(ids)
    assert result["stopped"] == ids[:1]
    assert result["running"] == sorted(ids[1:])
    assert result["changed"] == []
    assert result["part"] == "ec2.describe_instances"
    described = result["responses"]["DescribeInstancesResponse"]["Reservations"][0]["Instances"]
    assert [i["InstanceId"] for i in described] == sorted(ids)


def _describe(aws: FaultyAws) -> dict[str, Any]:
    launched(2, Env="prod")
    return {"tag": "Env=prod"}


SCENARIOS = [
    Scenario("by tag", "ec2.describe_instances", _describe),
]

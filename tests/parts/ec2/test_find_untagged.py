"""ec2.find_untagged."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter
from lambdas.parts import ec2 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import TestAws, drive
from tests.parts.fleet import launch as launched


def test_instances_that_lack_a_tag_are_found(aws: TestAws, ec2: Any, launch: Any) -> None:
    launch(1, AutoOff="yes", Owner="ops")
    none = launch(1, Name="A")
    one = launch(1, AutoOff="yes")
    wrong = launch(1, AutoOff="maybe", Owner="ops")
    launch(1, Exempt="1")
    gone = launch(1)
    ec2.terminate_instances(InstanceIds=gone)
    params = {"required": ["AutoOff=yes", "Owner"], "exclude_tag": "Exempt"}
    result = drive(parts.find_untagged, aws, params).result
    assert set(result["untagged"]) == {none[0], one[0], wrong[0]}
    missing = {i["instance_id"]: (i["name"], i["missing"]) for i in result["instances"]}
    assert missing == {
        none[0]: ("A", ["AutoOff=yes", "Owner"]),
        one[0]: ("", ["Owner"]),
        wrong[0]: ("", ["AutoOff=yes"]),
    }
    assert result["changed"] == []
    assert len(result["matched"]) == 4
    assert result["summary"] == "3 of 4 instances lack AutoOff=yes, Owner"


def test_find_untagged_among_some(aws: TestAws, launch: Any) -> None:
    launch(1)
    prod = launch(1, Env="prod")
    assert drive(parts.find_untagged, aws, {"required": "Owner", "tag": "Env=prod"}).result["untagged"] == prod


def test_find_untagged_needs_a_tag(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="required"):
        drive(parts.find_untagged, aws, {"required": []})


def _untagged(aws: FaultyAws) -> dict[str, Any]:
    launched(1, AutoOff="yes")
    launched(2)
    return {"required": "AutoOff"}


SCENARIOS = [
    Scenario("one tag", "ec2.find_untagged", _untagged),
]

"""cloudformation.describe_stacks."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartFailed
from lambdas.parts import cloudformation as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.cloudformation.stacks import create, plain_stack
from tests.parts.driver import TestAws, drive


def test_describe(aws: TestAws, cloud: Any) -> None:
    for name, env in (("a", "prod"), ("b", "prod"), ("c", "test")):
        create(cloud, name, Tags=[{"Key": "Env", "Value": env}])
    result = drive(parts.describe_stacks, aws, {"tag": "Env=prod"}).result
    assert result["matched"] == ["a", "b"]
    assert [s["status"] for s in result["stacks"]] == ["CREATE_COMPLETE"] * 2
    assert result["stacks"][0]["parameters"] == {"Stage": "a", "Size": "small"}
    assert result["stacks"][0]["outputs"]["Url"].endswith("/a")
    assert result["summary"] == "2 stacks found"
    result = drive(parts.describe_stacks, aws, {"stack_name": "a;c", "exclude_tag": "Env=test"}).result
    assert (result["matched"], result["skipped"][0]["id"]) == (["a"], "c")
    with pytest.raises(PartFailed, match=r"absent .*StackNotFound"):
        drive(parts.describe_stacks, aws, {"stack_name": ["a", "absent"]})


def _describe(aws: FaultyAws) -> dict[str, Any]:
    plain_stack("jobs")
    return {"stack_name": "jobs"}


SCENARIOS = [
    Scenario("by name", "cloudformation.describe_stacks", _describe),
]

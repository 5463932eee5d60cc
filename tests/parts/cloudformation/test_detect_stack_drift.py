"""cloudformation.detect_stack_drift: what CloudFormation finds, and when it is done."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, PartFailed, PartTimeout
from lambdas.parts import cloudformation as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.cloudformation.drift import Drifts, drift
from tests.parts.cloudformation.stacks import create, plain_stack
from tests.parts.driver import Fault, TestAws, drive, times


def detect(aws: TestAws, **given: Any) -> dict[str, Any]:
    return drive(parts.detect_stack_drift, aws, {"stack_name": "demo", **given}).result


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_was_changed_by_hand_is_found(
    aws: TestAws, cloud: Any, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    create(cloud)
    found = drift("Jobs", "MODIFIED", ("/VisibilityTimeout", "30", "60"), ("/Policy", "x" * 200, "y"))
    Drifts(monkeypatch, found, drift("Old", "DELETED"), looks=3)
    result = detect(aws, dry_run=dry_run)
    assert (result["status"], result["drifted"], result["changed"]) == ("DRIFTED", 2, [])
    jobs, old = result["drifts"]
    assert jobs["differences"][0] == "/VisibilityTimeout: 30, now 60"
    assert len(jobs["differences"][1]) < 130
    assert (old["logical_id"], old["status"]) == ("Old", "DELETED")


def test_a_stack_in_sync(aws: TestAws, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    create(cloud)
    Drifts(monkeypatch)
    result = detect(aws)
    assert (result["status"], result["drifts"]) == ("IN_SYNC", [])
    assert aws.count()["DescribeStackResourceDrifts"] == 0


def test_an_earlier_look_is_waited_for(aws: TestAws, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    create(cloud)
    Drifts(monkeypatch)
    text = "Drift detection is already in progress for stack demo"
    aws.faults["DetectStackDrift"] = times(2, (400, "ValidationError", text))
    assert detect(aws)["status"] == "IN_SYNC"


def test_a_look_that_fails_says_why(aws: TestAws, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    create(cloud)
    Drifts(monkeypatch, drift("Jobs"), end="DETECTION_FAILED")
    with pytest.raises(PartFailed, match=r"DETECTION_FAILED.*not authorized"):
        detect(aws)
    assert detect(aws, on_failure="continue")["drifted"] == 1


def test_an_absent_stack_fails(aws: TestAws, cloud: Any) -> None:
    with pytest.raises(PartFailed, match="StackNotFound"):
        detect(aws)


def test_it_gives_up_at_its_timeout(aws: TestAws, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    create(cloud)
    Drifts(monkeypatch, looks=1000)
    with pytest.raises(PartTimeout, match="CloudFormation to look at demo"):
        detect(aws, timeout="5m")


def test_a_missing_permission_is_named(aws: TestAws, cloud: Any) -> None:
    create(cloud)
    aws.faults["DetectStackDrift"] = Fault(lambda params: (403, "AccessDenied", "not authorized"))
    with pytest.raises(AccessDenied):
        detect(aws)


def _drifted(aws: FaultyAws) -> dict[str, Any]:
    plain_stack("demo")
    Drifts(aws.patch, drift("Jobs"))
    return {"stack_name": "demo"}


SCENARIOS = [Scenario("a queue", "cloudformation.detect_stack_drift", _drifted)]

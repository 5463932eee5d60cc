"""stepfunctions.start_execution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import stepfunctions as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, times
from tests.parts.stepfunctions.machines import ends, executions, machine


@pytest.fixture
def books(aws: TestAws) -> dict[str, Any]:
    """The parameters for a state machine that ends well."""
    return {"state_machine_arn": machine(), "input": {"month": "last"}}


def test_an_execution_ends(aws: TestAws, books: dict[str, Any]) -> None:
    ends(aws)
    outcome = drive(parts.start_execution, aws, books)
    (execution,) = executions()
    result = outcome.result
    assert (result["status"], result["output"]) == ("SUCCEEDED", '{"closed": true}')
    assert result["changed"] == [books["state_machine_arn"]]
    assert (result["execution_arn"], execution.execution_input) == (execution.execution_arn, '{"month": "last"}')
    assert len(outcome.waits) > 3


@pytest.mark.parametrize("when", ["do", "after"])
def test_a_lost_answer_starts_no_second_one(aws: TestAws, books: dict[str, Any], when: str) -> None:
    ends(aws)
    deaths = [1, 1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["StartExecution"] = Fault(**{when: die})
    outcome = drive(parts.start_execution, aws, books)
    assert (outcome.deaths, outcome.result["status"], len(executions())) == (2, "SUCCEEDED", 1)


def test_one_that_has_ended_by_then_is_taken_for_what_it_is(aws: TestAws, books: dict[str, Any]) -> None:
    ends(aws)
    drive(parts.start_execution, aws, books)
    aws.faults["StartExecution"] = times(1, (400, "ExecutionAlreadyExists", "Execution already exists"))
    assert drive(parts.start_execution, aws, books).result["status"] == "SUCCEEDED"
    assert len(executions()) == 1


def test_another_call_starts_another(aws: TestAws, books: dict[str, Any]) -> None:
    ends(aws)
    drive(parts.start_execution, aws, books)
    drive(parts.start_execution, aws, books, run=replace(RUN, call=2))
    assert len(executions()) == 2


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_how_it_failed_is_told(aws: TestAws, books: dict[str, Any], status: str) -> None:
    ends(aws, status=status, error="Unbalanced", cause="off by {one}")
    with pytest.raises(PartFailed, match=rf"ended {status}: Unbalanced: off by \(one\)"):
        drive(parts.start_execution, aws, books)
    result = drive(parts.start_execution, aws, {**books, "on_failure": "continue"}, run=replace(RUN, call=2)).result
    assert (result["status"], result["changed"]) == (status, [])


def test_what_takes_too_long_is_stopped(aws: TestAws, books: dict[str, Any]) -> None:
    with pytest.raises(PartTimeout, match="had not ended in time; it was stopped"):
        drive(parts.start_execution, aws, {**books, "timeout": "10m"})
    (execution,) = executions()
    assert execution.status == "ABORTED"


def test_it_need_not_wait(aws: TestAws, books: dict[str, Any]) -> None:
    result = drive(parts.start_execution, aws, {**books, "wait": False}).result
    assert (result["status"], result["summary"]) == ("RUNNING", "1 execution started")
    assert not aws.made("DescribeExecution")


def test_it_starts_where_the_state_machine_is(aws: TestAws) -> None:
    ends(aws)
    arn = machine(region="eu-west-1")
    result = drive(parts.start_execution, aws, {"state_machine_arn": arn}).result
    assert result["execution_arn"].startswith("arn:aws:states:eu-west-1:123456789012:execution:books:nightshift-")
    assert (len(executions("eu-west-1")), len(executions())) == (1, 0)


def test_a_quota_is_waited_for(aws: TestAws, books: dict[str, Any]) -> None:
    ends(aws)
    aws.faults["StartExecution"] = times(2, (400, "ExecutionLimitExceeded", "too many executions"))
    outcome = drive(parts.start_execution, aws, books)
    assert (outcome.result["status"], outcome.waits.count(60)) == ("SUCCEEDED", 2)


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_cannot_be_started_once_is_refused(aws: TestAws, dry_run: bool) -> None:
    express: dict[str, Any] = {"state_machine_arn": machine("fast", "EXPRESS"), "dry_run": dry_run}
    with pytest.raises(PartFailed, match="is an Express workflow, which could be started twice"):
        drive(parts.start_execution, aws, express)
    absent = {"state_machine_arn": express["state_machine_arn"].replace("fast", "nowhere"), "dry_run": dry_run}
    with pytest.raises(PartFailed, match="StateMachineDoesNotExist"):
        drive(parts.start_execution, aws, absent)
    assert not executions()


def test_a_dry_run_starts_nothing(aws: TestAws, books: dict[str, Any]) -> None:
    result = drive(parts.start_execution, aws, {**books, "dry_run": True}).result
    assert (result["changed"], result["execution_arn"]) == ([books["state_machine_arn"]], "")
    assert not executions()


@pytest.mark.parametrize(
    "given",
    [
        {"state_machine_arn": "books"},
        {"state_machine_arn": "arn:aws:states:us-east-1:123456789012:execution:books:1"},
        {"input": {"text": "x" * 262144}},
    ],
)
def test_what_step_functions_would_not_take_is_refused(aws: TestAws, given: dict[str, Any]) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:books"
    with pytest.raises(InvalidParameter):
        drive(parts.start_execution, aws, {"state_machine_arn": arn, **given})
    assert not aws.calls


def _books(aws: FaultyAws) -> dict[str, Any]:
    ends(aws)
    return {"state_machine_arn": machine(), "input": {"month": "last"}}


def _fails(aws: FaultyAws) -> dict[str, Any]:
    ends(aws, status="FAILED", error="Unbalanced", cause="off by one")
    return {"state_machine_arn": machine()}


def _too_long(aws: FaultyAws) -> dict[str, Any]:
    return {"state_machine_arn": machine(), "timeout": "10m"}


SCENARIOS = [
    Scenario("it ends", "stepfunctions.start_execution", _books),
    Scenario("it fails", "stepfunctions.start_execution", _fails, fails="PartFailed"),
    Scenario("too long", "stepfunctions.start_execution", _too_long, swept=False, fails="PartTimeout"),
]

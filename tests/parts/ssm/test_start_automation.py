"""ssm.start_automation: a runbook is started once and waited for."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, AnswerLost, InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import ssm as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.automations import ROLE, RUNBOOK
from tests.parts.driver import Fault, Killed, drive, times
from tests.parts.managed import ManagedFleet

GIVEN: dict[str, Any] = {
    "document_name": RUNBOOK,
    "automation_role_arn": ROLE,
    "parameters": {"InstanceId": ["i-1", "i-2"]},
}


def test_a_runbook_is_started_with_its_role_and_waited_for(aws: ManagedFleet) -> None:
    result = drive(parts.start_automation, aws, GIVEN).result
    ((id_, request),) = aws.executions.items()
    assert request["Parameters"] == {"InstanceId": ["i-1", "i-2"], "AutomationAssumeRole": [ROLE]}
    assert (result["automation_execution_id"], result["status"]) == (id_, "Success")
    assert result["outputs"] == {"restart.InstanceStates": ["running"]}
    assert result["changed"] == result["matched"] == [RUNBOOK]


def test_a_text_is_a_list_of_one_and_a_version_is_asked_for(aws: ManagedFleet) -> None:
    drive(parts.start_automation, aws, {**GIVEN, "parameters": {"InstanceId": "i-1"}, "document_version": "2"})
    ((_, request),) = aws.executions.items()
    assert (request["Parameters"]["InstanceId"], request["DocumentVersion"]) == (["i-1"], "2")


@pytest.mark.parametrize("when", ["do", "after"])
def test_a_worker_that_dies_starts_no_second_one(aws: ManagedFleet, when: str) -> None:
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["StartAutomationExecution"] = Fault(**{when: die})
    assert drive(parts.start_automation, aws, GIVEN).deaths == 1
    assert len(aws.executions) == 1


@pytest.mark.parametrize("status", ["Failed", "TimedOut"])
def test_the_step_that_failed_is_named(aws: ManagedFleet, status: str) -> None:
    aws.ends = (1, status)
    with pytest.raises(PartFailed, match=rf"{status}.*restart: Step fails when it is Execute"):
        drive(parts.start_automation, aws, GIVEN)
    result = drive(parts.start_automation, aws, {**GIVEN, "on_failure": "continue"}).result
    assert (result["changed"], result["status"]) == ([], status)
    assert result["failed_step"].startswith("restart: ")


def test_one_that_was_cancelled_fails(aws: ManagedFleet) -> None:
    aws.ends = (0, "Cancelled")
    with pytest.raises(PartFailed, match="Cancelled"):
        drive(parts.start_automation, aws, GIVEN)


def test_one_that_does_not_end_times_out_and_goes_on(aws: ManagedFleet) -> None:
    aws.ends = (1000, "Success")
    with pytest.raises(PartTimeout, match=r"to end \(InProgress, at restart\)"):
        drive(parts.start_automation, aws, {**GIVEN, "timeout": "10m"})
    result = drive(parts.start_automation, aws, {**GIVEN, "timeout": "10m", "on_failure": "continue"}).result
    assert "it goes on" in result["failed"][0]["message"]


def test_room_is_waited_for(aws: ManagedFleet) -> None:
    aws.faults["StartAutomationExecution"] = times(2, (400, "AutomationExecutionLimitExceededException", "too many"))
    assert drive(parts.start_automation, aws, GIVEN).result["status"] == "Success"
    assert len(aws.executions) == 1


def test_a_token_that_was_used_leaves_it_open(aws: ManagedFleet) -> None:
    aws.faults["StartAutomationExecution"] = Fault(lambda params: (400, "IdempotentParameterMismatch", "used"))
    with pytest.raises(AnswerLost, match="was started before by this call"):
        drive(parts.start_automation, aws, GIVEN)


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_is_no_runbook_or_lacks_a_parameter_is_refused(aws: ManagedFleet, dry_run: bool) -> None:
    given = {**GIVEN, "dry_run": dry_run}
    with pytest.raises(PartFailed, match="InvalidDocument"):
        drive(parts.start_automation, aws, {**given, "document_name": "AWS-Nothing"})
    with pytest.raises(InvalidParameter, match="of type Command, and no runbook"):
        drive(parts.start_automation, aws, {**given, "document_name": "AWS-RunShellScript"})
    with pytest.raises(InvalidParameter, match="has no parameter Instance and needs InstanceId"):
        drive(parts.start_automation, aws, {**given, "parameters": {"Instance": "i-1"}})
    assert aws.executions == {}


def test_a_dry_run_starts_nothing(aws: ManagedFleet) -> None:
    result = drive(parts.start_automation, aws, {**GIVEN, "dry_run": True}).result
    assert (result["changed"], result["summary"]) == ([RUNBOOK], f"would start {RUNBOOK}")
    assert aws.executions == {}


def test_a_missing_permission_is_named(aws: ManagedFleet) -> None:
    aws.faults["StartAutomationExecution"] = Fault(lambda params: (400, "AccessDeniedException", "not authorized"))
    with pytest.raises(AccessDenied):
        drive(parts.start_automation, aws, GIVEN)


def _restart(aws: FaultyAws) -> dict[str, Any]:
    return GIVEN


SCENARIOS = [Scenario("a runbook of AWS", "ssm.start_automation", _restart)]

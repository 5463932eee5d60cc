"""batch.submit_job."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, PartFailed, PartTimeout
from lambdas.parts import batch as parts
from nightshift.local.fleet.faults import Fault as FleetFault
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts import honest
from tests.parts.batch.queues import definition, jobs, queue
from tests.parts.driver import RUN, Fault, Killed, TestAws, client, drive, times

RENDER: dict[str, Any] = {"job_queue": "night", "job_definition": "render"}


@pytest.fixture(autouse=True)
def night(world: World) -> None:
    queue()
    definition()


def test_a_job_runs_to_its_end(aws: TestAws) -> None:
    outcome = drive(parts.submit_job, aws, RENDER)
    (job,) = jobs()
    result = outcome.result
    assert (result["changed"], result["job_id"], result["exit_code"]) == (["render"], job["jobId"], 0)
    assert result["output"] == "render begins\nrender has ended"
    assert result["log"] == f"/aws/batch/job, render/default/{job['jobId']}"
    assert (result["summary"], len(outcome.waits) > 3) == ("1 job ended", True)


def test_what_it_is_given_reaches_its_container(aws: TestAws) -> None:
    params = {
        **RENDER,
        "job_definition": "render:1",
        "command": ["render", "all"],
        "environment": {"STAGE": "prod"},
        "parameters": {"date": "today"},
    }
    drive(parts.submit_job, aws, params)
    (made,) = aws.made("SubmitJob")
    environment = [{"name": "STAGE", "value": "prod"}]
    assert made["containerOverrides"] == {"command": ["render", "all"], "environment": environment}
    assert (made["parameters"], made["jobDefinition"]) == ({"date": "today"}, "render:1")


@pytest.mark.parametrize("when", ["do", "after"])
def test_a_lost_answer_submits_no_second_job(aws: TestAws, when: str) -> None:
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["SubmitJob"] = Fault(**{when: die})
    outcome = drive(parts.submit_job, aws, RENDER)
    assert (outcome.deaths, outcome.result["exit_code"], len(jobs())) == (1, 0, 1)


def test_another_call_submits_another_job(aws: TestAws) -> None:
    drive(parts.submit_job, aws, RENDER)
    drive(parts.submit_job, aws, RENDER, run=replace(RUN, call=2))
    assert len(jobs()) == 2


def test_one_that_fails_says_its_last_line(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("task_fails", resource="render", code="3", message="no\n{template}"))
    with pytest.raises(PartFailed, match=r"of 'render' failed: exit code 3: \(template\)"):
        drive(parts.submit_job, aws, RENDER)


def test_what_waits_too_long_is_terminated_and_says_why(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("capacity", resource="render"))
    told = r"was RUNNABLE MISCONFIGURATION:.* no room for the job; it was terminated"
    with pytest.raises(PartTimeout, match=told):
        drive(parts.submit_job, aws, {**RENDER, "timeout": "30m"})
    assert [job["status"] for job in jobs()] == ["FAILED"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_not_there_is_told_before(aws: TestAws, dry_run: bool) -> None:
    for given, why in (
        ({"job_queue": "day"}, "there is no job queue day"),
        ({"job_definition": "rendr"}, "there is no active job definition 'rendr'"),
        ({"job_definition": "render:9"}, "there is no active job definition 'render:9'"),
    ):
        with pytest.raises(PartFailed, match=why):
            drive(parts.submit_job, aws, {**RENDER, **given, "dry_run": dry_run})
    client("batch").update_job_queue(jobQueue="night", state="DISABLED")
    with pytest.raises(PartFailed, match="the job queue night is DISABLED"):
        drive(parts.submit_job, aws, {**RENDER, "dry_run": dry_run})
    assert not aws.made("SubmitJob")


def test_a_dry_run_submits_nothing(aws: TestAws) -> None:
    result = drive(parts.submit_job, aws, {**RENDER, "dry_run": True}).result
    assert (result["changed"], result["summary"], jobs()) == (["render"], "would submit 1 job", [])


def test_a_missing_permission_is_named(aws: TestAws) -> None:
    told = "User is not authorized to perform: batch:SubmitJob"
    aws.faults["SubmitJob"] = times(9, (403, "AccessDeniedException", told))
    with pytest.raises(AccessDenied, match="batch:SubmitJob"):
        drive(parts.submit_job, aws, RENDER)


def _render(aws: FaultyAws) -> dict[str, Any]:
    honest.begin(aws)
    queue()
    definition()
    return RENDER


def _fails(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    queue()
    definition()
    world.faults.append(FleetFault("task_fails", resource="render", code="3", message="no template"))
    return RENDER


def _too_long(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    queue()
    definition()
    world.faults.append(FleetFault("stuck", resource="render"))
    return {**RENDER, "timeout": "20m"}


SCENARIOS = [
    Scenario("a job", "batch.submit_job", _render),
    Scenario("it fails", "batch.submit_job", _fails, fails="PartFailed"),
    Scenario("too long", "batch.submit_job", _too_long, swept=False, fails="PartTimeout"),
]

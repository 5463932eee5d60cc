"""glue.start_job_run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, PartFailed, PartTimeout
from lambdas.parts import glue as parts
from nightshift.local.fleet.faults import Fault as FleetFault
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts import honest
from tests.parts.driver import RUN, Fault, Killed, TestAws, client, drive, times

LOAD: dict[str, Any] = {"job_name": "load", "arguments": {"--date": "today"}}


def job(name: str = "load", at_once: int = 3) -> str:
    """A job of Glue; its name."""
    client("glue").create_job(
        Name=name,
        Role="arn:aws:iam::123456789012:role/glue",
        Command={"Name": "glueetl", "ScriptLocation": "s3://scripts/load.py"},
        ExecutionProperty={"MaxConcurrentRuns": at_once},
    )
    return name


def runs() -> list[dict[str, Any]]:
    """The runs of the job."""
    return list(client("glue").get_job_runs(JobName="load")["JobRuns"])


@pytest.fixture(autouse=True)
def load(world: World) -> None:
    job()


def test_a_run_ends(aws: TestAws) -> None:
    outcome = drive(parts.start_job_run, aws, {**LOAD, "worker_type": "G.1X", "number_of_workers": 2})
    (run,) = runs()
    result = outcome.result
    assert (result["changed"], result["job_run_id"], result["state"]) == (["load"], run["Id"], "SUCCEEDED")
    assert (result["output"], result["log"]) == ("load begins\nload has ended", f"/aws-glue/jobs/output, {run['Id']}")
    assert (result["seconds"] > 60, len(outcome.waits) > 3) == (True, True)
    (made,) = aws.made("StartJobRun")
    assert (made["Arguments"]["--date"], made["WorkerType"], made["NumberOfWorkers"]) == ("today", "G.1X", 2)


@pytest.mark.parametrize("when", ["do", "after"])
def test_a_lost_answer_starts_no_second_run(aws: TestAws, when: str) -> None:
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["StartJobRun"] = Fault(**{when: die})
    outcome = drive(parts.start_job_run, aws, LOAD)
    assert (outcome.deaths, outcome.result["state"], len(runs())) == (1, "SUCCEEDED", 1)


def test_a_run_of_somebody_else_is_not_taken_for_it(aws: TestAws) -> None:
    client("glue").start_job_run(JobName="load", Arguments={"--date": "today"})
    drive(parts.start_job_run, aws, LOAD)
    drive(parts.start_job_run, aws, LOAD, run=replace(RUN, call=2))
    assert len(runs()) == 3


def test_it_waits_for_its_turn(aws: TestAws) -> None:
    job("single", at_once=1)
    client("glue").start_job_run(JobName="single")
    outcome = drive(parts.start_job_run, aws, {"job_name": "single"})
    assert (outcome.result["state"], 60 in outcome.waits) == ("SUCCEEDED", True)


def test_why_it_failed_is_told(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("task_fails", resource="load", message="no {column} total"))
    with pytest.raises(PartFailed, match=r"of 'load' ended FAILED: no \(column\) total"):
        drive(parts.start_job_run, aws, LOAD)


def test_what_runs_too_long_is_stopped(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("stuck", resource="load"))
    with pytest.raises(PartTimeout, match="had not ended in time; it was told to stop"):
        drive(parts.start_job_run, aws, {**LOAD, "timeout": "20m"})
    assert [run["JobRunState"] for run in runs()] == ["STOPPED"]


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_absent_job_is_told_before(aws: TestAws, dry_run: bool) -> None:
    with pytest.raises(PartFailed, match="there is no job 'laod'"):
        drive(parts.start_job_run, aws, {"job_name": "laod", "dry_run": dry_run})
    assert not aws.made("StartJobRun")


def test_a_dry_run_starts_nothing(aws: TestAws) -> None:
    result = drive(parts.start_job_run, aws, {**LOAD, "dry_run": True}).result
    assert (result["changed"], result["summary"], runs()) == (["load"], "would run 1 job", [])


def test_a_missing_permission_is_named(aws: TestAws) -> None:
    told = "User is not authorized to perform: glue:StartJobRun"
    aws.faults["StartJobRun"] = times(9, (400, "AccessDeniedException", told))
    with pytest.raises(AccessDenied, match="glue:StartJobRun"):
        drive(parts.start_job_run, aws, LOAD)


def _load(aws: FaultyAws) -> dict[str, Any]:
    honest.begin(aws)
    job()
    return LOAD


def _fails(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    job()
    world.faults.append(FleetFault("task_fails", resource="load", message="no column total"))
    return LOAD


def _too_long(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    job()
    world.faults.append(FleetFault("stuck", resource="load"))
    return {**LOAD, "timeout": "20m"}


SCENARIOS = [
    Scenario("a run", "glue.start_job_run", _load),
    Scenario("it fails", "glue.start_job_run", _fails, fails="PartFailed"),
    Scenario("too long", "glue.start_job_run", _too_long, swept=False, fails="PartTimeout"),
]

"""ecs.run_task."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import ecs as parts
from nightshift.local.fleet.faults import Fault as FleetFault
from nightshift.local.fleet.world import World
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts import honest
from tests.parts.driver import RUN, Fault, Killed, TestAws, drive, times
from tests.parts.ecs.clusters import GROUP, SUBNET, cluster, definition, tasks

SETTLE: dict[str, Any] = {"cluster": "batch", "task_definition": "settle", "launch_type": "FARGATE"}


@pytest.fixture(autouse=True)
def batch(world: World) -> None:
    cluster()
    definition()


def test_a_task_runs_to_its_end(aws: TestAws) -> None:
    outcome = drive(parts.run_task, aws, SETTLE)
    result = outcome.result
    (task,) = tasks()
    assert (result["changed"], result["exit_code"], result["task_arn"]) == (["settle"], 0, task["taskArn"])
    assert result["output"] == "main begins\nmain has ended"
    assert result["log"] == f"{GROUP}, ecs/main/{task['taskArn'].rpartition('/')[2]}"
    assert result["summary"] == "1 task ended"
    assert len(outcome.waits) > 3


def test_what_it_is_given_reaches_its_container(aws: TestAws) -> None:
    params = {
        **SETTLE,
        "command": ["settle", "--date", "today"],
        "environment": {"STAGE": "prod"},
        "subnets": SUBNET,
        "security_groups": ["sg-1", "sg-2"],
    }
    drive(parts.run_task, aws, params)
    (made,) = aws.made("RunTask")
    (override,) = made["overrides"]["containerOverrides"]
    assert override == {
        "name": "main",
        "command": ["settle", "--date", "today"],
        "environment": [{"name": "STAGE", "value": "prod"}],
    }
    network = {"subnets": [SUBNET], "securityGroups": ["sg-1", "sg-2"], "assignPublicIp": "DISABLED"}
    assert made["networkConfiguration"] == {"awsvpcConfiguration": network}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_starts_no_second_task(aws: TestAws, when: str) -> None:
    deaths = [1, 1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["RunTask"] = Fault(**{"do" if when == "before" else "after": die})
    outcome = drive(parts.run_task, aws, SETTLE)
    assert (outcome.deaths, outcome.result["exit_code"], len(tasks())) == (2, 0, 1)
    assert len({made["clientToken"] for made in aws.made("RunTask")}) == 1


def test_another_call_starts_another_task(aws: TestAws) -> None:
    drive(parts.run_task, aws, SETTLE)
    drive(parts.run_task, aws, SETTLE, run=replace(RUN, call=2))
    assert len(tasks()) == 2


def test_another_exit_code_fails_with_its_last_line(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("task_fails", resource="settle", code="3", message="books\n{are} not balanced"))
    with pytest.raises(PartFailed, match=r"exit code 3 of main in 'settle': \(are\) not balanced"):
        drive(parts.run_task, aws, SETTLE)


def test_an_exit_code_may_be_success(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("task_fails", resource="settle", code="3"))
    result = drive(parts.run_task, aws, {**SETTLE, "success_codes": [0, 3]}).result
    assert (result["changed"], result["exit_code"]) == (["settle"], 3)


def test_one_that_does_not_start_says_why(aws: TestAws, world: World) -> None:
    fault = FleetFault("task_fails", resource="settle", code="CannotPullContainerError", message="no such image")
    world.faults.append(fault)
    result = drive(parts.run_task, aws, {**SETTLE, "on_failure": "continue"}).result
    (failed,) = result["failed"]
    assert failed["error"] == "TaskFailedToStart"
    assert failed["message"] == ("the task of 'settle' did not run to its end: CannotPullContainerError: no such image")
    assert (result["exit_code"], result["output"]) == (-1, "")


def test_it_waits_for_room(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("capacity", resource="settle", times=2))
    outcome = drive(parts.run_task, aws, SETTLE)
    assert (outcome.result["exit_code"], outcome.waits.count(60)) == (0, 2)
    assert len({made["clientToken"] for made in aws.made("RunTask")}) == 3


def test_room_that_does_not_come_is_told(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("capacity", resource="settle"))
    with pytest.raises(PartTimeout, match="no task of 'settle' could be started in batch: Capacity is unavailable"):
        drive(parts.run_task, aws, {**SETTLE, "timeout": "10m"})
    assert not tasks()


def test_what_runs_too_long_is_stopped(aws: TestAws, world: World) -> None:
    world.faults.append(FleetFault("stuck", resource="settle"))
    with pytest.raises(PartTimeout, match="had not stopped in time; it was told to stop"):
        drive(parts.run_task, aws, {**SETTLE, "timeout": "20m"})
    aws.clock += 60
    (task,) = tasks()
    assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "UserInitiated")


def test_a_task_that_is_gone_fails_in_the_end(aws: TestAws) -> None:
    def gone(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "DescribeTasks":
            answer["tasks"] = []

    aws.hooks.append(gone)
    with pytest.raises(PartFailed, match=r"TaskMissing: ECS does not know arn:aws:ecs:.* of 'settle' any more"):
        drive(parts.run_task, aws, SETTLE)
    assert aws.count()["DescribeTasks"] > 3


def test_one_of_two_containers_counts(aws: TestAws, world: World) -> None:
    definition("pair", "sidecar", "main")
    result = drive(parts.run_task, aws, {**SETTLE, "task_definition": "pair"}).result
    assert result["log"].startswith(f"{GROUP}, ecs/main/")
    with pytest.raises(InvalidParameter, match="container='mian' is none of the task definition; it has sidecar, main"):
        drive(parts.run_task, aws, {**SETTLE, "task_definition": "pair", "container": "mian"})


def test_a_log_that_may_not_be_read_is_a_warning(aws: TestAws) -> None:
    aws.faults["GetLogEvents"] = Fault(lambda p: (400, "AccessDeniedException", "not authorized"))
    result = drive(parts.run_task, aws, SETTLE).result
    assert (result["changed"], result["output"]) == (["settle"], "")
    assert "could not be read: AccessDeniedException" in result["warnings"][0]


def test_another_log_driver_has_no_tail(aws: TestAws) -> None:
    definition("quiet", log=False)
    result = drive(parts.run_task, aws, {**SETTLE, "task_definition": "quiet"}).result
    assert (result["exit_code"], result["output"], result["log"]) == (0, "", "")
    assert not aws.made("GetLogEvents")


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"task_definition": "setle"}, "there is no task definition 'setle'"),
        ({"cluster": "nowhere"}, "there is no cluster nowhere"),
    ],
)
def test_what_is_not_there_is_told_before(aws: TestAws, given: dict[str, str], why: str, dry_run: bool) -> None:
    with pytest.raises(PartFailed, match=why):
        drive(parts.run_task, aws, {**SETTLE, **given, "dry_run": dry_run})
    assert not aws.made("RunTask")


def test_a_dry_run_starts_nothing(aws: TestAws) -> None:
    result = drive(parts.run_task, aws, {**SETTLE, "dry_run": True}).result
    assert (result["changed"], result["summary"], tasks()) == (["settle"], "would run 1 task", [])


def test_a_missing_permission_is_named(aws: TestAws) -> None:
    told = "User is not authorized to perform: iam:PassRole on resource: role/settle"
    aws.faults["RunTask"] = times(9, (400, "AccessDeniedException", told))
    with pytest.raises(AccessDenied, match="iam:PassRole"):
        drive(parts.run_task, aws, SETTLE)


def test_groups_without_subnets_are_refused(aws: TestAws) -> None:
    with pytest.raises(InvalidParameter, match="for tasks with subnets"):
        drive(parts.run_task, aws, {**SETTLE, "security_groups": "sg-1"})


def _settle(aws: FaultyAws) -> dict[str, Any]:
    honest.begin(aws)
    cluster()
    definition()
    return SETTLE


def _fails(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    cluster()
    definition()
    world.faults.append(FleetFault("task_fails", resource="settle", code="3", message="the books do not balance"))
    return SETTLE


def _too_long(aws: FaultyAws) -> dict[str, Any]:
    world = honest.begin(aws)
    cluster()
    definition()
    world.faults.append(FleetFault("stuck", resource="settle"))
    return {**SETTLE, "timeout": "15m"}


SCENARIOS = [
    Scenario("a task", "ecs.run_task", _settle),
    Scenario("it fails", "ecs.run_task", _fails, fails="PartFailed"),
    Scenario("too long", "ecs.run_task", _too_long, swept=False, fails="PartTimeout"),
]

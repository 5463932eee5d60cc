"""ssm.run_command: it runs once whatever is lost or repeated, and what Systems Manager refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter
from lambdas.parts.ssm import run_command
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import RUN, Fault, Killed, drive, invoke, noted, times
from tests.parts.fleet import launch as launch_hosts
from tests.parts.managed import ManagedFleet
from tests.parts.ssm.runs import COUNTING, runs


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_killed_around_sending_runs_it_once(aws: ManagedFleet, hosts: Any, moment: str) -> None:
    ids = hosts(2)
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["SendCommand"] = Fault(die) if moment == "before" else Fault(after=die)
    outcome = drive(run_command, aws, {"command": COUNTING, "instance_id": ids})
    assert outcome.deaths == 1
    assert outcome.result["changed"] == sorted(ids)
    assert [runs(aws, i) for i in ids] == [1, 1]
    assert len(aws.commands) == 1


def test_a_lost_answer_runs_it_once(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    losses = [1]

    def lose(params: dict[str, Any]) -> tuple[int, str, str] | None:
        if not losses:
            return None
        losses.pop()
        aws.SendCommand(params)
        return 500, "InternalServerError", "try again"

    aws.faults["SendCommand"] = Fault(lose)
    outcome = drive(run_command, aws, {"command": COUNTING, "instance_id": instance})
    assert outcome.result["changed"] == [instance]
    assert runs(aws, instance) == 1


def test_a_command_that_is_not_listed_yet_still_runs_once(aws: ManagedFleet, hosts: Any) -> None:
    """The second command finds the folder of the first on the instance, and tells how that one ended."""
    (instance,) = hosts(1)
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    def unlisted(operation: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "ListCommands":
            answer["Commands"] = []

    aws.hooks.append(unlisted)
    aws.faults["SendCommand"] = Fault(after=die)
    result = drive(run_command, aws, {"command": COUNTING, "instance_id": instance}).result
    assert len(aws.commands) == 2
    assert runs(aws, instance) == 1
    assert result["outputs"][0]["output"] == "counted"


def test_another_call_of_the_same_step_runs_again(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    for call in (1, 2):
        drive(run_command, aws, {"command": COUNTING, "instance_id": instance}, run=replace(RUN, call=call))
    assert runs(aws, instance) == 2


def test_throttling_is_waited_for(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    aws.faults["SendCommand"] = times(3, (400, "ThrottlingException", "Rate exceeded"))
    outcome = drive(run_command, aws, {"command": COUNTING, "instance_id": instance})
    assert outcome.result["changed"] == [instance]
    assert runs(aws, instance) == 1


def test_a_request_that_is_wrong_is_told_at_once(aws: ManagedFleet, hosts: Any) -> None:
    ids = hosts(8)
    aws.faults["SendCommand"] = times(99, (400, "InvalidParameters", "commands: too long"))
    with pytest.raises(InvalidParameter, match="commands: too long"):
        drive(run_command, aws, {"command": "true", "instance_id": ids})
    assert aws.count()["SendCommand"] == 1


def test_a_missing_permission_is_named(aws: ManagedFleet, hosts: Any) -> None:
    ids = hosts(8)
    message = "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: ssm:SendCommand on resource: *"
    aws.faults["SendCommand"] = times(99, (400, "AccessDeniedException", message))
    with pytest.raises(AccessDenied, match="may not send commands"):
        drive(run_command, aws, {"command": "true", "instance_id": ids})


def test_an_instance_that_systems_manager_refuses_is_dropped(aws: ManagedFleet, hosts: Any) -> None:
    ids = hosts(3)
    aws.broken.add(ids[1])
    result = drive(run_command, aws, {"command": "true", "instance_id": ids, "on_failure": "continue"}).result
    assert set(result["changed"]) == {ids[0], ids[2]}
    assert [(f["id"], f["error"]) for f in result["failed"]] == [(ids[1], "InvalidInstanceId")]
    assert aws.count()["SendCommand"] == 2


def test_what_systems_manager_could_not_deliver_is_told(aws: ManagedFleet, hosts: Any) -> None:
    (instance,) = hosts(1)
    aws.status[instance] = "Delivery Timed Out"
    result = drive(run_command, aws, {"command": "true", "instance_id": instance, "on_failure": "continue"}).result
    assert result["failed"][0]["error"] == "DeliveryTimedOut"
    assert result["outputs"][0]["exit_code"] == -1


def deny(aws: ManagedFleet, denied: list[str]) -> None:
    """Systems Manager refuses a command for the first instance in it to which the role may not send."""

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        named = next((i for i in params["InstanceIds"] if i in denied), None)
        text = (
            "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: ssm:SendCommand on resource: "
            f"arn:aws:ec2:us-east-1:123456789012:instance/{named} because no identity-based policy allows it"
        )
        return (400, "AccessDeniedException", text) if named else None

    aws.faults["SendCommand"] = Fault(do)


def test_only_instances_that_are_denied_fail(aws: ManagedFleet, hosts: Any) -> None:
    ids = hosts(8)
    denied = {ids[1], ids[2], ids[5]}
    deny(aws, list(denied))
    params = {"command": COUNTING, "instance_id": ids, "on_failure": "continue"}
    result = drive(run_command, aws, params).result
    assert result["changed"] == sorted({*ids} - denied)
    assert {(f["id"], f["error"]) for f in result["failed"]} == {(i, "AccessDeniedException") for i in denied}
    assert all(f"instance/'{f['id']}' because" in f["message"] for f in result["failed"])
    assert [runs(aws, i) for i in ids] == [int(i not in denied) for i in ids]
    assert aws.count()["SendCommand"] == 4


def test_a_role_that_may_send_to_none_is_told_with_one_of_them(aws: ManagedFleet, hosts: Any) -> None:
    ids = hosts(3)
    deny(aws, ids)
    with pytest.raises(
        AccessDenied, match=f"may not send commands: AccessDeniedException: .*instance/'({'|'.join(ids)})'"
    ):
        drive(run_command, aws, {"command": COUNTING, "instance_id": ids})
    assert aws.commands == []


def test_denied_and_allowed_in_turn_cost_a_call_for_each_denied(aws: ManagedFleet, hosts: Any) -> None:
    aws.runs = False
    ids = hosts(120)
    deny(aws, ids[::2])
    result = drive(run_command, aws, {"command": "true", "instance_id": ids, "on_failure": "continue"}).result
    assert result["changed"] == sorted(ids[1::2])
    assert len(result["failed"]) == 60
    assert aws.count()["SendCommand"] <= 60 + 3
    assert sum(len(c.invocations) for c in aws.commands) == 60


@pytest.mark.parametrize("sent", [False, True])
def test_a_call_of_before_states_had_versions_goes_on(aws: ManagedFleet, hosts: Any, sent: bool) -> None:
    ids = hosts(3)
    params = {"command": COUNTING, "instance_id": ids, "on_failure": "continue"}
    failed = [["NotManaged", "'{id}' is not managed by Systems Manager", ["i-0"]]]
    state: dict[str, Any] = {"ids": {"todo": ids}, "planned_at": aws.now(), "names": {ids[0]: "one"}, "failed": failed}
    if sent:
        aws.takes[ids[0]] = 3600
        invoke(run_command, aws, params, 3)
        output = {**dict.fromkeys(("name", "output", "location"), ""), "status": "Success", "exit_code": 0}
        state |= {
            "ids": {"waiting": ids[:1], "done": ids[1:]},
            "pace": {"burst": 3, "strikes": 0},
            "commands": [[aws.commands[0].id, ids[:1]]],
            "outputs": [{**output, "instance_id": i} for i in ids[1:]],
        }
    outcome = drive(run_command, aws, {**params, "timeout": "2h"}, state=noted(aws, state))
    assert outcome.result["changed"] == sorted(ids)
    assert [f["id"] for f in outcome.result["failed"]] == ["i-0"]
    assert {o["instance_id"]: o["name"] for o in outcome.result["outputs"]}[ids[0]] == "one"
    assert [runs(aws, i) for i in ids] == [1, 1, 1]


def by_tag(aws: FaultyAws) -> dict[str, Any]:
    ids = launch_hosts(2, Role="batch")
    aws.manage(*ids)
    aws.takes = dict.fromkeys(ids, 20.0)
    return {"command": "true", "tag": "Role=batch"}


def too_long(aws: FaultyAws) -> dict[str, Any]:
    ids = launch_hosts(1, Role="batch")
    aws.manage(*ids)
    aws.takes = dict.fromkeys(ids, 10_000.0)
    return {"command": "true", "tag": "Role=batch", "timeout": "2m", "interval": 60}


SCENARIOS = [
    Scenario("by tag", "ssm.run_command", by_tag),
    Scenario("too long", "ssm.run_command", too_long, fails="PartTimeout"),
]

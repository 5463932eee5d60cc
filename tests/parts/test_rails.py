"""The guard rails of parts: what a selection that is too large, or a failure too many, leaves untouched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lambdas.contract.errors import InvalidParameter, PartFailed, TooManyResources
from lambdas.contract.limits import MAX_RESOURCES
from lambdas.parts import ebs
from lambdas.parts import ec2 as parts
from nightshift.compiler import compile_file
from nightshift.errors import CompileErrors
from tests.parts.driver import RUN, Fault, TestAws, drive, invoke
from tests.parts.flow_files import ends
from tests.parts.unkind import Unkind

FLOW = """
from lambdas.parts import ec2
from nightshift import flow


@flow
def guarded():
    return ec2.stop_instances(tag="Role=web", {rails})
"""


def refuse(*ids: str) -> Fault:
    """StopInstances is refused for these instances."""

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        named = [i for i in params["InstanceIds"] if i in ids]
        return (400, "OperationNotPermitted", f"The instance '{named[0]}' may not be stopped") if named else None

    return Fault(do)


def running(states: Any) -> set[str]:
    return {i for i, state in states().items() if state == "running"}


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("most", [2, "2", "49%"])
def test_a_selection_that_matches_more_is_refused_untouched(
    aws: TestAws, launch: Any, states: Any, most: int | str, dry_run: bool
) -> None:
    ids = launch(3, Role="web") + launch(3, Role="db")
    params = {"tag": "Role=web", "max_resources": most, "dry_run": dry_run}
    with pytest.raises(TooManyResources, match=r"matches 3 instances .* allows to stop 2.*nothing was changed") as e:
        drive(parts.stop_instances, aws, params)
    assert ids[0] in str(e.value)
    assert running(states) == set(ids)
    assert aws.count()["StopInstances"] == 0


@pytest.mark.parametrize("most", [3, "50%", "100%"])
def test_one_that_matches_as_many_is_not(aws: TestAws, launch: Any, states: Any, most: int | str) -> None:
    ids = launch(3, Role="web")
    others = launch(3, Role="db")
    outcome = drive(parts.stop_instances, aws, {"tag": "Role=web", "max_resources": most})
    assert outcome.result["changed"] == sorted(ids)
    assert running(states) == set(others)


def test_the_default_is_that_of_the_app(
    aws: TestAws, launch: Any, states: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_RESOURCES, "2")
    ids = launch(3, Role="web")
    with pytest.raises(TooManyResources, match="max_resources=2 of the app"):
        drive(parts.stop_instances, aws, {"tag": "Role=web"})
    assert running(states) == set(ids)
    assert len(drive(parts.stop_instances, aws, {"tag": "Role=web", "max_resources": 3}).result["changed"]) == 3


def test_what_a_rotation_deletes_is_not_what_was_selected(aws: TestAws, ec2: Any, launch: Any) -> None:
    launch(1, Role="web")
    for day in range(4):
        aws.clock += 86_400
        params = {"instance_tag": "Role=web", "generation": 1 if day == 3 else 9, "max_resources": 1}
        made = drive(ebs.create_snapshot, aws, params, run=replace(RUN, id=f"{RUN.id}{day}")).result
    assert len(made["deleted"]) == 3


def test_a_percent_needs_something_it_is_of(aws: TestAws, launch: Any) -> None:
    ids = launch(2)
    with pytest.raises(InvalidParameter, match="write a number"):
        drive(parts.create_tags, aws, {"resource_id": ids, "tags": {"a": "b"}, "max_resources": "10%"})
    with pytest.raises(InvalidParameter, match=r"max_resources='many'; write a number"):
        drive(parts.stop_instances, aws, {"instance_id": ids, "max_resources": "many"})
    assert aws.count()["CreateTags"] == aws.count()["StopInstances"] == 0


def test_at_most_so_many_are_under_way(aws: TestAws, launch: Any, states: Any) -> None:
    Unkind(aws, power=30)
    ids = launch(5, Role="web")
    outcome = drive(parts.stop_instances, aws, {"tag": "Role=web", "at_most": 2})
    assert outcome.result["changed"] == sorted(ids)
    assert [len(call["InstanceIds"]) for call in aws.made("StopInstances")] == [2, 2, 1]


def test_after_a_failure_too_many_no_further_one_begins(aws: TestAws, launch: Any, states: Any) -> None:
    ids = sorted(launch(6, Role="web"))
    aws.faults["StopInstances"] = refuse(ids[1])
    params = {"tag": "Role=web", "at_most": 2, "max_failures": 0, "on_failure": "continue"}
    result = drive(parts.stop_instances, aws, params).result
    assert result["changed"] == ids[:1]
    assert [failure["id"] for failure in result["failed"]] == [ids[1]]
    reason = "not started: 1 failed, and max_failures is 0"
    assert result["skipped"] == [{"id": i, "reason": reason} for i in ids[2:]]
    assert result["summary"] == f"1 instance stopped, 4 skipped, 1 failed; 4 {reason}"
    assert running(states) == set(ids[1:])


def test_as_many_failures_as_are_tolerated_stop_nothing(aws: TestAws, launch: Any, states: Any) -> None:
    ids = sorted(launch(6, Role="web"))
    aws.faults["StopInstances"] = refuse(ids[1])
    with pytest.raises(PartFailed, match="1 of 6 resources failed"):
        drive(parts.stop_instances, aws, {"tag": "Role=web", "at_most": 2, "max_failures": "20%"})
    assert running(states) == {ids[1]}


def test_what_was_left_is_in_the_message(aws: TestAws, launch: Any) -> None:
    ids = sorted(launch(3, Role="web"))
    aws.faults["StopInstances"] = refuse(ids[0])
    with pytest.raises(PartFailed, match=rf"2 not started: {ids[1]}, {ids[2]}"):
        drive(parts.stop_instances, aws, {"tag": "Role=web", "at_most": 1, "max_failures": 0})


def test_a_dry_run_tells_what_would_be_left(aws: TestAws, launch: Any, states: Any) -> None:
    ids = sorted(launch(6, Role="web"))
    aws.faults["StopInstances"] = refuse(ids[1])
    params = {"tag": "Role=web", "at_most": 2, "max_failures": 0, "on_failure": "continue", "dry_run": True}
    result = drive(parts.stop_instances, aws, params).result
    assert (result["changed"], [s["id"] for s in result["skipped"]]) == (ids[:1], ids[2:])
    assert running(states) == set(ids)


def test_snapshots_too_are_made_in_waves(aws: TestAws, launch: Any) -> None:
    launch(5, Role="web")
    most: list[int] = []

    def do(params: dict[str, Any]) -> None:
        most.append(aws.count()["CreateSnapshot"])

    aws.faults["CreateSnapshot"] = Fault(do)
    invoke(ebs.create_snapshot, aws, {"instance_tag": "Role=web", "at_most": 2}, 2)
    assert len(most) == 2
    result = drive(ebs.create_snapshot, aws, {"instance_tag": "Role=web", "at_most": 2}).result
    assert len(result["snapshot_ids"]) == 5


def test_one_that_had_no_turn_before_the_timeout_has_failed(aws: TestAws, launch: Any, states: Any) -> None:
    Unkind(aws, power=10_000)
    ids = sorted(launch(3, Role="web"))
    params = {"tag": "Role=web", "at_most": 1, "timeout": "10m", "on_failure": "continue"}
    result = drive(parts.stop_instances, aws, params).result
    assert {failure["id"]: failure["error"] for failure in result["failed"]} == dict.fromkeys(ids, "Timeout")
    assert aws.count()["StopInstances"] == 1


# Under CPython and compiled


def written(folder: Path, rails: str) -> Path:
    file = folder / "guarded.py"
    file.write_text(FLOW.format(rails=rails))
    return file


HOW = pytest.mark.parametrize("how", ["cpython", "compiled"])
DRY = pytest.mark.parametrize("dry_run", [False, True], ids=["run", "plan"])


@HOW
@DRY
@pytest.mark.parametrize("rails", ["max_resources=2", 'max_resources="10%"'])
def test_a_flow_that_selects_too_many_touches_none(
    aws: TestAws, launch: Any, states: Any, tmp_path: Path, how: str, dry_run: bool, rails: str
) -> None:
    ids = launch(3, Role="web")
    error, cause = ends(how, aws, written(tmp_path, rails), dry_run=dry_run)
    assert error == "TooManyResources"
    assert "nothing was changed" in cause
    assert running(states) == set(ids)
    assert aws.count()["StopInstances"] == 0


@HOW
@DRY
def test_a_flow_stops_at_a_failure_too_many(
    aws: TestAws, launch: Any, states: Any, tmp_path: Path, how: str, dry_run: bool
) -> None:
    ids = sorted(launch(6, Role="web"))
    aws.faults["StopInstances"] = refuse(ids[1])
    error, cause = ends(how, aws, written(tmp_path, "at_most=2, max_failures=0"), dry_run=dry_run)
    assert error == "PartFailed"
    assert f"4 {'would not be started' if dry_run else 'not started'}: {', '.join(ids[2:])}" in cause
    assert f"{'Would change' if dry_run else 'Changed'} before that: {ids[0]}" in cause
    assert running(states) == set(ids if dry_run else ids[1:])
    # Not even asked about: neither a request nor the dry run of one.
    assert {i for call in aws.made("StopInstances") for i in call["InstanceIds"]} == set(ids[:2])


@HOW
@DRY
def test_a_flow_has_so_many_under_way(
    aws: TestAws, launch: Any, states: Any, tmp_path: Path, how: str, dry_run: bool
) -> None:
    ids = launch(5, Role="web")
    assert ends(how, aws, written(tmp_path, "at_most=2"), dry_run=dry_run) == ("", "")
    made = aws.made("StopInstances")
    # A plan asks about all of them, and changes none.
    assert all(call["DryRun"] for call in made) if dry_run else max(len(call["InstanceIds"]) for call in made) == 2
    assert running(states) == (set(ids) if dry_run else set())


@pytest.mark.parametrize("rails", ['max_resources="many"', "at_most=0", 'max_failures="200%"'])
def test_the_compiler_refuses_rails_that_a_run_would(tmp_path: Path, rails: str) -> None:
    with pytest.raises(CompileErrors, match=r"NS303.*write a"):
        compile_file(written(tmp_path, rails))


def test_every_part_that_changes_what_it_selects_has_them() -> None:
    from lambdas.parts import all_parts

    messages = {"events.put_events", "http.request", "notify.email", "notify.publish", "sqs.send_message"}
    one = {
        "awslambda.invoke",
        "batch.submit_job",
        "cloudformation.create_stack",
        "cloudformation.delete_stack",
        "cloudformation.update_stack",
        "ecs.run_task",
        "glue.start_job_run",
        "route53.change_resource_record_sets",
        "ssm.start_automation",
        "stepfunctions.start_execution",
        *messages,
    }
    reading = ("describe_", "detect_", "find_", "get_parameter", "list_")
    for name, part in all_parts().items():
        changes = not name.partition(".")[2].startswith(reading) and name not in one
        assert ("max_resources" in part.parameters) == changes, name
        assert {"at_most", "max_failures"} <= set(part.parameters) or not changes, name

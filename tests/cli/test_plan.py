"""What `nightshift plan` makes of the history of a dry run, and its errors before anything starts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lambdas.runs.history import History
from lambdas.tracker.record import Counts
from nightshift.cli.planning import Plan, PlannedStep, plan_as_json, planned_steps, print_plan, with_called
from nightshift.compiler import compile_file
from nightshift.model import CompiledFlow
from tests.cli.conftest import Cli

FLOWS = Path(__file__).parents[2] / "flow_defs"

SOURCE = """
from lambdas.parts import ec2, notify
from nightshift import PartFailed, approval, flow, for_each


@flow
def tidy(tag: str = "Role=web"):
    found = ec2.describe_instances(tag=tag)
    try:
        stopped = ec2.stop_instances(tag=tag)
    except PartFailed as problem:
        notify.email(to="ops@example.com", body=problem.cause)
        raise
    if stopped.changed:
        ec2.start_instances(instance_id=stopped.changed)
    elif found.running:
        ec2.reboot_instances(instance_id=found.running)
    else:
        ec2.describe_instances(tag="Role=spare")
    if approval("Go on?", to="ops@example.com").approved:
        for_each(found.running, one)


def one(instance):
    ec2.create_tags(resource_id=instance, tags={"Seen": "yes"})
"""


@pytest.fixture(scope="module")
def tidy(tmp_path_factory: pytest.TempPathFactory) -> CompiledFlow:
    file = tmp_path_factory.mktemp("flows") / "tidy.py"
    file.write_text(SOURCE)
    (flow,) = compile_file(file)
    return flow


def result(changed: list[str], summary: str) -> dict[str, Any]:
    return {
        "matched": changed,
        "changed": changed,
        "skipped": [{"id": "i-9", "reason": "it is stopped"}],
        "failed": [],
        "summary": summary,
    }


class Run:
    """Writes the history of a run as Step Functions does, and follows it."""

    def __init__(self, flow: CompiledFlow) -> None:
        self.history = History(flow.name, flow.steps)
        self._count = 0

    def _event(self, kind: str, key: str, details: dict[str, Any], before: int | None = None) -> int:
        self._count += 1
        linked = {"previousEventId": self._count - 1 if before is None else before}
        time = {"timestamp": datetime(2026, 11, 24, tzinfo=UTC)}
        self.history.feed({"id": self._count, "type": kind, key: details, **linked, **time})
        return self._count

    def enter(self, name: str, kind: str = "Task", before: int | None = None) -> int:
        return self._event(f"{kind}StateEntered", "stateEnteredEventDetails", {"name": name}, before)

    def leave(self, name: str, kind: str = "Task") -> int:
        return self._event(f"{kind}StateExited", "stateExitedEventDetails", {"name": name})

    def part(self, name: str, returned: dict[str, Any]) -> None:
        self.enter(name)
        output = json.dumps({"Payload": {"done": True, "result": returned}})
        self._event("TaskSucceeded", "taskSucceededEventDetails", {"output": output})
        self.leave(name)

    def failing(self, name: str, error: str, cause: str) -> None:
        self.enter(name)
        self._event("TaskFailed", "taskFailedEventDetails", {"error": error, "cause": cause})

    def each(self, name: str, inner: str, items: list[dict[str, Any]]) -> None:
        self.enter(name, "Map")
        opened = self._event("MapStateStarted", "mapStateStartedEventDetails", {"length": len(items)})
        for index, item in enumerate(items):
            self._event(
                "MapIterationStarted", "mapIterationStartedEventDetails", {"name": name, "index": index}, opened
            )
            self.part(inner, item)
            details = {"name": name, "index": index}
            last = self._event("MapIterationSucceeded", "mapIterationSucceededEventDetails", details)
        self._event("MapStateSucceeded", "mapStateSucceededEventDetails", {}, last)
        self.leave(name, "Map")

    def ends(self, kind: str, **details: str) -> None:
        self._event(f"Execution{kind}", f"execution{kind}EventDetails", details)


def by_name(steps: list[PlannedStep]) -> dict[str, PlannedStep]:
    return {step.name: step for step in steps}


def test_every_step_has_a_row_with_the_branch_that_is_not_taken(tidy: CompiledFlow) -> None:
    run = Run(tidy)
    run.part("ec2.describe_instances", result(["i-1", "i-2"], "2 instances"))
    run.part("ec2.stop_instances", result(["i-1", "i-2"], "would stop 2 instances"))
    run.part("ec2.start_instances", result(["i-1"], "would start 1 instance"))
    group = next(name for name, state in tidy.definition["States"].items() if state["Type"] == "Map")
    run.each(group, "ec2.create_tags", [result(["i-1"], "a"), result(["i-2"], "b")])
    run.ends("Succeeded", output="null")
    steps = planned_steps(tidy, run.history)
    found = by_name(steps)
    would = {name: step.would for name, step in found.items()}
    assert would == {
        "ec2.describe_instances": "run",
        "ec2.stop_instances": "run",
        "ec2.start_instances": "run",
        "ec2.reboot_instances": "not run",
        "ec2.describe_instances (2)": "not run",
        "approval": "ask",
        group: "run",
        "ec2.create_tags": "run",
        "notify.email": "not run",
    }
    assert found["ec2.reboot_instances"].says == "only if found.running"
    assert found["ec2.describe_instances (2)"].says == "only if not (found.running)"
    assert found["notify.email"].says == "only if ec2.stop_instances fails"
    assert (found["ec2.create_tags"].calls, found["ec2.create_tags"].says) == (2, "a; b")
    mail = PlannedStep("mail", "notify.email", "run", 1, Counts(matched=1, changed=1), "", [])
    plan = Plan(tidy.name, "aws", "arn", "SUCCEEDED", "", "", [*steps, mail])
    assert vars(plan.counts()) == {"matched": 7, "changed": 7, "skipped": 5, "failed": 0}


def test_a_step_that_fails_is_told_with_its_cause_and_fails_the_plan(
    tidy: CompiledFlow, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tidy)
    run.failing("ec2.describe_instances", "Forbidden", "no ec2:DescribeInstances\nallow it")
    run.ends("Failed", error="Forbidden", cause="no ec2:DescribeInstances")
    steps = planned_steps(tidy, run.history)
    assert (steps[0].would, steps[0].says) == ("fail", "Forbidden: no ec2:DescribeInstances")
    plan = Plan(tidy.name, "local", "arn", run.history.status, "Forbidden", "no ec2:DescribeInstances", steps)
    print_plan(plan)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "What a run of tidy would do now on the local AWS; nothing was changed"
    assert "The run would end FAILED" in lines
    assert "Forbidden: no ec2:DescribeInstances" in lines


def test_the_tables_of_called_flows_follow_and_count(capsys: pytest.CaptureFixture[str]) -> None:
    changing = PlannedStep("ec2.stop_instances", "ec2.stop_instances", "run", 1, None, "", [result(["i-1"], "")])
    called = Plan("inner", "local", "arn:inner", "SUCCEEDED", "", "", [changing])
    plan = Plan("outer", "local", "arn:outer", "SUCCEEDED", "", "", [], [called])
    print_plan(plan)
    out = capsys.readouterr().out
    assert "inner, called by outer" in out
    assert "ec2.stop_instances: would change i-1\n" in out
    assert plan_as_json(plan)["called"][0]["steps"][0]["results"] == changing.results


CALLING = """
from nightshift import flow, for_each
from lambdas.parts import ec2


@flow
def stop_role(role: str = "web"):
    ec2.stop_instances(tag=f"Role={role}")


@flow
def all_roles():
    for_each(["web", "db"], lambda role: stop_role(role=role))
"""


def test_a_flow_called_in_for_each_is_run_with_its_arguments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "calling.py").write_text(CALLING)
    outer = next(flow for flow in compile_file(tmp_path / "calling.py") if flow.name == "all_roles")
    called = [
        Plan("stop_role", "local", f"arn:{role}", "SUCCEEDED", "", "", [], given={"role": role})
        for role in ("web", "db")
    ]
    (step,) = [s for s in planned_steps(outer, History(outer.name, outer.steps)) if s.name == "run stop_role"]
    assert step.would == "not run"
    told = with_called(step, called, outer)
    assert (told.would, told.calls) == ("run", 2)
    assert with_called(step, [], outer).would == "not run"
    whole = Plan("all_roles", "local", "arn", "SUCCEEDED", "", "", [told], called)
    print_plan(whole)
    out = capsys.readouterr().out
    assert "run stop_role (2 times)  run " in out
    assert 'stop_role(role="db"), called by all_roles' in out
    print_plan(whole, lambda text: text.replace("db", "db (db-1)"))
    assert 'stop_role(role="db (db-1)"), called by all_roles' in capsys.readouterr().out


def test_numbers_add_up_and_skips_say_why(capsys: pytest.CaptureFixture[str]) -> None:
    read = PlannedStep("read", "ec2.describe_instances", "run", 1, Counts(matched=3, skipped=1), "3 instances", [])
    skipping = PlannedStep("stop", "ec2.stop_instances", "run", 1, Counts(2, 1, 1), "", [result(["i-1"], "")])
    mail = PlannedStep("mail", "notify.email", "run", 1, Counts(matched=1, changed=1), "would mail", [])
    plan = Plan("tidy", "local", "arn", "SUCCEEDED", "", "", [read, skipping, mail])
    print_plan(plan, lambda text: text.replace("i-1", "i-1 (web-1)"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 resources would change, 2 be skipped, 0 fail; 2 are only read"
    assert any(line.endswith("3 instances; 2 are only read") for line in lines)
    assert "stop: would leave i-9 alone: it is stopped" in lines
    assert "stop: would change i-1 (web-1)" in lines
    (row,) = [line for line in lines if line.startswith("mail ")]
    assert row.split()[2:6] == ["-", "-", "-", "-"]


def test_a_handler_that_several_steps_lead_to_is_said_to_depend_on_any() -> None:
    (weekly,) = compile_file(FLOWS / "weekly_backup.py")
    steps = by_name(planned_steps(weekly, History(weekly.name, weekly.steps)))
    assert steps["notify.email"].says == "only if a step before it fails"
    assert "gate" not in steps


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["plan", "evening_stopp"], 1, "did you mean evening_stop?"),
        (["plan", "evening_stop", "-p", "tagg=A=b"], 1, "has no parameter tagg"),
        (["plan", "evening_stop"], 1, "nightshift up"),
        (["plan", "evening_stop", "--target", "moon"], 2, "'moon' is not one of 'local', 'aws'"),
        (["plan"], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli(*arguments, "--flow-defs", FLOWS)
    assert (done.code, done.out) == (code, "")
    assert message in done.err

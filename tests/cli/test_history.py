"""What a run did, told from history events as Step Functions writes them, and as MiniStack does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.runs.app_names import AppNames
from lambdas.runs.history import History, Step
from lambdas.runs.step_table import StepRow, StepTable, table_from_json, table_to_json
from lambdas.tracker.steps import step_data
from nightshift.cli.report import Report, as_json, doing, print_report
from tests.cli.flows import compiled

START = datetime(2026, 11, 24, 22, tzinfo=UTC)

LOOP = {
    "ec2.stop_instances": {"Type": "Task", "Next": "done?"},
    "done?": {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.done %}", "Next": "later"}],
        "Default": "poll again",
    },
    "poll again": {"Type": "Wait", "Seconds": "{% $states.input.wait %}", "Next": "ec2.stop_instances"},
    "later": {"Type": "Wait", "Seconds": 600, "Next": "each"},
    "each": {
        "Type": "Map",
        "ItemProcessor": {"StartAt": "notify.email", "States": {"notify.email": {"Type": "Task", "End": True}}},
        "End": True,
    },
}
FLOW = compiled(
    definition={"StartAt": "ec2.stop_instances", "States": LOOP},
    steps={
        "ec2.stop_instances": StepRow("part", calls="ec2.stop_instances", loop=("done?", "poll again")),
        "done?": StepRow("poll"),
        "poll again": StepRow("poll"),
        "later": StepRow("wait"),
        "each": StepRow("map"),
        "notify.email": StepRow("part", calls="notify.email"),
    },
)


class Events:
    """Feeds a history with events whose numbers and times count up."""

    def __init__(self, *, linked: bool = True, table: StepTable = FLOW.steps) -> None:
        self.history = History(FLOW.name, table)
        self.linked = linked
        self.count = 0
        self.waited = timedelta()

    def __call__(self, kind: str, details: dict[str, Any] | None = None, before: int | None = None) -> int:
        self.count += 1
        event: dict[str, Any] = {
            "id": self.count,
            "type": kind,
            "timestamp": START + self.waited + timedelta(seconds=self.count),
        }
        if self.linked:
            event["previousEventId"] = self.count - 1 if before is None else before
        if details is not None:
            event[f"{kind[0].lower()}{kind[1:]}EventDetails"] = details
        self.history.feed(event)
        return self.count

    def entered(self, name: str, kind: str = "Task", before: int | None = None) -> int:
        return self._state(f"{kind}StateEntered", "stateEnteredEventDetails", name, before)

    def left(self, name: str, kind: str = "Task", before: int | None = None) -> int:
        return self._state(f"{kind}StateExited", "stateExitedEventDetails", name, before)

    def _state(self, kind: str, key: str, name: str, before: int | None) -> int:
        self.count += 1
        event = {
            "id": self.count,
            "type": kind,
            "timestamp": START + self.waited + timedelta(seconds=self.count),
            key: {"name": name},
        }
        if self.linked:
            event["previousEventId"] = self.count - 1 if before is None else before
        self.history.feed(event)
        return self.count

    def replied(self, payload: dict[str, Any], before: int | None = None) -> int:
        asked = {"Payload": {"part": "ec2.stop_instances"}}
        scheduled = self("TaskScheduled", {"resource": "invoke", "parameters": json.dumps(asked)}, before)
        return self("TaskSucceeded", {"output": json.dumps({"Payload": payload})}, scheduled)

    def step(self, label: str) -> Step:
        (found,) = [s for s in self.history.steps if s.label == label]
        return found


PENDING = {"done": False, "state": {"waiting_for": "i-1 to stop"}, "wait": 10}
STOPPED = {"done": True, "result": {"summary": "1 stopped", "changed": ["i-1"]}}


def test_a_wait_loop_is_one_step_from_the_first_look_to_the_last() -> None:
    events = Events()
    events("ExecutionStarted", {"input": "{}"})
    entered = events.entered("ec2.stop_instances")
    events.replied(PENDING)
    assert events.step("ec2.stop_instances").state == "waiting"
    assert (events.step("ec2.stop_instances").wait, events.step("ec2.stop_instances").waiting_for) == (
        10,
        "i-1 to stop",
    )
    events.left("ec2.stop_instances")
    events.entered("done?", "Choice")
    events.left("done?", "Choice")
    events.entered("poll again", "Wait")
    events.left("poll again", "Wait")
    events.entered("ec2.stop_instances")
    events.replied(STOPPED)
    left = events.left("ec2.stop_instances")
    events("ExecutionSucceeded", {"output": '"fine"'})
    (step,) = events.history.steps
    assert (step.state, step.looks, step.result) == ("succeeded", 2, STOPPED["result"])
    assert step.ended is not None
    assert (step.ended - step.started).seconds == left - entered
    assert (events.history.status, events.history.output) == ("SUCCEEDED", "fine")


def test_the_items_of_a_distributed_map_are_told_from_their_own_histories() -> None:
    run = Events()
    run("ExecutionStarted", {"input": "{}"})
    run.entered("each", "Map")
    run("MapRunStarted", {"mapRunArn": "arn:aws:states:eu-west-1:1:mapRun:nightshift-f/items:5"})
    run.left("each", "Map")
    run("ExecutionSucceeded", {"output": "[]"})
    (each,) = run.history.steps
    assert each.map_run.endswith(":mapRun:nightshift-f/items:5")
    failure = {"error": "PartFailed", "cause": "said so"}
    for index, ending in enumerate(
        (("TaskSucceeded", {"output": json.dumps({"Payload": STOPPED})}), ("TaskFailed", failure))
    ):
        state = {"stateEnteredEventDetails": {"name": "notify.email"}}
        told: list[dict[str, Any]] = [
            {"type": "ExecutionStarted", "executionStartedEventDetails": {"input": "{}"}},
            {"type": "TaskStateEntered", **state},
            {"type": "TaskScheduled", "taskScheduledEventDetails": {"parameters": "{}"}},
            {"type": ending[0], f"{ending[0][0].lower()}{ending[0][1:]}EventDetails": ending[1]},
            {"type": "ExecutionSucceeded" if index == 0 else "ExecutionFailed"},
        ]
        numbered = [{"id": n, "previousEventId": n - 1, "timestamp": START, **event} for n, event in enumerate(told, 1)]
        run.history.add_item(each, index, numbered)
    first, second = run.history.steps[1:]
    assert (first.label, first.result) == ("notify.email[0]", STOPPED["result"])
    assert (second.label, second.state, second.error) == ("notify.email[1]", "failed", "PartFailed")
    assert (each.state, run.history.status) == ("succeeded", "SUCCEEDED")


def test_a_wait_is_told_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside it stand times of the clock."""
    step = Step("stop", "Task", "ec2.stop_instances", (), START, state="waiting", wait=30)
    assert step_data(step)["wait"] == 30
    assert doing(step, speed=60) == "waiting, next poll in 0.5 s"
    monkeypatch.setenv("NIGHTSHIFT_SPEED", "60")
    assert step_data(step)["wait"] == 0.5


def test_the_runs_that_a_step_started_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    events = Events()
    child = "arn:aws:states:ap-northeast-1:123456789012:execution:nightshift-tidy:42"
    for name in ("run tidy", "later"):
        events.entered(name)
        for kind in ("TaskSubmitted", "TaskSucceeded"):
            events(kind, {"output": json.dumps({"ExecutionArn": child} if name == "run tidy" else {"other": 1})})
        events.left(name)
    assert [step.called for step in events.history.steps] == [[child], []]
    report = Report.of_history(events.history, "arn", dry_run=False)
    assert [step["called"] for step in as_json(report)["steps"]] == [[child], []]
    print_report(report, str, AppNames())
    assert "run tidy: ran tidy/42" in capsys.readouterr().out.splitlines()


def test_what_was_done_in_each_account_and_region_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    events = Events()
    events.entered("ec2.stop_instances")
    events.replied(STOPPED)
    events.left("ec2.stop_instances")
    (step,) = events.history.steps
    failed = [{"id": "i-1", "error": "Busy", "message": "later"}]
    places = [
        {"account": f"{n:012}", "region": "eu-west-1", "summary": f"a{n} ({n:012}), eu-west-1: 1 stopped"}
        for n in range(22)
    ]
    step.result, step.inside = None, [*places[:-1], {**places[-1], "failed": failed}]
    print_report(Report.of_history(events.history, "arn", dry_run=False), str, AppNames())
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ec2.stop_instances:")]
    assert told[0] == "ec2.stop_instances: a21 (000000000021), eu-west-1: 1 stopped"
    assert (len(told), told[20]) == (21, "ec2.stop_instances: and 2 more accounts and Regions")


def test_a_wait_the_author_wrote_is_a_step_of_its_own() -> None:
    events = Events()
    events.entered("later", "Wait")
    assert [(s.label, s.state) for s in events.history.steps] == [("later", "waiting")]
    events.left("later", "Wait")
    assert events.step("later").state == "succeeded"


def test_a_part_called_again_in_a_loop_of_the_flow_is_another_step() -> None:
    events = Events()
    for _ in range(2):
        events.entered("ec2.stop_instances")
        events.replied(STOPPED)
        events.left("ec2.stop_instances")
    assert [s.state for s in events.history.steps] == ["succeeded", "succeeded"]


def test_an_error_that_is_retried_caught_or_fatal_is_told_apart() -> None:
    events = Events()
    cause = json.dumps({"errorType": "PartFailed", "errorMessage": "i-1: InvalidState", "stackTrace": ["..."]})
    events.entered("ec2.stop_instances")
    events("TaskScheduled", {"resource": "invoke"})
    events("TaskFailed", {"error": "Throttled", "cause": "slow down"})
    step = events.step("ec2.stop_instances")
    assert (step.error, step.open) == ("Throttled", True)
    events.replied(STOPPED)
    events.left("ec2.stop_instances")
    assert (step.state, step.retries, step.error) == ("succeeded", 1, "")

    events.entered("ec2.stop_instances")
    events("TaskScheduled", {"resource": "invoke"})
    events("TaskFailed", {"error": "PartFailed", "cause": cause})
    events.left("ec2.stop_instances")
    caught = events.history.steps[-1]
    assert (caught.state, caught.error, caught.cause) == ("handled", "PartFailed", "i-1: InvalidState")

    events.entered("ec2.stop_instances")
    events("TaskScheduled", {"resource": "invoke"})
    events("TaskFailed", {"error": "PartFailed", "cause": cause})
    events("ExecutionFailed", {"error": "PartFailed", "cause": cause})
    assert events.history.steps[-1].state == "failed"
    assert (events.history.status, events.history.cause) == ("FAILED", "i-1: InvalidState")


def test_a_redriven_run_goes_on_with_the_step_that_failed() -> None:
    event = Events()
    event("ExecutionStarted", {"input": "{}"}, before=0)
    event.entered("ec2.stop_instances")
    scheduled = event("TaskScheduled", {})
    event("TaskFailed", {"error": "Denied", "cause": "not allowed"}, before=scheduled)
    event("ExecutionFailed", {"error": "Denied", "cause": "not allowed"})
    (step,) = event.history.steps
    assert (step.state, event.history.status) == ("failed", "FAILED")
    event.waited = timedelta(minutes=70)
    # The task is scheduled anew, but its state, which was never left, is not entered anew.
    event("ExecutionRedriven", {"redriveCount": 1})
    assert (step.state, step.ended, event.history.status) == ("running", None, "RUNNING")
    event.replied({"done": True, "result": {"matched": []}})
    event.left("ec2.stop_instances")
    event("ExecutionSucceeded", {"output": "null"})
    assert event.history.steps == [step]
    assert (step.state, step.error, step.retries, step.result) == ("succeeded", "", 1, {"matched": []})
    # The time in between is nobody's work.
    idle = timedelta(minutes=70, seconds=1)
    assert (event.history.idle, step.idle) == (idle, idle)
    assert step_data(step)["duration"] == event.count - 4
    report = Report.of_history(event.history, "arn", dry_run=False)
    assert report.took == timedelta(seconds=event.count - 2)


def test_items_of_a_map_side_by_side_are_told_apart() -> None:
    events = Events()
    events.entered("each", "Map")
    opened = events("MapStateStarted", {"length": 2})
    first = events("MapIterationStarted", {"name": "each", "index": 0}, opened)
    second = events("MapIterationStarted", {"name": "each", "index": 1}, opened)
    first = events.entered("notify.email", before=first)
    second = events.entered("notify.email", before=second)
    second = events.replied({"done": True, "result": {"summary": "second"}}, second)
    first = events("TaskScheduled", {"resource": "invoke"}, first)
    first = events("TaskFailed", {"error": "PartFailed", "cause": "no"}, first)
    second = events.left("notify.email", before=second)
    second = events("MapIterationSucceeded", {"name": "each", "index": 1}, second)
    assert events.step("notify.email[1]").result == {"summary": "second"}
    assert events.step("notify.email[0]").error == "PartFailed"
    assert events.step("notify.email[0]").open
    assert events.step("each").items == (1, 2)
    events("MapStateFailed", before=first)
    events("ExecutionFailed", {"error": "PartFailed", "cause": "no"})
    assert events.step("each").state == "failed"


def test_after_a_map_the_steps_belong_to_no_item() -> None:
    events = Events()
    events.entered("each", "Map")
    events("MapStateStarted", {"length": 1})
    events("MapIterationStarted", {"name": "each", "index": 0})
    events.entered("notify.email")
    events.replied({"done": True, "result": {"summary": "sent"}})
    events.left("notify.email")
    events("MapIterationSucceeded", {"name": "each", "index": 0})
    events("MapStateSucceeded")
    events.left("each", "Map")
    events.entered("later", "Wait")
    assert [(s.label, s.state) for s in events.history.steps] == [
        ("each", "succeeded"),
        ("notify.email[0]", "succeeded"),
        ("later", "waiting"),
    ]


def test_without_links_between_events_a_branch_shows_the_replies_it_had() -> None:
    events = Events(linked=False)
    events.entered("each", "Map")
    events.replied({"done": True, "result": {"summary": "first"}})
    events.replied({"done": True, "result": {"summary": "second"}})
    events.left("each", "Map")
    (step,) = events.history.steps
    assert [result["summary"] for result in step.inside] == ["first", "second"]


def test_a_run_of_an_older_definition_is_told_by_its_events() -> None:
    events = Events(table={})
    events.entered("stop them")
    events.replied(PENDING)
    events.left("stop them")
    events.entered("stop them: done?", "Choice")
    events.left("stop them: done?", "Choice")
    events.entered("stop them: wait", "Wait")
    events.left("stop them: wait", "Wait")
    events.entered("stop them")
    events.replied(STOPPED)
    events.left("stop them")
    events.entered("a sleep of the flow", "Wait")
    assert [(s.label, s.part, s.state, s.looks) for s in events.history.steps] == [
        ("stop them", "ec2.stop_instances", "succeeded", 2),
        ("a sleep of the flow", "", "waiting", 0),
    ]


def test_the_table_survives_the_catalogue() -> None:
    assert table_from_json(json.loads(json.dumps(table_to_json(FLOW.steps)))) == FLOW.steps

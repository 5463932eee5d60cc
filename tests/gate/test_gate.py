"""The gate's function on moto: the table and the executions of Step Functions, and what it answers to whom."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.models import stepfunctions_backends

from lambdas.calendar.business_days import BusinessCalendar, DayRule
from lambdas.contract.errors import InvalidParameter
from lambdas.gate import handler as gate
from lambdas.gate import holds
from lambdas.gate.decision import PATIENCE, Rules
from lambdas.gate.overlap import Overlap
from lambdas.store.table import table as app_table

NIGHT = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
"""23:30 in Tokyo."""

CALENDAR = BusinessCalendar("JP", 2026, 2026, holidays={date(2026, 11, 23): "Labor Thanksgiving Day"})
RULES = {
    "skips": Rules("skip", "Asia/Tokyo"),
    "queues": Rules("queue", "Asia/Tokyo"),
    "allows": Rules("allow", "Asia/Tokyo"),
    "business": Rules("skip", "Asia/Tokyo", DayRule(calendar=CALENDAR, only="business days")),
}


class App:
    """Runs that ask the gate. now: the clock of the gate, seconds since the epoch."""

    def __init__(self, table: Any, log: io.StringIO) -> None:
        self.table = table
        self.log = log
        self.step_functions = boto3.client("stepfunctions")
        self.now = NIGHT.timestamp()
        self.started: set[str] = set()
        for flow in RULES:
            definition = json.dumps(
                {"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 9, "End": True}}}
            )
            role = "arn:aws:iam::123456789012:role/flow"
            self.step_functions.create_state_machine(name=f"nightshift-{flow}", definition=definition, roleArn=role)

    def start(self, flow: str, name: str) -> str:
        """Start an execution; its ARN. The same name again is the same execution."""
        machine = f"arn:aws:states:ap-northeast-1:123456789012:stateMachine:nightshift-{flow}"
        started = self.step_functions.start_execution(stateMachineArn=machine, name=name, input="{}")
        arn = str(started["executionArn"])
        if arn not in self.started:
            # By the clock of the test: moto's is that of the wall, and the gate looks at who started earlier.
            execution = stepfunctions_backends["123456789012"]["ap-northeast-1"].describe_execution(arn)
            execution.start_date = datetime.fromtimestamp(self.now, UTC)
            self.started.add(arn)
        return arn

    def ask(
        self, flow: str, name: str, due: datetime = NIGHT, *, kind: str = "schedule", state: Any = None, by: str = ""
    ) -> dict[str, Any]:
        """What a run is told."""
        machine = f"arn:aws:states:ap-northeast-1:123456789012:execution:nightshift-{flow}:{name}"
        trigger = (
            {"type": kind, "scheduled_time": f"{due:%Y-%m-%dT%H:%M:%SZ}"} if kind == "schedule" else {"type": kind}
        )
        if by:
            trigger["schedule"] = f"arn:aws:scheduler:ap-northeast-1:123456789012:schedule/nightshift/{by}"
        run = {"id": machine, "flow": flow, "step": "gate", "call": 1, "item": None, "dry_run": False}
        started = datetime.fromtimestamp(self.now, UTC).isoformat()
        event = {"trigger": trigger, "state": state, "run": {**run, "started": started}}
        return gate.handler(json.loads(json.dumps(event)), SimpleNamespace())

    def comes(self, flow: str, name: str, due: datetime = NIGHT, **how: Any) -> dict[str, Any]:
        """A run starts and asks."""
        self.start(flow, name)
        return self.ask(flow, name, due, **how)

    def ends(self, flow: str, name: str) -> None:
        """A run is stopped."""
        arn = f"arn:aws:states:ap-northeast-1:123456789012:execution:nightshift-{flow}:{name}"
        self.step_functions.stop_execution(executionArn=arn)

    def logged(self) -> list[dict[str, Any]]:
        """The lines of the log and the metrics."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@pytest.fixture
def app(
    table: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[App]:
    """The gate as it is deployed, with the rules of four flows."""
    (tmp_path / gate.RULES_FILE).write_text(json.dumps({flow: rules.to_json() for flow, rules in RULES.items()}))
    monkeypatch.setattr(gate, "__file__", str(tmp_path / "lambdas" / "gate" / "handler.py"))
    log = io.StringIO()
    monkeypatch.setattr(gate.logger.registered_handler, "stream", log)
    for cached in (app_table, gate._step_functions, gate._rules):
        cached.cache_clear()
    made = App(table, log)
    monkeypatch.setattr("lambdas.gate.handler.time.time", lambda: made.now)
    yield made
    for cached in (app_table, gate._step_functions, gate._rules):
        cached.cache_clear()


def runs(reply: dict[str, Any]) -> bool:
    """Whether a run was let through."""
    return bool(reply["done"] and reply["result"]["run"])


def why_not(reply: dict[str, Any]) -> str:
    """Why a run was skipped."""
    assert reply["done"], reply
    assert not reply["result"]["run"]
    return str(reply["result"]["reason"])


def test_a_run_that_nothing_keeps_back_goes_on(app: App) -> None:
    assert app.comes("skips", "a") == {"done": True, "result": {"run": True, "reason": "", "kind": ""}}


def test_a_hold_keeps_back_what_is_due_before_its_end(app: App) -> None:
    end = NIGHT + timedelta(minutes=30)
    holds.hold(app.table, "skips", by="arn:aws:iam::1:user/alice", why="inventory", until=end, now=NIGHT)
    assert why_not(app.comes("skips", "a")) == "held until 2026-11-25 00:00 JST by alice: inventory"
    assert why_not(app.comes("skips", "b", kind="alarm")).startswith("held until")
    assert runs(app.comes("skips", "c", end))
    assert runs(app.comes("queues", "d")), "another flow"


def test_a_freeze_keeps_back_every_flow_but_those_left_out(app: App) -> None:
    end = NIGHT + timedelta(minutes=30)
    holds.freeze(app.table, by="alice", why="closing", until=end, exempt=["queues"], now=NIGHT)
    assert why_not(app.comes("skips", "a")) == "held with all flows until 2026-11-25 00:00 JST by alice: closing"
    assert why_not(app.comes("allows", "b", kind="alarm")).startswith("held with all flows")
    assert runs(app.comes("allows", "c", kind="manual"))
    assert runs(app.comes("queues", "d")), "left out"
    assert runs(app.comes("allows", "e", end))


def test_a_start_that_is_late_belongs_to_the_moment_it_was_due(app: App) -> None:
    end = NIGHT + timedelta(minutes=30)
    holds.hold(app.table, "business", by="alice", why="inventory", until=end, now=NIGHT)
    app.now = (end + timedelta(minutes=40)).timestamp()
    assert why_not(app.comes("business", "a")).startswith("held until")
    saturday = datetime(2026, 11, 28, 14, 59, tzinfo=UTC)
    app.now = (saturday + timedelta(days=2)).timestamp()
    assert "a Saturday" in why_not(app.comes("business", "b", saturday))
    friday = datetime(2026, 11, 27, 14, 59, tzinfo=UTC)
    app.now = (friday + timedelta(minutes=2)).timestamp()
    assert runs(app.comes("business", "c", friday)), "Friday in Tokyo, delivered on Saturday"


def test_days_of_the_calendar_are_those_of_the_zone_of_the_flow(app: App) -> None:
    in_tokyo_the_23rd = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    assert "Labor Thanksgiving Day" in why_not(app.comes("business", "a", in_tokyo_the_23rd))
    in_tokyo_the_24th = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    assert runs(app.comes("business", "b", in_tokyo_the_24th))


def test_of_several_reasons_the_first_is_told_and_no_skip_is_used_up(app: App) -> None:
    holiday = datetime(2026, 11, 23, 3, tzinfo=UTC)
    before = holiday - timedelta(days=1)
    holds.skip_next(app.table, "business", by="bob", now=before)
    holds.hold(app.table, "business", by="alice", why="inventory", now=before)
    assert why_not(app.comes("business", "a", holiday)) == "held by alice: inventory"
    holds.release(app.table, "business", by="alice", now=before)
    assert "Labor Thanksgiving Day" in why_not(app.comes("business", "b", holiday))
    app.comes("business", "under-way", kind="manual")
    assert why_not(app.comes("business", "c")) == "skipped once by bob"
    late = app.comes("business", "d", NIGHT + timedelta(days=1))
    assert (why_not(late), late["result"]["kind"]) == ("the run under-way is under way", "overlap")
    app.ends("business", "under-way")
    assert runs(app.comes("business", "e", NIGHT + timedelta(days=1)))


def test_a_skip_is_one_start_by_the_schedule_that_was_due_after_it(app: App) -> None:
    holds.skip_next(app.table, "allows", by="alice", why="done by hand", now=NIGHT)
    assert runs(app.comes("allows", "late", NIGHT - timedelta(minutes=10)))
    assert runs(app.comes("allows", "alarm", kind="alarm"))
    assert why_not(app.comes("allows", "a", NIGHT + timedelta(days=1))) == "skipped once by alice: done by hand"
    assert runs(app.comes("allows", "b", NIGHT + timedelta(days=2)))


def test_an_answer_that_was_lost_is_given_again(app: App) -> None:
    """Step Functions asks again when it did not get the answer; a skip is still used once."""
    due = NIGHT + timedelta(days=1)
    holds.skip_next(app.table, "skips", by="alice", now=NIGHT)
    assert why_not(app.comes("skips", "a", due)) == why_not(app.ask("skips", "a", due)) == "skipped once by alice"
    assert runs(app.comes("skips", "b", due + timedelta(days=1)))
    assert runs(app.ask("skips", "b", due + timedelta(days=1)))


def test_a_start_that_is_delivered_twice_is_one_run(app: App) -> None:
    """Scheduler's id of the invocation is the name of the execution, so the second start is the first again."""
    assert app.start("skips", "8f1c") == app.start("skips", "8f1c")
    assert runs(app.ask("skips", "8f1c"))
    assert runs(app.ask("skips", "8f1c"))
    assert why_not(app.comes("skips", "another", NIGHT + timedelta(days=1))) == "the run 8f1c is under way"


@pytest.mark.parametrize("flow", ["skips", "queues", "allows"])
def test_one_due_time_is_one_run_whatever_the_names_of_its_deliveries(app: App, flow: Overlap) -> None:
    """Scheduler's execution id may differ between two deliveries of one due time."""
    assert runs(app.comes(flow, "first", by="nightly"))
    told = "the run first was started for the same due time"
    assert why_not(app.comes(flow, "second", by="nightly")) == told
    app.ends(flow, "first")
    app.now += 3600
    assert why_not(app.comes(flow, "third", by="nightly")) == told, "also when the first has ended"
    assert runs(app.ask(flow, "first", by="nightly")), "a redrive of the first is no duplicate of itself"
    app.ends(flow, "first")
    assert runs(app.comes(flow, "another", by="nightly_2")), "another schedule of the flow, due at the same time"
    app.ends(flow, "another")
    assert runs(app.comes(flow, "next", NIGHT + timedelta(days=1), by="nightly"))
    assert [line["kind"] for line in app.logged() if "kind" in line] == ["duplicate"] * 2


@pytest.mark.parametrize(("flow", "told"), [("skips", False), ("queues", None), ("allows", True)])
def test_a_start_while_a_run_is_under_way(app: App, flow: Overlap, told: bool | None) -> None:
    assert runs(app.comes(flow, "a"))
    reply = app.comes(flow, "b", NIGHT + timedelta(days=1))
    assert (reply["result"]["run"] if reply["done"] else None) == told
    app.ends(flow, "a")
    if told is None:
        assert reply["wait"] == 5
        assert reply["state"]["waiting_for"] == "the run a to end"
        assert runs(app.ask(flow, "b", NIGHT + timedelta(days=1), state=reply["state"]))
    else:
        assert runs(app.comes(flow, "c", NIGHT + timedelta(days=2)))


def test_the_polls_of_a_run_that_waits_become_rarer(app: App) -> None:
    app.comes("queues", "a")
    reply = app.comes("queues", "b")
    polls = 0
    while app.now < (NIGHT + timedelta(days=1)).timestamp():
        app.now += reply["wait"]
        reply = app.ask("queues", "b", state=reply["state"])
        polls += 1
    assert reply["wait"] == 300
    # Each poll is some nine events of a history of 25,000; a week of waiting fits.
    assert polls < 350
    assert runs(app.ask("queues", "b", state=reply["state"])) is False


@pytest.mark.parametrize("kind", ["manual", "flow"])
def test_who_starts_by_hand_is_never_held_back_but_counts(app: App, kind: str) -> None:
    holds.hold(app.table, "skips", by="alice", why="inventory", now=NIGHT)
    holds.skip_next(app.table, "skips", by="alice", now=NIGHT)
    assert runs(app.comes("skips", "a", kind=kind))
    assert runs(app.comes("skips", "b", kind=kind)), "beside the other"
    holds.release(app.table, "skips", by="alice", now=NIGHT)
    due = NIGHT + timedelta(days=1)
    assert why_not(app.comes("skips", "c", due)) == "skipped once by alice"
    assert why_not(app.comes("skips", "d", due + timedelta(days=1))) == "the run a is under way"


def test_a_flow_that_the_gate_was_not_deployed_for_is_refused(app: App) -> None:
    with pytest.raises(InvalidParameter, match="knows no flow other; deploy the app again"):
        app.ask("other", "a")


def test_a_day_the_calendar_does_not_know_is_one_to_run_on_and_somebody_is_told(
    app: App, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runs(app.comes("business", "a", datetime(2027, 1, 5, 3, tzinfo=UTC)))
    assert any(line["level"] == "ERROR" and "2027" in line["message"] for line in app.logged())
    assert [m for m in metrics(capsys) if "GateFailures" in m] == [
        {"GateFailures": [1.0], "service": "nightshift.gate"}
    ]


def test_what_keeps_a_run_back_is_logged_and_counted(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    holds.hold(app.table, "skips", by="alice", why="inventory", now=NIGHT)
    app.comes("skips", "a")
    (line,) = app.logged()
    assert line["message"] == "skipped: held by alice: inventory"
    assert (line["flow"], line["kind"], line["due"]) == ("skips", "hold", NIGHT.isoformat())
    assert metrics(capsys) == [{"RunsSkipped": [1.0], "service": "nightshift.gate", "flow": "skips", "kind": "hold"}]


def metrics(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The metrics that were written since they were last read, in the embedded metric format."""
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [{name: value for name, value in entry.items() if name not in ("_aws", "timestamp")} for entry in found]


class Broken:
    """A table that does not answer."""

    def __getattr__(self, name: str) -> Any:
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, name)


def test_a_table_that_does_not_answer_is_waited_for_and_then_done_without(
    app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runs(app.comes("skips", "first"))
    monkeypatch.setattr(gate, "table", Broken)
    reply = app.comes("skips", "second")
    began = app.now
    while not reply["done"]:
        assert "the table of holds to answer" in reply["state"]["waiting_for"]
        app.now += reply["wait"]
        reply = app.ask("skips", "second", state=reply["state"])
    assert PATIENCE <= app.now - began < PATIENCE + 100
    assert why_not(reply) == "the run first is under way"
    assert any("GateFailures" in entry for entry in metrics(capsys))
    app.ends("skips", "first")
    assert runs(app.ask("skips", "second", state={"failing_since": began}))
    assert runs(app.comes("skips", "by-hand", kind="manual")), "nobody waits whom the table would not keep back"
    assert "Labor" in why_not(
        app.comes("business", "c", datetime(2026, 11, 23, 3, tzinfo=UTC), state={"failing_since": began})
    )

"""The suppression window: of many messages about one thing, one starts a run."""

from __future__ import annotations

import io
import json
from typing import Any

import boto3
import pytest

from lambdas.alarms import receiver, suppression
from tests.alarms.messages import ACCOUNT, MESSAGE, REGION, deliver, runs

CALM = f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-calm"
CALM_REPORT = f"arn:aws:sns:{REGION}:{ACCOUNT}:nightshift-alarm-calm_report"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The receiver's clock: its only entry is the time."""
    now = [1_795_500_000.5]
    monkeypatch.setattr("lambdas.alarms.receiver.time.time", lambda: now[0])
    return now


def change(minute: int, instance: str = "i-0123456789abcdef0", **more: str) -> dict[str, Any]:
    """A change of state of an instance's alarm."""
    trigger = {**MESSAGE["Trigger"], "Dimensions": [{"name": "InstanceId", "value": instance}]}
    changed = {"StateChangeTime": f"2026-11-24T01:{minute:02}:00.000+0000", "Trigger": trigger}
    return {**MESSAGE, "AlarmArn": f"{MESSAGE['AlarmArn']} {instance}", **changed, **more}


def test_a_storm_starts_one_run_in_the_window_for_each_instance(
    step_functions: Any, clock: list[float], log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    for minute in range(10):
        for instance in ("i-0123456789abcdef0", "i-0123456789abcdef1"):
            deliver(change(minute, instance), CALM)
    assert len(runs(step_functions)) == 2
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sum("AlarmMessagesHeldBack" in metric for metric in counted) == 18
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    held = [line for line in lines if line["message"].startswith("held back: ")]
    assert len(held) == 18
    assert "at most one run of recover_instance per 900 s for instance_id=i-0123456789abcdef0" in held[0]["message"]
    assert held[0]["last_run"] in {run["name"] for run in runs(step_functions)}
    clock[0] += 900
    deliver(change(59), CALM)
    assert len(runs(step_functions)) == 3


def test_a_message_that_was_let_through_is_let_through_again(step_functions: Any, clock: list[float]) -> None:
    first = deliver(change(0), CALM)
    assert deliver(change(1), CALM) == []
    assert deliver(change(0), CALM) == first
    clock[0] += 901
    second = deliver(change(2), CALM)
    assert len(second) == 1
    assert deliver(change(0), CALM) == first
    assert len(runs(step_functions)) == 2


def test_a_message_that_was_held_back_stays_held_back(
    step_functions: Any, clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(change(0), CALM)
    assert deliver(change(1), CALM) == []
    clock[0] += 901
    assert deliver(change(1), CALM) == []
    assert capsys.readouterr().out.count('"AlarmMessagesHeldBack":[1.0]') == 1
    assert len(runs(step_functions)) == 1


def test_a_crash_before_the_start_loses_no_run(
    step_functions: Any, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any) -> str:
        """The worker dies after the decision."""
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(receiver, "_start", crash)
        with pytest.raises(SystemExit):
            deliver(change(0), CALM)
    assert runs(step_functions) == []
    assert deliver(change(1), CALM) == []
    assert len(deliver(change(0), CALM)) == 1
    assert len(runs(step_functions)) == 1


def test_without_parameters_the_window_is_the_alarms_own_and_that_of_each_state(
    step_functions: Any, clock: list[float]
) -> None:
    assert len(deliver(change(0), CALM_REPORT)) == 1
    assert deliver(change(1), CALM_REPORT) == []
    assert len(deliver(change(2, NewStateValue="OK"), CALM_REPORT)) == 1
    assert len(deliver(change(3, AlarmArn=MESSAGE["AlarmArn"] + "2"), CALM_REPORT)) == 1


def test_what_is_remembered_of_a_storm_goes_by_itself(step_functions: Any, clock: list[float]) -> None:
    deliver(change(0), CALM)
    deliver(change(1), CALM)
    items = boto3.resource("dynamodb", REGION).Table("nightshift").scan()["Items"]
    assert {item["pk"] for item in items} == {"STORM#recover_instance"}
    kept = {item["sk"].partition("#")[0]: int(item["expires"]) - int(clock[0]) for item in items}
    assert kept == {"LAST": 900, "MESSAGE": 30 * 86400}


@pytest.mark.parametrize(("other", "start"), [("run-2", False), ("run-1", True)], ids=["another", "the same"])
def test_of_two_messages_at_the_same_moment_one_decides(
    step_functions: Any, clock: list[float], monkeypatch: pytest.MonkeyPatch, other: str, start: bool
) -> None:
    take, waiting = suppression._take, [other]

    def overtaken(*request: Any) -> bool:
        """Another delivery is decided between our poll and our write."""
        if waiting:
            suppression.decide("recover_instance", "i-1", waiting.pop(), 900, clock[0])
        return take(*request)

    monkeypatch.setattr(suppression, "_take", overtaken)
    decision = suppression.decide("recover_instance", "i-1", "run-1", 900, clock[0])
    assert decision.start is start
    assert decision.last_run == ("" if start else "run-2")

"""for_each within guard rails on instances: what is not touched after failures, while an alarm is on, and in a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.parts.cloudwatch.test_describe_alarms import put_alarm
from tests.parts.driver import Fault, TestAws, client
from tests.parts.flow_files import ends

ALARM = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors"
FLOW = """
from lambdas.parts import ec2
from nightshift import flow, for_each


@flow
def waves():
    found = ec2.describe_instances(tag="Role=web")
    return for_each(sorted(found.matched), one, at_most=2, {rails}).summary


def one(instance: str) -> None:
    ec2.stop_instances(instance_id=instance)
"""


def written(folder: Path, rails: str) -> Path:
    file = folder / "waves.py"
    file.write_text(FLOW.format(rails=rails))
    return file


def stopped(states: Any) -> set[str]:
    return {i for i, state in states().items() if state == "stopped"}


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("how", ["cpython", "compiled"])
def test_no_instance_of_a_further_wave_is_touched(
    aws: TestAws, launch: Any, states: Any, tmp_path: Path, how: str, dry_run: bool
) -> None:
    ids = sorted(launch(6, Role="web"))

    def do(params: dict[str, Any]) -> tuple[int, str, str] | None:
        return (400, "OperationNotPermitted", "it is protected") if params["InstanceIds"] == [ids[1]] else None

    aws.faults["StopInstances"] = Fault(do)
    error, cause = ends(how, aws, written(tmp_path, "max_failures=0"), dry_run=dry_run)
    assert error == "FanOutStopped"
    assert cause.startswith(
        "1 of 6 failed, and max_failures is 0: 1 of 6 done, 1 failed, 4 not started; first PartFailed"
    )
    assert cause.endswith(f"not started: {', '.join(ids[2:])}")
    assert stopped(states) == (set() if dry_run else {ids[0]})
    assert {i for call in aws.made("StopInstances") for i in call["InstanceIds"]} == set(ids[:2])


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("how", ["cpython", "compiled"])
def test_an_alarm_is_looked_at_between_waves(
    aws: TestAws, launch: Any, states: Any, tmp_path: Path, how: str, dry_run: bool
) -> None:
    ids = sorted(launch(6, Role="web"))
    put_alarm(client("cloudwatch"), "errors", "OK")

    def after(params: dict[str, Any], answer: dict[str, Any]) -> None:
        client("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")

    aws.faults["StopInstances"] = Fault(after=after)
    if dry_run:
        client("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    error, cause = ends(how, aws, written(tmp_path, f'stop_on_alarm="{ALARM}"'), dry_run=dry_run)
    assert error == "FanOutStopped"
    assert cause.startswith(f"the alarm {ALARM} is in ALARM: {0 if dry_run else 2} of 6 done, 0 failed")
    assert stopped(states) == (set() if dry_run else set(ids[:2]))

"""A run that waits over a deployment: states that earlier code has left are read on, and the run ends as it would have.

tests/parts/recorded_states holds, for a scenario, every reply of the code of a release that asked for another
invocation, and the calls it had made until then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lambdas.contract.errors import NightshiftError
from lambdas.contract.part import Part
from lambdas.parts import find_part
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario, scenarios
from tests.parts.driver import RUN

FOLDER = Path(__file__).parents[1] / "parts/recorded_states"
PENDING = 300
CLIENTS = {"elastic-load-balancing": "elb", "elastic-load-balancing-v2": "elbv2"}
"""Service as requests name it -> as clients do."""


def recorded() -> Iterator[Any]:
    """Each waiting state of each recording."""
    for file in sorted(FOLDER.glob("*.json")):
        recording = json.loads(file.read_text(encoding="utf-8"))
        for position, reply in enumerate(recording["replies"], 1):
            yield pytest.param(recording, reply, id=f"{file.stem}-{position}")


@pytest.mark.parametrize(("recording", "reply"), list(recorded()))
def test_a_state_of_earlier_code_is_read_on(recording: dict[str, Any], reply: dict[str, Any], aws: FaultyAws) -> None:
    part = find_part(recording["part"])
    state = prepare(recording, reply, aws)
    ended = drive_on(part, aws, recording["params"], state)
    if "error" in recording:
        assert ended == recording["error"]
    else:
        for name in ("matched", "changed", "skipped", "failed", "summary"):
            assert ended[name] == recording["result"][name], name


def prepare(recording: dict[str, Any], reply: dict[str, Any], aws: FaultyAws) -> Any:
    """Make the world as the earlier code left it at this reply; returns the state.

    All its calls are made again, also the reads: each draws on moto's random ids, which are the same in each run.
    """
    aws.start()
    params = scenario(recording).begin(aws)
    assert json.loads(json.dumps(params)) == recording["params"], "the scenario is not the recorded one any more"
    commands: dict[str, str] = {}
    for after, service, region, operation, given, *command in recording["calls"][: reply["calls"]]:
        aws.clock = recording["begin"] + after
        client = aws.client(CLIENTS.get(service, service), region=region)
        try:
            answer = client._make_api_call(operation, replaced(given, commands))
        except ClientError:
            # As AWS refused it then.
            continue
        if command:
            commands[command[0]] = answer["Command"]["CommandId"]
    aws.clock = recording["begin"] + reply["after"] + reply["wait"]
    return replaced(reply["state"], commands)


def replaced(value: Any, names: dict[str, str]) -> Any:
    """JSON with other ids in it."""
    text = json.dumps(value)
    for old, new in names.items():
        text = text.replace(old, new)
    return json.loads(text)


def drive_on(part: Part[..., Any], aws: FaultyAws, params: dict[str, Any], state: Any) -> Any:
    """Invoke from this state until it is done: the result, or the name of the error."""
    for _ in range(PENDING):
        try:
            answer = json.loads(json.dumps(part.invoke(aws, RUN, params, state)))
        except NightshiftError as error:
            return type(error).__name__
        if answer["done"]:
            return answer["result"]
        state = answer["state"]
        aws.clock += answer["wait"]
    raise AssertionError(f"not done after {PENDING} invocations")


def scenario(recording: dict[str, Any]) -> Scenario:
    """The scenario that was recorded."""
    (found,) = [s for s in scenarios() if (s.part, s.name) == (recording["part"], recording["scenario"])]
    return found

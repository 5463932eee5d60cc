"""A flow of one part, compiled, and run on a clock that its waits and retries advance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sfnx.testing import Call, Failure, run

from lambdas.contract.errors import NightshiftError
from lambdas.contract.part import Part, Run
from lambdas.parts import find_part, general_parts
from lambdas.parts.notify._memory import forget
from nightshift.compiler import compile_file
from tests.parts.driver import Killed, TestAws

MOST_INVOCATIONS = 300


@dataclass(frozen=True)
class Ended:
    """How a run ended: with a result, or with an error and its cause; `crash` is an error that is not nightshift's."""

    result: dict[str, Any]
    error: str = ""
    cause: str = ""
    crash: str = ""


def compile_part(part: str, params: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """The definition of a flow that calls `part` with `params`."""
    module = part.partition(".")[0]
    # What a general part is about has no name in a flow.
    first = ("service", "operation", "waiter") if part in general_parts() else ()
    ordered = sorted(params.items(), key=lambda item: item[0] not in first)
    given = ", ".join(repr(value) if name in first else f"{name}={value!r}" for name, value in ordered)
    file = folder / "swept.py"
    file.write_text(
        f"from lambdas.parts import {module}\nfrom nightshift import flow\n\n\n"
        f"@flow\ndef swept():\n    return {part}({given})\n"
    )
    (flow,) = compile_file(file)
    return flow.definition


def execute(definition: Mapping[str, Any], aws: TestAws, given: Mapping[str, Any] | None = None) -> Ended:
    """Run the definition with the parts on `aws`; `given` is the input of the run."""
    _forget()
    machine = _Machine(definition, aws)
    started = datetime.fromtimestamp(aws.clock, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    execution = run(definition, dict(given or {}), machine.task, on_wait=machine.wait, start_time=started)
    if execution.error is None:
        output: Any = execution.output
        return Ended(output, crash=machine.crash)
    return Ended({}, execution.error, _message(execution.cause or ""), machine.crash)


class _Machine:
    """What is behind the Tasks and Waits of the definition."""

    def __init__(self, definition: Mapping[str, Any], aws: TestAws) -> None:
        self.states = definition["States"]
        self.aws = aws
        self.invocations = 0
        self.failures = 0
        self.crash = ""

    def wait(self, wait: Any) -> None:
        self.aws.clock += wait.seconds or 0

    def task(self, call: Call) -> Any:
        arguments: Any = call.arguments
        payload = json.loads(json.dumps(arguments["Payload"]))
        self.invocations += 1
        if self.invocations > MOST_INVOCATIONS:
            self.crash = f"not done after {MOST_INVOCATIONS} invocations"
            raise Failure("NotDone")
        try:
            reply = json.loads(json.dumps(self._invoke(find_part(payload["part"]), payload)))
        except Killed:
            _forget()
            raise self._failed(call, "Runtime.ExitError", "the worker died") from None
        except NightshiftError as error:
            raise self._failed(call, type(error).__name__, str(error)) from None
        except Exception as error:
            self.crash = f"{type(error).__name__}: {error}"
            raise self._failed(call, type(error).__name__, str(error)) from None
        self.failures = 0
        return {"StatusCode": 200, "Payload": reply}

    def _invoke(self, part: Part[..., Any], payload: dict[str, Any]) -> dict[str, Any]:
        params = {name: value for name, value in payload["params"].items() if value is not None}
        return part.invoke(self.aws, Run(**payload["run"]), params, payload["state"])

    def _failed(self, call: Call, error: str, message: str) -> Failure:
        """The failure of the Task; the pause before a retry, with the mean of its jitter, passes."""
        for retrier in self.states.get(call.state, {}).get("Retry", []):
            if error in retrier["ErrorEquals"]:
                pause = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** self.failures
                self.aws.clock += min(pause, retrier["MaxDelaySeconds"]) / 2
        self.failures += 1
        return Failure(error, json.dumps({"errorMessage": message, "errorType": error}))


def _forget() -> None:
    """A new worker: whatever an earlier one remembered is gone with it."""
    forget()


def _message(cause: str) -> str:
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError):
        return cause

"""The compiled machine in MiniStack's interpreter, called in process: what `nightshift up` runs flows on.

Its waits move the clock of the `World`, Lambda is the fakes, and branches run one after another.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from ministack.services import stepfunctions

from engines.world import Outcome, PartRaised, Unanswered, World, answer, deployed, invoke
from nightshift.local.ministack import variables


class MiniStack:
    """MiniStack's Step Functions for a while; `run` runs one machine in it."""

    def __init__(self) -> None:
        self.world = World()
        self.serial = count(1)

    def run(self, machines: Mapping[str, Any], name: str, given: Mapping[str, Any], world: World) -> Outcome:
        """Run the machine `name`; `machines` also holds those it calls."""
        self.world = world
        prefix = f"m{next(self.serial)}"
        arn = f"arn:aws:states:us-east-1:000000000000:stateMachine:{prefix}-"
        for machine, text in deployed(machines, name, arn).items():
            status, _, body = stepfunctions._create_state_machine({"name": f"{prefix}-{machine}", "definition": text})
            assert status == 200, body
        _, _, body = stepfunctions._start_sync_execution({"stateMachineArn": arn + name, "input": json.dumps(given)})
        execution = json.loads(body)
        if execution["status"] == "SUCCEEDED":
            return world.outcome(result=json.loads(execution["output"]))
        return world.outcome(error=execution["error"], cause=execution["cause"])

    def call_lambda(self, function: str, payload: dict[str, Any]) -> Any:
        """Instead of a Lambda worker."""
        arguments = {"FunctionName": function, "Payload": payload}
        if "approval" in function:
            try:
                output = json.dumps(answer(self.world, arguments))
                stepfunctions._send_task_success({"taskToken": payload["token"], "output": output})
            except Unanswered:
                stepfunctions._send_task_failure({"taskToken": payload["token"], "error": "States.Timeout"})
            return None
        try:
            return invoke(self.world, arguments)
        except PartRaised as raised:
            raise stepfunctions._ExecutionError(raised.error, json.dumps(raised.payload)) from None

    def wait(self, original: Callable[..., Any], arguments: Any) -> Any:
        """A Wait state: it moves the World's clock, as the pause before a retry does not."""
        with patch.object(stepfunctions, "_scaled_sleep", self.world.sleep):
            return original(*arguments)

    def register(self, expression: Any, original: Callable[[Any], None]) -> None:
        """The functions Step Functions adds, and the World's clock."""
        original(expression)
        expression.register_lambda("millis", lambda: round(self.world.now() * 1000))


class _InPlace:
    """A thread that does its work when it is started."""

    def __init__(self, target: Callable[..., None], args: tuple[Any, ...] = (), daemon: bool = False) -> None:
        self.start = lambda: target(*args)

    def join(self) -> None:
        """It is done."""


@contextmanager
def running() -> Iterator[MiniStack]:
    """MiniStack's Step Functions, driven by the World of whoever calls `run`."""
    logging.getLogger("states").setLevel(logging.CRITICAL)
    ministack = MiniStack()
    execute_wait = stepfunctions._execute_wait
    register = stepfunctions._register_sfn_jsonata_functions
    replaced = {
        "_call_lambda": ministack.call_lambda,
        "_resolve_lambda_function_ref": lambda value, optimized: value,
        "_register_sfn_jsonata_functions": lambda expression: ministack.register(expression, register),
        "_scaled_sleep": lambda seconds: None,
        "_execute_wait": lambda *arguments: ministack.wait(execute_wait, arguments),
        "time": SimpleNamespace(sleep=lambda seconds: None),
        "threading": SimpleNamespace(Thread=_InPlace, Event=threading.Event, Lock=threading.Lock),
        "ThreadPoolExecutor": lambda max_workers: ThreadPoolExecutor(max_workers=1),
    }
    with ExitStack() as stack:
        for name in ("_run_parallel_branches", "_run_distributed_map", "_apply_state_assign"):
            stack.enter_context(patch.object(stepfunctions, name, getattr(stepfunctions, name)))
        variables.patch()
        for name, value in replaced.items():
            stack.enter_context(patch.object(stepfunctions, name, value))
        yield ministack
        stepfunctions.reset()

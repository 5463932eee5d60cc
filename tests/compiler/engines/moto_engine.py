"""The compiled machine in moto's Step Functions parser, with jsonata-python where moto leaves the evaluator empty.

moto runs machines as a service would: in threads, in real time, calling Lambda over HTTP. Here the threads of
branches run one after another, waits move the clock of the `World`, and Lambda is the fakes.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import boto3
import jsonata
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.choice import state_choice
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import inline_iteration_component
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branch_worker
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_callback,
    state_task_service_sfn,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
from moto.stepfunctions.parser.asl.eval import states, variable_store
from moto.stepfunctions.parser.asl.jsonata import jsonata as evaluator
from moto.stepfunctions.parser.asl.parse import asl_parser, preprocessor
from moto.stepfunctions.parser.backend import execution_worker
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from engines.world import Outcome, PartRaised, Unanswered, World, answer, deployed, invoke

ACCOUNT, REGION, ROLE = "123456789012", "us-east-1", "arn:aws:iam::123456789012:role/machine"


class Moto:
    """moto's service for a while; `run` runs one machine in it."""

    def __init__(self) -> None:
        self.world = World()
        self.asked: dict[str, Any] = {}
        self.serial = count(1)
        self.client = boto3.client("stepfunctions", region_name=REGION)
        self.heard: Callable[[str, int, Any], None] | None = None
        """Is told each expression with its variables written in, the time, and its value; None where it failed."""

    def run(self, machines: Mapping[str, Any], name: str, given: Mapping[str, Any], world: World) -> Outcome:
        """Run the machine `name`; `machines` also holds those it calls."""
        self.world = world
        prefix = f"m{next(self.serial)}"
        arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{prefix}-"
        for machine, text in deployed(machines, name, arn).items():
            self.client.create_state_machine(name=f"{prefix}-{machine}", definition=text, roleArn=ROLE)
        started = self.client.start_execution(stateMachineArn=arn + name, name=prefix, input=json.dumps(given))
        execution = stepfunctions_parser_backends[ACCOUNT][REGION].describe_execution(started["executionArn"])
        if execution.status == "SUCCEEDED":
            return world.outcome(result=execution.output)
        return world.outcome(error=execution.error or "", cause=execution.cause)

    # What moto calls instead of its own.

    def evaluate(self, expression: str) -> Any:
        """The evaluator moto leaves to be plugged in."""
        parsed = jsonata.Jsonata(expression)
        millis = round(self.world.now() * 1000)
        parsed.register_lambda("millis", lambda: millis)
        parsed.register_lambda("parse", _parse)
        try:
            value = _plain(parsed.evaluate(None))
        except jsonata.JException:
            # Nothing, for which moto fails the state with States.QueryEvaluationError, as Step Functions does here.
            value = None
        if self.heard is not None:
            self.heard(expression, millis, value)
        return value

    def wait(self, seconds: float) -> None:
        """Instead of waiting."""
        self.world.sleep(seconds)

    def invoke_lambda(self, parameters: dict[str, Any], region: str, state_credentials: Any) -> dict[str, Any]:
        """Instead of the Lambda client."""
        # moto reads a negative int of the definition as a float.
        arguments = {**parameters, "Payload": _plain(json.loads(parameters["Payload"]))}
        if "approval" in arguments["FunctionName"]:
            self.asked = arguments
            return {"StatusCode": 200, "Payload": None}
        try:
            return {"StatusCode": 200, "Payload": invoke(self.world, arguments)}
        except PartRaised as raised:
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": raised.payload}

    def wait_for_token(self, task: Any) -> Any:
        """Instead of waiting for SendTaskSuccess: the person answers at once, or never."""
        if task.resource.condition != ResourceCondition.WaitForTaskToken:
            return None
        try:
            answered = answer(self.world, self.asked)
        except Unanswered:
            return state_task_service_callback.CallbackOutcomeTimedOut(callback_id="")
        return state_task_service_callback.CallbackOutcomeSuccess(callback_id="", output=json.dumps(answered))


def _parse(text: str) -> Any:
    return json.loads(text)


def _plain(value: Any) -> Any:
    """A value as JSON; jsonata-python gives -1.0 where JSONata, which has one kind of number, gives -1.

    Its $eval, with which moto parses, reads an escaped character outside of the basic plane as two.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


# Where moto differs from Step Functions so broadly that no machine could be judged, it is put right here; single
# machines it cannot run are named in the corpus.


def _json_text(parser_rule_context: Any) -> str | None:
    """moto reads a text of the definition with Python's escapes, or with none; it is JSON."""
    written = parser_rule_context.getText()
    if written == "null":
        return None
    text: str = json.loads(written) if written.startswith('"') else written
    return text


def _choose(choice: Any, env: Any) -> None:
    """moto takes a rule for the default when both lead to the same state, and makes the default's assignments."""
    for rule in choice.choices_decl.rules:
        rule.eval(env)
        if env.stack.pop() is True:
            env.next_state_name = rule.next_stmt.name
            return
    env.next_state_name = choice.default_state.state_name
    if choice.assign_decl:
        choice.assign_decl.eval(env=env)


def _declarations(bindings: Mapping[str, Any]) -> str:
    """moto writes a text into the expression without escaping it; JSON is what it means.

    jsonata-python reads an escaped character outside of the basic plane as two.
    """
    return "".join(f"{name}:={json.dumps(value, ensure_ascii=False, default=str)};" for name, value in bindings.items())


_VARIABLES = re.compile(
    evaluator._PATTERN_VARIABLE_REFERENCE.pattern.replace("A-Za-z0-9_", r"\w").replace(r"(?:\/(", r"(?:(?<=, )\/(")
)
"""moto takes a variable with letters beyond ASCII for a `$` alone, and what is between divisions for a regular
expression; one is always a second argument here."""


def _all_of_states(held: Any, **_: Any) -> str:
    """moto takes what is between two divisions for a regular expression, and leaves out the variables in it."""
    return _declarations({"$states": held._states_data})


def _recased(first: Callable[[str], str]) -> Callable[..., None]:
    """moto leaves the spelling of StartExecution's arguments and of its answers to be filled in."""

    def recase(task: Any, response: Any = None, parameters: Any = None, **_: Any) -> None:
        fields = response if parameters is None else parameters
        for name in list(fields):
            fields[first(name[0]) + name[1:]] = fields.pop(name)
        if first is str.lower:
            fields.setdefault("name", str(uuid4()))
        if "input" in fields and not isinstance(fields["input"], str):
            fields["input"] = json.dumps(fields["input"])

    return recase


def _launch_worker(component: Any, env: Any, eval_input: Any, job_pool: Any) -> Any:
    """One after another, in the items' order, instead of a thread each."""
    worker = component._create_worker(env=env, eval_input=eval_input, job_pool=job_pool)
    worker.eval()
    return worker


def _start_branch(worker: Any) -> None:
    """One after another instead of a thread each; after one that failed, the others are not begun."""
    if not worker._branch_worker_comm._termination_event.is_set():
        worker._worker_thread = SimpleNamespace(native_id=0)
        worker._thread_routine()


@contextmanager
def running() -> Iterator[Moto]:
    """moto's Step Functions, driven by the World of whoever calls `run`."""
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    still = SimpleNamespace(sleep=lambda seconds: None)
    with ExitStack() as stack:
        stack.enter_context(mock_aws(config={"stepfunctions": {"execute_state_machine": True}}))
        moto = Moto()

        def replace(owner: Any, name: str, value: Any) -> None:
            stack.enter_context(patch.object(owner, name, value))

        replace(evaluator, "_eval_jsonata", moto.evaluate)
        parse = cache(asl_parser.AmazonStateLanguageParser.parse)
        replace(asl_parser.AmazonStateLanguageParser, "parse", staticmethod(parse))
        replace(preprocessor, "from_string_literal", _json_text)
        replace(preprocessor.Preprocessor, "_inner_string_of", staticmethod(_json_text))
        replace(state_choice.StateChoice, "_eval_state", _choose)
        replace(state_choice.StateChoice, "_eval_state_output", lambda choice, env: None)
        replace(evaluator, "_PATTERN_VARIABLE_REFERENCE", _VARIABLES)
        replace(states, "encode_jsonata_variable_declarations", _declarations)
        replace(states.States, "to_variable_declarations", _all_of_states)
        replace(variable_store, "encode_jsonata_variable_declarations", _declarations)
        replace(lambda_eval_utils, "_invoke_lambda_function", moto.invoke_lambda)
        replace(state_task_service_sfn, "boto_client_for", lambda **_: moto.client)
        replace(state_task_service_sfn.StateTaskServiceSfn, "_normalise_parameters", _recased(str.lower))
        replace(state_task_service_sfn.StateTaskServiceSfn, "_normalise_response", _recased(str.upper))
        replace(retrier_decl, "time", still)
        replace(state_task_service_callback, "time", still)
        replace(branch_worker.BranchWorker, "start", _start_branch)
        replace(inline_iteration_component.InlineIterationComponent, "_launch_worker", _launch_worker)
        replace(execution_worker.ExecutionWorker, "start", execution_worker.SyncExecutionWorker.start)
        replace(wait_function.WaitFunction, "_wait_interval", lambda _, env, wait_seconds: moto.wait(wait_seconds))
        replace(
            state_task_service_callback.StateTaskServiceCallback,
            "_eval_wait_for_task_token",
            lambda task, **_: moto.wait_for_token(task),
        )
        yield moto

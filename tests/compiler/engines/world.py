"""What stands in for AWS, Lambda and time around a flow, the same in every engine, and what is kept of a run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import fake

from lambdas.approval.question import local_answer
from lambdas.contract.causes import read_cause, with_data
from lambdas.contract.errors import NightshiftError, PartError
from lambdas.contract.part import Part, Run
from lambdas.runtime.result_store import ResultStore

INVOKE = "arn:aws:states:::lambda:invoke"
ASK = "arn:aws:states:::lambda:invoke.waitForTaskToken"
START = "arn:aws:states:::states:startExecution.sync:2"
GATE = "${nightshift.gate}"
GOES_ON = {"done": True, "result": {"run": True, "reason": ""}}
PARTS = {part.name: part for part in vars(fake).values() if isinstance(part, Part)}
BUCKET = "results"
MOST_OF_A_STATE = 256 * 1024
RUN_FIELDS = {"id", "flow", "step", "call", "item", "started", "dry_run"}


@dataclass(frozen=True)
class Outcome:
    """How a run ended and what it did.

    result: what it returned, as JSON text, so that 1, true and 1.5 are told apart. error, cause: of a failed run.
    keys: what names each call for good. dry: for each call, whether its run was dry.
    """

    result: str | None = None
    error: str | None = None
    cause: str | None = None
    calls: tuple[str, ...] = ()
    waits: tuple[int, ...] = ()
    keys: tuple[str, ...] = field(default=(), compare=False)
    dry: tuple[bool, ...] = field(default=(), compare=False)


def canonical(value: Any) -> str:
    """A value as JSON text, 2.0 as 2, as JSON has one kind of number."""

    def plain(item: Any) -> Any:
        if isinstance(item, float) and item.is_integer():
            return int(item)
        if isinstance(item, dict):
            return {k: plain(v) for k, v in item.items()}
        return [plain(v) for v in item] if isinstance(item, list | tuple) else item

    return json.dumps(plain(value), sort_keys=True, ensure_ascii=False)


class Bucket:
    """The results bucket, as far as results use it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803
        """Keep an object."""
        self.objects[Key] = Body

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        """An object."""
        return {"Body": BytesIO(self.objects[Key])}


class World:
    """AWS as the fakes see it (`lambdas.contract.part.Aws`), with a clock that only waiting moves.

    start: when the run starts, ISO 8601. approve: how `approval` is answered; None for no answer.
    gate: answers a request of a flow's first state; by default every run goes on.
    """

    def __init__(self, start: str = "2026-03-27T21:30:00+00:00", approve: bool | None = True) -> None:
        self.clock = datetime.fromisoformat(start).timestamp()
        self.approve = approve
        self.calls: list[str] = []
        self.keys: list[str] = []
        self.dry: list[bool] = []
        self.waits: list[int] = []
        self.attempts: Counter[str] = Counter()
        self.bucket = Bucket()
        self.store = ResultStore(BUCKET, lambda: self.bucket)
        self.execution = ""
        self.gate: Callable[[dict[str, Any]], dict[str, Any]] = lambda request: GOES_ON

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.clock

    def remaining(self) -> float:
        """Seconds this invocation may still take."""
        return 900.0

    def client(
        self,
        service: str,
        *,
        region: str | None = None,
        role_arn: str | None = None,
        credentials_secret: str | None = None,
    ) -> Any:
        """There is no AWS."""
        raise AssertionError(f"a fake asked for {service}")

    def sleep(self, seconds: float) -> None:
        """Let time pass; a wait of no time is none."""
        self.clock += seconds
        if seconds:
            self.waits.append(round(seconds))

    def key(self, run: Run) -> str:
        """What names one call of a part for good."""
        return f"{self.execution}{run.id}/{run.key}"

    def made(self, run: Run, text: str) -> None:
        """A part was called; a retry or a later poll, which has the same key, is not told again."""
        if self.key(run) not in self.keys:
            self.keys.append(self.key(run))
            self.calls.append(text)
            self.dry.append(run.dry_run)

    def attempt(self, run: Run) -> int:
        """Which invocation of this call it is, from 1."""
        self.attempts[self.key(run)] += 1
        return self.attempts[self.key(run)]

    def ask(self, message: str) -> bool:
        """A person is asked."""
        self.calls.append(f"approval {message}")
        self.keys.append(f"{self.execution}approval {len(self.keys)}")
        return bool(self.approve)

    def outcome(self, *, result: Any = None, error: str | None = None, cause: str | None = None) -> Outcome:
        """What is kept of the run."""
        did = {
            "calls": tuple(self.calls),
            "waits": tuple(self.waits),
            "keys": tuple(self.keys),
            "dry": tuple(self.dry),
        }
        if error is not None:
            return Outcome(None, error, said(cause or ""), **did)  # type: ignore[arg-type]
        return Outcome(canonical(result), **did)  # type: ignore[arg-type]


def said(cause: str) -> str:
    """The message in the cause of an execution, for people."""
    return read_cause(cause).message


def deployed(machines: Mapping[str, Any], name: str, arn: str) -> dict[str, str]:
    """The definition of a machine and of those it calls as text; `arn` and its name is where each one is."""
    found: dict[str, str] = {}
    wanted = [name]
    while wanted:
        machine = wanted.pop()
        called = [other for other in machines if f"${{flow:{other}}}" in json.dumps(machines[machine])]
        text = json.dumps(machines[machine], ensure_ascii=False)
        for other in called:
            text = text.replace(f"${{flow:{other}}}", arn + other)
        found[machine] = text
        wanted.extend(other for other in called if other not in found)
    return found


class PartRaised(Exception):
    """A part raised; `error` is its class name, `payload` what the Lambda runtime says of it."""

    def __init__(self, error: NightshiftError) -> None:
        self.error = type(error).__name__
        message = with_data(str(error), error.failures, error.place) if isinstance(error, PartError) else str(error)
        self.payload = {"errorMessage": message, "errorType": self.error, "requestId": "r-1", "stackTrace": []}
        super().__init__(str(error))


class Unanswered(Exception):
    """Nobody answered an approval in time."""


def answer(world: World, arguments: Any) -> dict[str, Any]:
    """What a person's answer makes the task of an approval return."""
    assert arguments["FunctionName"] == "${nightshift.approval}", arguments
    if world.approve is None:
        raise Unanswered
    payload = arguments["Payload"]
    return local_answer(approved=world.ask(payload["message"]), at_least=payload["at_least"])


def invoke(world: World, arguments: Any) -> Any:
    """What the Lambda function of a part does with a request: check it, load references, run, put large values away."""
    assert set(arguments) == {"FunctionName", "Payload"}, arguments
    request = json.loads(json.dumps(arguments["Payload"]))
    if arguments["FunctionName"] == GATE:
        return _asked(world, request)
    reads = request.pop("reads", [])
    checked = request.pop("given", {})
    assert all(isinstance(kind, str) for kind in checked.values()), checked
    assert set(request) == {"part", "params", "state", "run"}, request
    assert arguments["FunctionName"] == f"${{{request['part']}}}", arguments
    _check_run(request["run"])
    part = PARTS[request["part"]]
    run, params = Run(**request["run"]), world.store.load(request["params"])
    try:
        reply = part.invoke(world, run, params, world.store.load(request["state"]))
        reply = world.store.offload(reply, run, reads)
    except NightshiftError as error:
        raise PartRaised(error) from None
    reply = json.loads(json.dumps(reply))
    assert len(json.dumps(reply)) <= MOST_OF_A_STATE, "Step Functions takes no such reply"
    return reply


def _asked(world: World, request: dict[str, Any]) -> Any:
    """The answer of the gate."""
    assert set(request) == {"trigger", "state", "run"}, request
    _check_run(request["run"])
    try:
        return json.loads(json.dumps(world.gate(request)))
    except NightshiftError as error:
        raise PartRaised(error) from None


def _check_run(run: dict[str, Any]) -> None:
    assert set(run) == RUN_FIELDS, run
    assert all(isinstance(run[k], str) and run[k] for k in ("id", "flow", "step", "started")), run
    assert isinstance(run["call"], int), run
    assert not isinstance(run["call"], bool), run
    assert isinstance(run["dry_run"], bool), run
    assert run["item"] is None or isinstance(run["item"], int | str), run
    datetime.fromisoformat(run["started"]).astimezone(UTC)

"""The contract between a flow and a part: what a part declares, receives and gives back.

A part is a typed function under `@part(...)`. Its first argument is the `Call` of this invocation, the others are
keyword-only and are what a flow writes. It returns a `Result` when it is finished, or `Pending` with a JSON state to
be called again with; it never sleeps.

Only the standard library is imported here: the compiler reads the signatures of parts on machines without boto3.
"""

from __future__ import annotations

import inspect
import json
import math
import random
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, Generic, Literal, ParamSpec, Protocol, TypedDict, TypeVar

from lambdas.contract.aws_errors import as_part_error, as_part_errors
from lambdas.contract.errors import (
    InvalidParameter,
    NightshiftError,
    NoMatch,
    PartFailed,
    PartTimeout,
    Throttled,
    Unavailable,
)
from lambdas.contract.id_packing import all_ids
from lambdas.contract.result import Failure, Json, Result, Skipped

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Allow",
    "Aws",
    "Call",
    "Common",
    "Failure",
    "Json",
    "Part",
    "Pending",
    "Result",
    "Run",
    "Runner",
    "Skipped",
    "current_runner",
    "failure_table",
    "part",
    "seconds",
]

MAX_WAIT = 300
"""Longest pause between two looks, in seconds: a run of hours still sees the end within five minutes."""

_GROWTH = 1.5
_MOST_GROWTH = 50


class Common(TypedDict, total=False):
    """Parameters every part takes besides its own.

    region: AWS region to act in; default: the region the app is deployed to.
    role_arn: IAM role to assume, for another account.
    credentials_secret: name of a Secrets Manager secret with access keys, for another partition (give `region` too):
        JSON with access_key_id and secret_access_key.
    interval: seconds between two looks at AWS while waiting; grows by half each time, up to 300.
    timeout: how long the part may take in all: seconds, "90s", "30m", "3h"; then it fails with PartTimeout.
    dry_run: resolve the targets and ask AWS, but change nothing.
    on_failure: "fail" (default) fails the step when a resource failed; "continue" goes on and reports it.
    require_match: fail with NoMatch when the selection finds nothing (default: a warning in the result).
    """

    region: str
    role_arn: str
    credentials_secret: str
    interval: int
    timeout: str | int
    dry_run: bool
    on_failure: Literal["fail", "continue"]
    require_match: bool


@dataclass(frozen=True)
class Pending:
    """Not finished: what to be called again with, and when.

    state: JSON, given back as `Call.state` at the next invocation.
    waiting_for: what is awaited, for the log and the timeout message ("3 instances to stop: i-1, i-2, i-3").
    wait: seconds until the next look; None lets the contract choose from `interval`.
    give_up: the result when the part's `timeout` has ended, with what is still awaited under `failed`; without it
        the timeout is a PartTimeout also under `on_failure="continue"`.
    """

    state: dict[str, Json]
    waiting_for: str
    wait: int | None = None
    give_up: Callable[[], Result] | None = None


@dataclass(frozen=True)
class Run:
    """Which run of which flow, and which call in it.

    `id`, `step`, `call` and `item` together name one call of a part for good, over retries, wait-loop
    re-entries and a redrive.
    """

    id: str
    flow: str
    step: str
    call: int = 0
    item: int | str | None = None
    started: str = ""
    dry_run: bool = False

    @property
    def key(self) -> str:
        """The idempotency key within the run, as tagged on what a part creates (`nightshift:call`)."""
        return f"{self.step}/{self.call}" + ("" if self.item is None else f"/{self.item}")


class Aws(Protocol):
    """Where a part finds its AWS clients and the clock: the Lambda runtime, a local run, or a test."""

    def client(
        self,
        service: str,
        *,
        region: str | None = None,
        role_arn: str | None = None,
        credentials_secret: str | None = None,
    ) -> Any:
        """A boto3 client of `service`, cached."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def remaining(self) -> float:
        """Seconds this invocation may still take."""


@dataclass
class Call:
    """One invocation of a part: the request, and the way to AWS."""

    aws: Aws
    run: Run
    params: Mapping[str, Json]
    state: dict[str, Json]
    """What the last `Pending` gave; empty at the first invocation. A part may keep notes in it."""

    @property
    def dry_run(self) -> bool:
        """Whether to change nothing: asked for by the flow's author or by whoever started the run."""
        return self.run.dry_run or bool(self.params.get("dry_run", False))

    def client(self, service: str, *, region: str | None = None) -> Any:
        """A boto3 client in the region and account this call acts in."""
        account = {name: self.params.get(name) for name in ("role_arn", "credentials_secret")}
        return self.aws.client(service, region=region or self.params.get("region"), **account)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.aws.now()

    def remaining(self) -> float:
        """Seconds this invocation may still take."""
        return self.aws.remaining()


@dataclass(frozen=True)
class Allow:
    """IAM actions a part calls, on the narrowest resources and conditions the service allows.

    resources: ARNs with CloudFormation pseudo parameters, such as
        "arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:instance/*".
    condition: an IAM condition block.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    condition: Mapping[str, Mapping[str, str | Sequence[str]]] = field(default_factory=dict)


P = ParamSpec("P")
R_co = TypeVar("R_co", bound=Result, covariant=True)


class Runner(Protocol):
    """Who drives a part that a flow calls under CPython."""

    def run_part(self, part: Part[..., Any], params: dict[str, Json]) -> Any:
        """Run `part` to its end and return its result."""


current_runner: ContextVar[Runner | None] = ContextVar("nightshift_runner", default=None)


class Part(Generic[P, R_co]):
    """A part: its function, its IAM actions, and how long it may take."""

    def __init__(
        self,
        function: Callable[Concatenate[Call, P], R_co | Pending],
        *,
        allow: tuple[Allow, ...],
        waits: bool,
        timeout: str,
        interval: int,
    ) -> None:
        self.function = function
        self.name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self.allow = allow
        self.waits = waits
        self.timeout = timeout
        self.interval = interval
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__module__ = function.__module__

    def __repr__(self) -> str:
        return f"<part {self.name}>"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the part from a flow that runs under CPython, inside `nightshift.local_run(...)`."""
        runner = current_runner.get()
        if runner is None:
            raise NightshiftError(
                f"{self.name} was called outside a run; call the flow inside `with nightshift.local_run(...):`"
            )
        if args:
            raise InvalidParameter(f"{self.name} takes keyword arguments only; write name=value")
        result: R_co = runner.run_part(self, dict(kwargs))
        return result

    def invoke(self, aws: Aws, run: Run, params: Mapping[str, Json], state: Json) -> dict[str, Json]:
        """One invocation: the reply of the contract.

        Returns {"done": false, "state": ..., "wait": seconds} or {"done": true, "result": ...}. When AWS asks to slow
        down, a part that can wait carries what it noted in `Call.state` to its next invocation.
        Raises a NightshiftError whose class name becomes the ASL error name.
        """
        params = {name: value for name, value in params.items() if value is not None}
        self._check_names(params)
        # A copy, of JSON: what a failed invocation noted must not be seen by its repetition.
        book = json.loads(json.dumps(state)) or {"started": aws.now(), "looks": 0, "part": {}}
        call = Call(aws, run, params, book["part"])
        function: Callable[..., Result | Pending] = self.function
        try:
            outcome = function(call, **params)
        except Exception as error:
            known = as_part_error(error, book.get("waiting_for", ""), all_ids(call.state))
            if known is None:
                raise
            if not (self.waits and isinstance(known, Throttled | Unavailable)):
                raise known from error
            return self._pending(aws, params, book, Pending(call.state, str(known)), refused=True)
        if isinstance(outcome, Pending):
            return self._pending(aws, params, book, outcome)
        return self._finished(outcome, params)

    def _check_names(self, params: Mapping[str, Json]) -> None:
        """A name misspelt in a hand-written request must not silently select more than was meant."""
        own = list(inspect.signature(self.function).parameters)[1:-1]
        unknown = sorted(set(params) - set(own) - set(Common.__annotations__))
        if unknown:
            raise InvalidParameter(f"{self.name} has no parameter {', '.join(unknown)}; it takes {', '.join(own)}")

    def _finished(self, result: Result, params: Mapping[str, Json]) -> dict[str, Json]:
        return {"done": True, "result": self._checked(result, params).to_json()}

    def _pending(
        self, aws: Aws, params: Mapping[str, Json], book: dict[str, Json], pending: Pending, *, refused: bool = False
    ) -> dict[str, Json]:
        """The reply that asks for another invocation; `refused`: because AWS asked to slow down."""
        left = seconds(params.get("timeout", self.timeout)) - (aws.now() - book["started"])
        if left <= 0:
            return self._timed_out(params, pending)
        interval = int(params.get("interval", self.interval))
        grown = min(interval * _GROWTH ** min(book["looks"], _MOST_GROWTH), max(MAX_WAIT, interval))
        wait = pending.wait if pending.wait is not None else grown
        # Never sleep past the moment the part has to give up.
        most = left
        if refused:
            # Jitter keeps the items of a Map, all throttled in one second, from coming back in one second; and there
            # must be time left for what the part could not even begin.
            wait, most = wait * random.uniform(1, 2), left / 2
        wait = max(1, math.ceil(min(wait, most)))
        looks = book["looks"] + (pending.wait is None)
        # `waiting_for` is for whoever follows the run.
        noted = {"part": pending.state, "waiting_for": pending.waiting_for[:200]}
        state = {"started": book["started"], "looks": looks, **noted}
        return {"done": False, "state": state, "wait": wait}

    def _timed_out(self, params: Mapping[str, Json], pending: Pending) -> dict[str, Json]:
        message = (
            f"{self.name} gave up after {params.get('timeout', self.timeout)}, still waiting for {pending.waiting_for}"
        )
        if pending.give_up is not None:
            with as_part_errors(pending.waiting_for):
                result = pending.give_up()
            if params.get("on_failure", "fail") == "continue":
                result.warnings.append(message)
                return self._finished(result, params)
            message += "\n" + failure_table(self.name, result)
        raise PartTimeout(
            f"{message}\nLook at those resources, then redrive the run; raise `timeout` if they only need longer."
        )

    def _checked(self, result: Result, params: Mapping[str, Json]) -> Result:
        result.part = self.name
        if not result.matched:
            message = f"{self.name}: nothing matched {_selection(params)}"
            if params.get("require_match", False):
                raise NoMatch(f"{message}. Check the ids or tags, the region and the account.")
            result.warnings.append(message)
        if result.failed and params.get("on_failure", "fail") == "fail":
            raise PartFailed(failure_table(self.name, result))
        return result


def part(
    *, allow: tuple[Allow, ...] = (), waits: bool = True, timeout: str = "1h", interval: int = 10
) -> Callable[[Callable[Concatenate[Call, P], R_co | Pending]], Part[P, R_co]]:
    """Declare a part.

    allow: the IAM actions it calls, exactly those.
    waits: False for a part that always finishes in one invocation; it compiles to a single Task.
    timeout: default for how long it may take in all.
    interval: default seconds between two looks at AWS.
    """

    def declare(function: Callable[Concatenate[Call, P], R_co | Pending]) -> Part[P, R_co]:
        return Part(function, allow=allow, waits=waits, timeout=timeout, interval=interval)

    return declare


def failure_table(name: str, result: Result) -> str:
    """The message of PartFailed: how many failed, and a line per resource (at most 50)."""
    shown = result.failed[:50]
    width = max(len(f.id) for f in shown)
    lines = [f"{name}: {len(result.failed)} of {len(result.matched)} resources failed"]
    lines += [f"  {f.id:<{width}}  {f.error}: {f.message}" for f in shown]
    if len(result.failed) > len(shown):
        lines.append(f"  ... and {len(result.failed) - len(shown)} more")
    if result.changed:
        lines.append(f"Changed before that: {', '.join(result.changed[:50])}")
    return "\n".join(lines)


def seconds(duration: str | int) -> int:
    """A duration as seconds: 90, "90s", "30m", "3h", "2d".

    Raises InvalidParameter for anything else.
    """
    if isinstance(duration, int) and not isinstance(duration, bool) and duration >= 0:
        return duration
    match = re.fullmatch(r"(\d+)\s*([smhd])", str(duration))
    if not match:
        raise InvalidParameter(f'{duration!r} is not a duration; write seconds (90) or "90s", "30m", "3h", "2d"')
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]


def _selection(params: Mapping[str, Json]) -> str:
    chosen = [f"{k}={v!r}" for k, v in params.items() if v is not None and k not in Common.__annotations__]
    return ", ".join(chosen) or "(no selection)"

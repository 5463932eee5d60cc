"""The functions of the flow language beside parts, as they run under CPython."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from lambdas.contract.errors import NightshiftError
from lambdas.contract.part import Aws, Part, Run, current_runner, seconds
from nightshift.triggers.utc_offsets import next_local_time

T = TypeVar("T")
R = TypeVar("R")


class Record(dict[str, Any]):
    """A JSON object whose keys are attributes: what a part's result is in a flow, `stopped.changed`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no field {name!r}; there are {', '.join(self)}") from None


def record(value: Any) -> Any:
    """`value` with each JSON object in it as a `Record`."""
    if isinstance(value, dict):
        return Record({key: record(item) for key, item in value.items()})
    if isinstance(value, list):
        return [record(item) for item in value]
    return value


@dataclass
class LocalRun:
    """Drives the parts that a flow calls under CPython: the same wait loop as the state machine's.

    aws: clients and clock. sleep: how to wait a number of seconds. log: told what each part did.
    approve: answers `approval(...)`. trigger: what started the run, as an execution's input holds it.
    """

    aws: Aws
    dry_run: bool = False
    sleep: Callable[[float], None] = time.sleep
    log: Callable[[str], None] = lambda line: None
    approve: Callable[[str], bool] = lambda message: True
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    trigger: Mapping[str, Any] = field(default_factory=dict)
    calls: int = 0

    @property
    def due(self) -> datetime:
        """The moment the run was due: what its schedule fired for, else its start."""
        return datetime.fromisoformat(self.trigger.get("scheduled_time", self.started))

    def run_part(self, part: Part[..., Any], params: dict[str, Any]) -> Any:
        """Invoke `part` until it is done; its result as attributes."""
        self.calls += 1
        run = Run(f"local:{self.started}", "local", part.name, self.calls, None, self.started, self.dry_run)
        given = {name: value for name, value in params.items() if value is not None}
        reply = part.invoke(self.aws, run, given, None)
        while not reply["done"]:
            self.log(f"{part.name}: poll again in {reply['wait']} s")
            self.sleep(reply["wait"])
            reply = part.invoke(self.aws, run, given, reply["state"])
        self.log(f"{part.name}: {reply['result']['summary']}")
        return record(reply["result"])


def _runner(what: str) -> Any:
    runner = current_runner.get()
    if runner is None:
        raise NightshiftError(
            f"{what} was called outside a run; call the flow inside `with nightshift.local_run(...):`"
        )
    return runner


@contextmanager
def local_run(
    session: Any = None,
    region: str | None = None,
    *,
    target: Literal["local", "aws"] = "local",
    aws: Aws | None = None,
    dry_run: bool = False,
    sleep: Callable[[float], None] | None = None,
    log: Callable[[str], None] = print,
    trigger: Mapping[str, Any] | None = None,
) -> Iterator[LocalRun]:
    """Run flows under CPython: for a debugger, a REPL, or pytest. AWS itself is reached only with `target="aws"`.

    session: a fleet, a local AWS, or a session of one (default: the local AWS that `nightshift up` started in the
    current folder); with target="aws" a boto3 session (default: a new one). region: AWS region (default: the
    session's). aws: clients and clock instead of a session. dry_run: change nothing.
    sleep: how to wait (default: a fleet's clock is put forward, a local AWS waits at its speed). log: told what each
    part did.
    trigger: what started the run, such as {"type": "schedule", "scheduled_time": "2026-11-30T12:00:00Z"}: questions to
    calendars are answered for that moment, else for the start of the run.

    Raises WouldReachAws for a session that leads to AWS without target="aws", NotRunning when there is no local AWS.
    """
    if aws is None:
        aws, wait = _reached(session, region, target)
        sleep = sleep or wait
    started = datetime.fromtimestamp(aws.now(), UTC).isoformat()
    runner = LocalRun(aws, dry_run, sleep or time.sleep, log, started=started, trigger=trigger or {})
    token = current_runner.set(runner)
    try:
        yield runner
    finally:
        current_runner.reset(token)


def _reached(session: Any, region: str | None, target: str) -> tuple[Aws, Callable[[float], None]]:
    if target != "aws":
        from nightshift.local.sessions import reach

        return reach(session, region)
    from lambdas.runtime.clients import AwsClients

    return AwsClients(getattr(session, "_session", session), region=region), time.sleep


def parallel(*branches: Callable[[], Any]) -> list[Any]:
    """Run functions without parameters side by side; a list of what they return, in their order.

    Under CPython they run one after the other. When one fails, `parallel` fails with its error.
    """
    return [branch() for branch in branches]


def for_each(items: Sequence[T], function: Callable[[T], R], *, at_most: int = 10) -> list[R]:
    """Run `function` for each item, `at_most` at a time; a list of what it returns, in the items' order.

    Beyond 40 at a time the state machine runs it as a Distributed Map. Under CPython one after the other.
    """
    return [function(item) for item in items]


def sleep(duration: str | int) -> None:
    """Wait: seconds, or "90s", "10m", "2h". A dry run does not wait."""
    runner = _runner("sleep")
    if not runner.dry_run:
        runner.sleep(seconds(duration))


def wait_until(clock: str, *, timezone: str = "UTC") -> None:
    """Wait until the next time the clock shows "HH:MM" in the zone. A dry run does not wait."""
    runner = _runner("wait_until")
    if not runner.dry_run:
        now = runner.aws.now()
        runner.sleep(next_local_time(now, clock, timezone) - now)


@dataclass(frozen=True)
class Approval:
    """The answer to `approval(...)`.

    approved: whether to go on. by: who answered. comment: what they said.
    """

    approved: bool
    by: str
    comment: str


def approval(message: str, *, to: str, timeout: str | int = "1d") -> Approval:
    """Ask a person, by mail, and wait for the answer.

    message: what is to be approved. to: mail address. timeout: after that the step fails with States.Timeout.
    A dry run is approved by itself.
    """
    runner = _runner("approval")
    return Approval(approved=runner.dry_run or runner.approve(message), by="local", comment="")

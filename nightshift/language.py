"""The functions of the flow language beside parts, as they run under CPython."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, TypeVar, overload

from lambdas.approval.question import local_answer
from lambdas.contract.errors import InvalidParameter, NightshiftError
from lambdas.contract.part import Aws, Common, Part, Run, current_runner, seconds
from lambdas.contract.result import FanOut, plain
from lambdas.contract.target import EVERYWHERE, RAILS, Target, check_everywhere
from lambdas.parts.cloudwatch.describe_alarms import describe_alarms
from lambdas.parts.organizations.list_accounts import list_accounts
from nightshift.fan_out import fan_out
from nightshift.triggers.due import due_moment
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
    approve: answers `approval(...)`. trigger: what started the run, as an execution's input holds it. flow: what
        the parts take for its name.
    """

    aws: Aws
    dry_run: bool = False
    sleep: Callable[[float], None] = time.sleep
    log: Callable[[str], None] = lambda line: None
    approve: Callable[[str], bool] = lambda message: True
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    trigger: Mapping[str, Any] = field(default_factory=dict)
    calls: int = 0
    flow: str = "local"

    @property
    def due(self) -> datetime:
        """The moment the run was due: what its schedule fired for, else its start."""
        return datetime.fromisoformat(self.trigger.get("scheduled_time", self.started))

    def run_everywhere(self, part: Part[..., Any], params: dict[str, Any]) -> FanOut[Target, str]:
        """Run `part` at each target that its `accounts` and `regions` name, within the rails that `params` has."""
        own = {name: value for name, value in params.items() if name not in (*EVERYWHERE, *RAILS)}
        check_everywhere(part.name, own)
        places = _places(part.name, params.get("accounts"), params.get("regions"))
        rails = {"max_failures": 0, **{name: params[name] for name in RAILS if name in params}}

        def one(target: Target) -> str:
            summary: str = part(**own, target=target).summary
            return summary

        made: FanOut[Target, str] = for_each(places, one, **rails)
        return made

    def run_part(self, part: Part[..., Any], params: dict[str, Any]) -> Any:
        """Invoke `part` until it is done; its result as attributes."""
        self.calls += 1
        run = Run(f"local:{self.started}", self.flow, part.name, self.calls, None, self.started, self.dry_run)
        given = {name: plain(value) for name, value in params.items() if value is not None}
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


def accounts(
    *,
    regions: str | list[str],
    ou: str | list[str] = "",
    exclude: str | list[str] = "",
    role_arn: str | None = None,
) -> list[Target]:
    """The accounts of an organization, each in some Regions: what `target=` of a part takes.

    The part organizations.list_accounts reads them, once where it is written. role_arn: for the reading, the role of
    an account that may.
    """
    reading: Common = {"role_arn": role_arn} if role_arn else {}
    found = list_accounts(regions=regions, ou=ou, exclude=exclude, **reading)
    return found.targets


def _places(part: str, chosen: Any, regions: str | list[str] | None) -> list[Target]:
    """The targets of a call with accounts= or regions=."""
    if isinstance(chosen, list) and (not chosen or not isinstance(chosen[0], str)):
        if regions is not None:
            raise InvalidParameter(f"the accounts of {part} say their Regions; leave out regions")
        return chosen
    if regions is None:
        raise InvalidParameter(f"{part} needs regions= beside accounts=")
    if chosen is not None:
        return accounts(ou=chosen, regions=regions)
    listed = regions.split(";") if isinstance(regions, str) else regions
    return [Target("", "", region.strip(), "") for region in listed]


@overload
def for_each(
    items: Sequence[T], function: Callable[[T], R], *, at_most: int = 10, distributed: bool = False
) -> list[R]: ...


@overload
def for_each(
    items: Sequence[T],
    function: Callable[[T], R],
    *,
    at_most: int = 10,
    distributed: bool = False,
    max_failures: int | str,
    stop_on_alarm: str = "",
    on_failure: Literal["fail", "continue"] = "fail",
) -> FanOut[T, R]: ...


@overload
def for_each(
    items: Sequence[T],
    function: Callable[[T], R],
    *,
    at_most: int = 10,
    distributed: bool = False,
    stop_on_alarm: str,
    on_failure: Literal["fail", "continue"] = "fail",
) -> FanOut[T, R]: ...


def for_each(
    items: Sequence[T],
    function: Callable[[T], R],
    *,
    at_most: int = 10,
    distributed: bool = False,
    max_failures: int | str | None = None,
    stop_on_alarm: str = "",
    on_failure: Literal["fail", "continue"] = "fail",
) -> list[R] | FanOut[T, R]:
    """Run `function` for each item, `at_most` at a time; a list of what it returns, in the items' order.

    Under CPython one after the other. Beyond 40 at a time the state machine runs it as a Distributed Map.

    distributed: let it be one in any case: each item is an execution with a history of its own, of 25,000 events.
    max_failures: how many items may fail, as a number or a percent ("10%") of all. With it, or with stop_on_alarm, the
        items run in waves of `at_most`; one that fails does not end the others, and what comes back is a `FanOut`.
        After a wave in which more have failed no further one is begun, and FanOutStopped is raised.
    stop_on_alarm: ARN of a CloudWatch alarm; while it is in ALARM before a wave, no further one is begun.
    on_failure: "continue" gives back the `FanOut`, with `stopped` and `left`, instead of raising FanOutStopped.
    """
    if max_failures is None and not stop_on_alarm:
        return [function(item) for item in items]
    return fan_out(
        items,
        function,
        at_most=at_most,
        max_failures=max_failures or 0,
        in_alarm=lambda: bool(stop_on_alarm and describe_alarms(alarm_arn=stop_on_alarm).in_alarm),
        alarm=stop_on_alarm,
        on_failure=on_failure,
    )


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
class Decision:
    """What one person answered to `approval(...)`."""

    by: str
    approved: bool
    comment: str


@dataclass(frozen=True)
class Approval:
    """The answer to `approval(...)`.

    approved: whether to go on. by: who approved, several joined by ", ", or who rejected. comment: what they said.
    decisions: what each one answered, the first one first.
    """

    approved: bool
    by: str
    comment: str
    decisions: list[Decision]


DRY_RUN_APPROVAL = Approval(approved=True, by="dry run", comment="", decisions=[])
"""What a dry run gets, which asks nobody."""


def now() -> str:
    """The moment the run was due, in UTC: "2026-11-27T13:00:00Z". It does not move while the run goes on."""
    return due_moment("now()", "UTC", None).strftime("%Y-%m-%dT%H:%M:%SZ")


def today(*, timezone: str | None = None) -> str:
    """The day the run was due, "2026-11-27", in `timezone`, else in the zone of the flow's schedule, else in UTC."""
    return due_moment("today()", timezone, "UTC").date().isoformat()


DAY_OR_TIMESTAMP = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?)?"
)
"""What is a day or a timestamp under CPython and in a state machine, which both know more and other forms."""


def age_in_days(moment: str, *, timezone: str | None = None) -> int:
    """How many whole days before the due time of the run a moment was; one later than that has a negative age.

    moment: a timestamp such as AWS gives, "2026-11-24T13:00:00Z" (UTC without an offset), of which 24 hours are a day;
        or a day such as `today()` gives, "2026-11-24", which is compared with `today()`, in `timezone`.
    Raises ValueError for any other text.
    """
    if not re.fullmatch(DAY_OR_TIMESTAMP, moment):
        raise ValueError(f"age_in_days() of what is no day and no timestamp: {moment}")
    if len(moment) == len("2026-11-24"):
        return (due_moment("age_in_days()", timezone, "UTC").date() - date.fromisoformat(moment)).days
    then = datetime.fromisoformat(moment)
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return (due_moment("age_in_days()", "UTC", None) - then) // timedelta(days=1)


def approval(
    message: str,
    *,
    to: str | None = None,
    approvers: Sequence[str] = (),
    at_least: int = 1,
    allow_starter: bool = False,
    timeout: str | int = "1d",
    remind: str | int | None = None,
    escalate_to: str | None = None,
    escalate_after: str | int | None = None,
) -> Approval:
    """Ask people and wait until enough of them have approved, or one has rejected.

    message: what is to be approved. to: mail addresses of those to tell; without, it only stands in the dashboard.
    approvers: groups of the dashboard whose members decide; without, the operators of the flow do. at_least: how many
        people have to approve; each counts once. allow_starter: whether one of them may be who started the run.
    timeout: after that the step fails with PartTimeout. A dry run asks nobody and is approved.
    remind: how often those in `to` are mailed again while nothing is decided, five minutes at least ("1h").
    escalate_to, escalate_after: mail addresses that are mailed, too, when nothing is decided after that time ("4h");
        from then on they are reminded like the others.
    """
    runner = _runner("approval")
    if runner.dry_run:
        return DRY_RUN_APPROVAL
    told = local_answer(approved=runner.approve(message), at_least=at_least)
    return Approval(**told | {"decisions": [Decision(**decision) for decision in told["decisions"]]})

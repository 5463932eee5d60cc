"""What a part receives and gives back: one invocation of it, in which run, and the way to AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypedDict

from lambdas.contract.result import Json, Result
from lambdas.contract.target import Target


class Common(TypedDict, total=False):
    """Parameters every part takes besides its own.

    region: AWS region to act in; default: the region the app is deployed to.
    role_arn: IAM role to assume, for another account.
    credentials_secret: name of a Secrets Manager secret with access keys, for another partition (give `region` too):
        JSON with access_key_id and secret_access_key.
    target: one of `accounts(...)`: its account and Region to act in, in place of the three above.
    interval: seconds between two polls of AWS while waiting; grows by half each time, up to 300.
    timeout: how long the part may take in all: seconds, "90s", "30m", "3h"; then it fails with PartTimeout.
    dry_run: resolve the targets and ask AWS, but change nothing.
    on_failure: "fail" (default) fails the step when a resource failed; "continue" goes on and reports it.
    require_match: fail with NoMatch when the selection finds nothing (default: a warning in the result).
    title: what people read at this step instead of what the part does; a text that is written out.
    """

    region: str
    role_arn: str
    credentials_secret: str
    target: Target
    interval: int
    timeout: str | int
    dry_run: bool
    on_failure: Literal["fail", "continue"]
    require_match: bool
    title: str


class Changing(Common, total=False):
    """Parameters of every part that changes what it selects, besides those of every part.

    max_resources: how many resources the selection may match: a number, or a percent ("10%") of all of their kind in
        the account and Region. When it matches more, the step fails with TooManyResources before anything is changed.
        Default: that of the app.
    at_most: how many resources may be under way at a time; the next begins when one is done. Default: no limit.
    max_failures: how many resources may fail, as a number or a percent ("10%") of the matched; after one more no
        further resource is begun, and those left are reported as skipped. Without at_most ten are under way at a time.
    """

    max_resources: int | str
    at_most: int
    max_failures: int | str


@dataclass(frozen=True)
class Pending:
    """Not finished: what to be called again with, and when.

    state: JSON, given back as `Call.state` at the next invocation.
    waiting_for: what is awaited, for the log and the timeout message ("3 instances to stop: i-1, i-2, i-3").
    wait: seconds until the next poll; None lets the contract choose from `interval`.
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

    def outside(self) -> Any:
        """The way to systems beyond AWS (`lambdas.outside.sending.Outside`)."""

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
        target = self.params.get("target") or {}
        return self.aws.client(
            service,
            region=region or target.get("region") or self.params.get("region"),
            role_arn=target.get("role_arn") or self.params.get("role_arn"),
            credentials_secret=self.params.get("credentials_secret"),
        )

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.aws.now()

    def remaining(self) -> float:
        """Seconds this invocation may still take."""
        return self.aws.remaining()

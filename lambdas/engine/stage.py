"""What a part says of its stages: where resources wait, what is requested for them, and where they go."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict

from lambdas.contract.part import seconds
from lambdas.engine.pacing import BATCH, Bucket

DONE = "done"
_USUAL = Bucket(1000, 20)


class State(TypedDict, total=False):
    """The state between two invocations.

    v: version of the part's stages and notes. planning: the plan is not complete yet.
    ids: stage or other group -> ids. skipped, failed: ids by reason. See `Progress`.
    pace: stage -> what is left of its token bucket. sent_at: when AWS accepted the last request.
    selected, stopped: how many resources the guard rails are about, and why no more of them begin. See `Rails`.
    refused: resources that were given a second try. brief: the next invocation comes to make the next requests.
    slowed: with which error code AWS holds up what is to be sent, in words.
    """

    v: int
    planning: bool
    ids: dict[str, list[str] | str]
    skipped: list[list[Any]]
    failed: list[list[Any]]
    pace: dict[str, dict[str, Any]]
    sent_at: float
    slowed: str
    refused: list[str]
    selected: int
    stopped: str
    brief: bool


@dataclass(frozen=True)
class Failed:
    """A verdict: it failed, with AWS's error code and a message."""

    code: str
    message: str


@dataclass(frozen=True)
class Already:
    """A verdict: it is `reason` without this call, and goes on in `stage`; at the end it counts as skipped."""

    reason: str
    stage: str


@dataclass(frozen=True)
class Skipped:
    """A verdict: it is left alone. matched: False when the selection did not mean it."""

    reason: str
    matched: bool = True


Verdict = str | Failed | Already | Skipped
Verdicts = Iterable[tuple[str, Verdict]]


def quoted(text: str) -> str:
    """A text of AWS's as the message of a `Failed` may have it: braces have a meaning there, and it may be long."""
    return text.replace("{", "(").replace("}", ")")[:300]


def not_older(now: float, began: str, older_than: str | None) -> Skipped | None:
    """Why an age leaves something out of what was selected; None where it is old enough, or no age is asked for.

    now: seconds since the epoch. began: when it was made (ISO 8601), "" for what is not yet. older_than: such as "30d".
    """
    if older_than is None:
        return None
    age = now - datetime.fromisoformat(began).timestamp() if began else 0
    return Skipped(f"not older than {older_than}", matched=False) if age <= seconds(older_than) else None


@dataclass(frozen=True)
class Stage:
    """A stage in which resources wait until a poll moves them on.

    awaited: what for, after their number ("to be stopped"), or with "{n}" in it ("tags of {n} resources"); their names
        follow, unless "{names}" is in it.
    late: the message of a resource that is still here when the timeout has ended, or its verdict.
    poll: where each of the resources stands now.
    settle: seconds after a request before which a poll may show what was before it.
    named: a resource as the list of what is awaited shows it; None for no list.
    reads: whether its poll only finds out what there is, so that a dry run polls it, too.
    """

    name: str
    awaited: str
    late: str | Callable[[str], Failed]
    poll: Callable[[list[str]], Verdicts] | None = None
    settle: float = 0
    named: Callable[[str], str] | None = str
    reads: bool = False


@dataclass(frozen=True, kw_only=True)
class Work(Stage):
    """A stage whose poll does the work itself, for all that are in it: what is no request to AWS for each of them.

    A dry run leaves it out; what comes here counts as changed.
    """


@dataclass(frozen=True, kw_only=True)
class Request(Stage):
    """A stage whose resources need a request; a `poll` here tells which do not need it any more.

    then: where each goes by AWS's answer; default: the next stage, or DONE after the last.
    refused: where one goes that AWS refused: (id, code, message) -> verdict; None, or no function, is a failure, and so
        is in a dry run what sends it to a stage.
    again: error code -> stage, for a refusal that passes: a resource is given one second try.
    denied: "role": the step fails when no request is permitted; "one": the resources fail that were denied.
    asks: whether a dry run makes the request with DryRun for a resource that comes here; one that is not asked for
        counts as changed.
    """

    then: Callable[[list[str], Any], Verdicts] | None = None
    refused: Callable[[str, str, str], Verdict | None] | None = None
    again: Mapping[str, str] | None = None
    denied: Literal["role", "one"] = "role"
    asks: Callable[[str], bool] = lambda resource: True


@dataclass(frozen=True, kw_only=True)
class Batch(Request):
    """One request for many.

    request: makes the call for ids, with DryRun or not. size: ids in one request.
    bucket: tokens of the API's resource bucket.
    apart: what must be the same for all in a request.
    alike: reads of ids what a lack of capacity or a limit depends on (type and zone, say): one of them is refused for
        all that are alike. Without it each is asked for.
    """

    request: Callable[[list[str], bool], Any]
    size: int = BATCH
    bucket: Bucket = _USUAL
    apart: Callable[[str], Any] = lambda resource: None
    alike: Callable[[list[str]], Mapping[str, Hashable]] | None = None


@dataclass(frozen=True, kw_only=True)
class Each(Request):
    """One request for each, where the API takes no list or the answer has to be kept.

    request: makes the call for one id, with DryRun or not.
    busy: error code -> seconds until a resource may be asked for again. full: codes that hold up all that is left.
    """

    request: Callable[[str, bool], Any]
    busy: Mapping[str, int] | None = None
    full: frozenset[str] = frozenset()

"""One invocation of a part: its place between the state machine's request and reply, with the book it keeps.

The state of a waiting part travels as {"started", "looks", "part", "waiting_for"}: when it began, how often it has
polled, its own state, and what it waits for, in words.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Mapping
from typing import Protocol

from lambdas.contract.aws_errors import as_part_error, as_part_errors
from lambdas.contract.call import Aws, Call, Changing, Pending, Run
from lambdas.contract.causes import ROOM, Diagnosis, failure_table, quoted_size
from lambdas.contract.errors import (
    InvalidParameter,
    NoMatch,
    PartError,
    PartFailed,
    PartTimeout,
    Throttled,
    Unavailable,
    shown,
)
from lambdas.contract.hints import hint
from lambdas.contract.id_packing import all_ids
from lambdas.contract.result import Failure, Json, Result, to_text
from lambdas.contract.target import check_target, placed, where

MAX_WAIT = 300
"""Longest pause between two polls, in seconds: a run of hours still sees the end within five minutes."""

_LATER = "\nLook at those resources, then redrive the run; raise `timeout` if they only need longer."
_GROWTH = 1.5
_MOST_GROWTH = 50


class Terms(Protocol):
    """What a part declares about its invocations."""

    @property
    def name(self) -> str:
        """ "ec2.stop_instances"."""

    @property
    def function(self) -> Callable[..., Result | Pending]:
        """What is called with the `Call` and the parameters."""

    @property
    def hints(self) -> Mapping[str, str]:
        """AWS error code -> what to do about it, of the codes that mean something particular to it."""

    @property
    def waits(self) -> bool:
        """Whether it may ask for another invocation."""

    @property
    def timeout(self) -> str:
        """How long it may take in all, unless the flow says otherwise."""

    @property
    def interval(self) -> int:
        """Seconds between two polls, unless the flow says otherwise."""


def copied(state: Json) -> Json:
    """A copy, as JSON: what a failed invocation noted must not be seen by its repetition."""
    return json.loads(to_text(state))


def invoke(
    part: Terms,
    aws: Aws,
    run: Run,
    params: Mapping[str, Json],
    state: Json,
    copy: Callable[[Json], Json] = copied,
) -> dict[str, Json]:
    """One invocation: the reply of the contract; what goes wrong at a target says where.

    Returns {"done": false, "state": ..., "wait": seconds} or {"done": true, "result": ...}. When AWS asks to slow
    down, a part that can wait carries what it noted in `Call.state` to its next invocation.
    copy: what copies `state`, into which the part must not write.
    Raises a NightshiftError whose class name becomes the ASL error name.
    """
    check_target(params)
    target = params.get("target")
    if not target:
        return _invoke(part, aws, run, params, copy(state))
    try:
        return _invoke(part, aws, run, params, copy(state))
    except PartError as error:
        raise placed(error, target) from error


def _invoke(part: Terms, aws: Aws, run: Run, params: Mapping[str, Json], state: Json) -> dict[str, Json]:
    params = {name: value for name, value in params.items() if value is not None}
    book = state or {"started": aws.now(), "looks": 0, "part": {}}
    call = Call(aws, run, params, book["part"])
    function: Callable[..., Result | Pending] = part.function
    try:
        outcome = function(call, **params)
    except Exception as error:
        known = as_part_error(error, book.get("waiting_for", ""), all_ids(call.state))
        if known is None:
            raise
        if not (part.waits and isinstance(known, Throttled | Unavailable)):
            raise known from error
        return _pending(part, aws, params, book, Pending(call.state, str(known)), refused=True)
    if isinstance(outcome, Pending):
        return _pending(part, aws, params, book, outcome)
    return _finished(part, outcome, params, dry_run=call.dry_run)


def _finished(part: Terms, result: Result, params: Mapping[str, Json], *, dry_run: bool = False) -> dict[str, Json]:
    return {"done": True, "result": _checked(part, result, params, dry_run).to_json()}


def _pending(
    part: Terms, aws: Aws, params: Mapping[str, Json], book: dict[str, Json], pending: Pending, *, refused: bool = False
) -> dict[str, Json]:
    """The reply that asks for another invocation; `refused`: because AWS asked to slow down."""
    left = seconds(params.get("timeout", part.timeout)) - (aws.now() - book["started"])
    if left <= 0:
        return _timed_out(part, params, pending)
    interval = int(params.get("interval", part.interval))
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


def _timed_out(part: Terms, params: Mapping[str, Json], pending: Pending) -> dict[str, Json]:
    message = (
        f"{part.name} gave up after {params.get('timeout', part.timeout)}, still waiting for {pending.waiting_for}"
    )
    failures: list[Diagnosis] = []
    if pending.give_up is not None:
        with as_part_errors(pending.waiting_for):
            result = pending.give_up()
        if params.get("on_failure", "fail") == "continue":
            result.warnings.append(message)
            return _finished(part, result, params)
        message += "\n" + failure_table(part.name, result, ROOM - quoted_size(message + _LATER))
        failures = _diagnoses(part, result.failed)
    raise PartTimeout(message + _LATER, failures)


def _checked(part: Terms, result: Result, params: Mapping[str, Json], dry_run: bool) -> Result:
    result.part = part.name
    if target := params.get("target"):
        result.account, result.region = target["account"], target["region"]
        result.summary = f"{where(target)}: {result.summary}"
    if not result.matched:
        message = f"{part.name}: nothing matched {_selection(params)}"
        if params.get("require_match", False):
            raise NoMatch(f"{message}. Check the ids or tags, the region and the account.")
        result.warnings.append(message)
    if result.failed and params.get("on_failure", "fail") == "fail":
        raise PartFailed(failure_table(part.name, result, dry_run=dry_run), _diagnoses(part, result.failed))
    return result


def _diagnoses(part: Terms, failed: list[Failure]) -> list[Diagnosis]:
    return [Diagnosis(f.id, f.error, f.message, hint(f.error, part.hints)) for f in failed]


def seconds(duration: str | int) -> int:
    """A duration as seconds: 90, "90s", "30m", "3h", "2d".

    Raises InvalidParameter for anything else.
    """
    if isinstance(duration, int) and not isinstance(duration, bool) and duration >= 0:
        return duration
    match = re.fullmatch(r"(\d+)\s*([smhd])", str(duration))
    if not match:
        raise InvalidParameter(f'{shown(duration)} is not a duration; write seconds (90) or "90s", "30m", "3h", "2d"')
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]]


def _selection(params: Mapping[str, Json]) -> str:
    chosen = [f"{k}={v!r}" for k, v in params.items() if v is not None and k not in Changing.__annotations__]
    return ", ".join(chosen) or "(no selection)"

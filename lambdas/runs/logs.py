"""The log lines of a step of a run, from the log group of its part's function.

Source: "FilterLogEvents" (CloudWatch Logs API Reference), "Filter pattern syntax" (CloudWatch Logs User Guide).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

MOST = 500
"""Lines that are read of a step."""

_LONGEST = 2_000
"""Characters of a message."""
_BEFORE, _AFTER = timedelta(seconds=5), timedelta(minutes=1)
"""How far the clock of Lambda may be from that of Step Functions, and how late a line may come."""
_SECONDS = 15
"""For how long pages are asked for: one may be empty and still have a next, and somebody waits."""


@dataclass(frozen=True)
class LogLine:
    """A line. level: "INFO", "WARNING" or "ERROR". call, item: of the step in a loop and in a Map."""

    at: datetime
    level: str
    message: str
    call: int
    item: str


def lines(
    client: Any, group: str, *, execution: str, step: str, since: datetime, until: datetime
) -> tuple[list[LogLine], bool]:
    """The lines that a step of an execution wrote, the first first, and whether there are more.

    execution: its ARN. step: the state's name. since, until: when the step started and ended, aware.
    No lines for a group that is not there. Raises ClientError.
    """
    found: list[LogLine] = []
    try:
        for event in _events(client, group, execution, since - _BEFORE, until + _AFTER):
            if event is None or len(found) == MOST:
                return found, True
            line = _line(event, execution, step)
            if line is not None:
                found.append(line)
    except client.exceptions.ResourceNotFoundException:
        return [], False
    return found, False


def _events(
    client: Any, group: str, execution: str, since: datetime, until: datetime
) -> Iterator[Mapping[str, Any] | None]:
    """The events that have the ARN in their text; None at last when there was no time for all of them."""
    give_up = time.monotonic() + _SECONDS
    query = {
        "logGroupName": group,
        "filterPattern": f'"{execution}"',
        "startTime": _milliseconds(since),
        "endTime": _milliseconds(until),
    }
    while True:
        answer = client.filter_log_events(**query)
        yield from answer["events"]
        if "nextToken" not in answer:
            return
        if time.monotonic() > give_up:
            yield None
            return
        query["nextToken"] = answer["nextToken"]


def _line(event: Mapping[str, Any], execution: str, step: str) -> LogLine | None:
    """A line of the step; None for one of another step, and for one that is not of the handler of parts."""
    try:
        told = json.loads(event["message"])
    except ValueError:
        return None
    if not isinstance(told, dict) or (told.get("run"), told.get("step")) != (execution, step):
        return None
    item = told.get("item")
    return LogLine(
        at=datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
        level=str(told.get("level", "")),
        message=str(told.get("message", ""))[:_LONGEST],
        call=int(told.get("call") or 0),
        item="" if item is None else str(item),
    )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

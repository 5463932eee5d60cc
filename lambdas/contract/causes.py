"""The Cause of a failure: the message for people, and behind it the failed resources, and where it was, as data.

A Python function in Lambda controls the message of its error and nothing else. So the data is the message's last
line, which every reader leaves out but the one who asks for it; `nightshift.compiler.causes` reads the same in JSONata.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lambdas.contract.result import NOT_STARTED, Failure, Result

MARK = "\n# nightshift:failures "
"""Begins the line of data in a message."""

WRAPPED = r'^\s*\{\s*("errorType":\s*"[\w.]*",\s*)?"errorMessage":\s*"'
"""How Lambda's JSON of an error begins: a function's own with the message, the service's with the type."""

ROOM = 28_672
"""What a message with its data may take, as `quoted_size` counts it. Step Functions cuts a Cause at 32,768 characters
("HistoryEvent", Step Functions API Reference); the rest is for what Lambda and a calling flow write beside it."""

_MOST_LINES = 50
_MOST_OF_A_MESSAGE = 8_000
_WRAPPED = re.compile(WRAPPED)
_LINE = re.compile(r"^  \S+ +([\w.]+): ", re.MULTILINE)
"""A resource in what `failure_table` writes."""
_HALF_A_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}$")
_INSIDE = re.compile(r'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')


@dataclass(frozen=True)
class Diagnosis(Failure):
    """A resource that failed, why, and what to do about it."""

    hint: str = ""


@dataclass(frozen=True)
class Place:
    """An account and a Region. account: its 12 digits, "" for the app's own. name: of the account, "" if unknown."""

    account: str
    region: str
    name: str = ""


def place_of(target: Mapping[str, str] | None) -> Place | None:
    """The place of a `Target` as JSON; None without one."""
    return Place(target["account"], target["region"], target["name"]) if target else None


@dataclass(frozen=True)
class Cause:
    """What a Cause says: the message, the failed resources, as many as there was room for, and where, with a target."""

    message: str
    failures: tuple[Diagnosis, ...] = ()
    place: Place | None = None


def quoted_size(text: str) -> int:
    """Characters `text` takes in the JSON of Lambda's error, in the JSON with which a calling flow is told of it."""
    return len(json.dumps(json.dumps(text))) - len(json.dumps(json.dumps("")))


def failure_table(name: str, result: Result, room: int = ROOM, *, dry_run: bool = False) -> str:
    """The message of PartFailed: how many failed, and a line per resource (at most 50, and what `room` allows).

    dry_run: say what a run would do, as nothing was changed.
    """
    shown = result.failed[:_MOST_LINES]
    width = max((len(f.id) for f in shown), default=0)
    head = f"{name}: {len(result.failed)} of {len(result.matched)} resources {'would fail' if dry_run else 'failed'}"
    before = "Would change before that" if dry_run else "Changed before that"
    tail = [f"{before}: {', '.join(result.changed[:_MOST_LINES])}"] if result.changed else []
    left = [skipped.id for skipped in result.skipped if skipped.reason.startswith(NOT_STARTED)]
    waiting = "would not be started" if dry_run else "not started"
    tail += [f"{len(left)} {waiting}: {', '.join(left[:_MOST_LINES])}"] if left else []
    room -= quoted_size("\n".join([head, f"  ... and {len(result.failed)} more", *tail]))
    lines = []
    for failure in shown:
        line = f"  {failure.id:<{width}}  {failure.error}: {_shortened(failure.message)}"
        room -= quoted_size("\n" + line)
        if room < 0:
            break
        lines.append(line)
    more = len(result.failed) - len(lines)
    return "\n".join([head, *lines, *([f"  ... and {more} more"] if more else []), *tail])


def codes_in(message: str) -> list[str]:
    """The error codes in what `failure_table` wrote, or in the beginning of it; each once, in their order."""
    return list(dict.fromkeys(_LINE.findall(message)))


def with_data(message: str, failures: Sequence[Diagnosis], place: Place | None = None) -> str:
    """A message as Lambda is to report it: behind it the place, and as many failures as there is room for."""
    message = _shortened(message, ROOM)
    entries: list[list[str]] = []
    hints: dict[str, str] = {}
    left = ROOM - quoted_size(message + MARK + _data([], {}, place))
    for failure in failures:
        entry = [failure.id, failure.error, _shortened(failure.message)]
        new = {} if failure.error in hints else {failure.error: failure.hint}
        # One character for a comma.
        left -= quoted_size(json.dumps(entry)) + 1 + quoted_size(json.dumps(new))
        if left < 0:
            break
        entries.append(entry)
        hints |= new
    return message + MARK + _data(entries, hints, place) if entries or place else message


def read_cause(cause: str) -> Cause:
    """What a Cause says, whoever wrote it: Lambda (also cut in the middle), a Fail state, or Step Functions."""
    message, mark, data = _message(cause).partition(MARK)
    return Cause(message, tuple(_failures(data)), _place(data)) if mark else Cause(message)


def quoted(message: str) -> str:
    """A message as the Cause of a Fail state: one that looks like Lambda's JSON is written as Lambda would."""
    return json.dumps({"errorMessage": message}) if _WRAPPED.match(message) else message


def _message(cause: str) -> str:
    wrapped = _WRAPPED.match(cause)
    if wrapped is None:
        return _without_data(cause)
    inside = _INSIDE.match(cause, wrapped.end())
    assert inside is not None
    return str(json.loads(f'"{_HALF_A_PAIR.sub("", inside[0])}"'))


def _without_data(cause: str) -> str:
    """The description of an execution that another one started, without the data in its own cause; else `cause`."""
    if not cause.startswith("{") or MARK.strip() not in cause:
        return cause
    try:
        described = json.loads(cause)
        return json.dumps({**described, "Cause": read_cause(described["Cause"]).message}, ensure_ascii=False)
    except (ValueError, TypeError, KeyError):
        # It was cut off, and the data with it.
        return cause


def _failures(data: str) -> Iterable[Diagnosis]:
    try:
        found = json.loads(data)
        return [Diagnosis(i, error, text, found["hints"].get(error, "")) for i, error, text in found["failures"]]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        # It was cut off after all.
        return []


def _place(data: str) -> Place | None:
    try:
        found = json.loads(data)["place"]
        return Place(*found)
    except (ValueError, TypeError, KeyError):
        # It has none, or was cut off.
        return None


def _data(entries: list[list[str]], hints: Mapping[str, str], place: Place | None) -> str:
    where = {"place": [place.account, place.region, place.name]} if place else {}
    return json.dumps({"failures": entries, "hints": hints, **where}, separators=(",", ":"))


def _shortened(text: str, most: int = _MOST_OF_A_MESSAGE) -> str:
    """`text`, or its beginning where it is larger than any error of AWS."""
    size = quoted_size(text)
    if size <= most:
        return text
    end = " ..."
    kept = text[: max(0, len(text) * (most - len(end)) // size)]
    while quoted_size(kept) + len(end) > most:
        kept = kept[: len(kept) * 9 // 10]
    return kept + end

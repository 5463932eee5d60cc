"""The overlap queue: who goes on when a flow starts while an earlier run is under way; `overlap` of `@flow`.

Nothing here is held by a lease that could leak. A run stands in the list because it asked; whether it still counts is
asked of Step Functions at each poll, so a run that ended in whatever way frees its place by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

MOST_WAITING = 10
"""Runs that may wait in the queue; a flow that is that far behind is not helped by one more."""

MOST_ENTRIES = 100
"""Runs kept in the list. Runs started by hand or by a flow are never held back; more of them than that do not count."""

_PRUNED_FROM = 20
"""From this many entries on a run that is not held back asks which of them ended, too."""

_REDRIVABLE = 5
"""Ended runs kept in the list: a redrive lets one run again, without asking the gate again."""

_YOUNG = 300
"""Seconds in which Step Functions may not know of a run yet: DescribeExecution "is eventually consistent"
("DescribeExecution", Step Functions API Reference)."""

_UNDER_WAY = ("RUNNING", "PENDING_REDRIVE")

Answer = Literal["runs", "waits", "skipped"]
Overlap = Literal["skip", "queue", "allow"]


@dataclass(frozen=True)
class Entry:
    """A run that asked.

    run: the execution's name. at: when it asked first, seconds since the epoch. answer: what it was told last; "runs"
    and "skipped" are for good. reason: why it was skipped, or what it waits for.
    """

    run: str
    at: int
    answer: Answer
    reason: str = ""


def enqueue(
    entries: Sequence[Entry], run: str, now: int, *, overlap: Overlap | None, status: Callable[[str], str | None]
) -> tuple[list[Entry], Entry]:
    """The list after `run` has asked, and its own entry: the answer. An answer given for good is given again.

    overlap: "skip" or "queue"; None for a run that is never held back, and only counts for others.
    status: the status of an execution as DescribeExecution gives it, None for one that does not exist.
    """
    mine = next((entry for entry in entries if entry.run == run), None)
    if mine is not None and mine.answer != "waits":
        return list(entries), mine
    if overlap is None:
        kept = list(entries) if len(entries) < _PRUNED_FROM else _kept(entries, run, now, status)[0]
        mine = Entry(run, now, "runs")
        return (kept if len(kept) >= MOST_ENTRIES else [*kept, mine]), mine
    kept, under_way = _kept(entries, run, now, status)
    place = len(entries) if mine is None else entries.index(mine)
    ahead = [e for e in under_way if e.answer == "runs" or (e.answer == "waits" and entries.index(e) < place)]
    given = _answered(run, now if mine is None else mine.at, ahead, overlap, new=mine is None)
    if mine is None:
        return ([*kept, given] if len(kept) < MOST_ENTRIES else kept), given
    if mine.answer == given.answer:
        return list(entries), given
    return [given if entry.run == run else entry for entry in kept], given


def _answered(run: str, at: int, ahead: list[Entry], overlap: Overlap, *, new: bool) -> Entry:
    """The entry with its answer. ahead: the runs under way that run already, or asked before it and wait."""
    if not ahead:
        return Entry(run, at, "runs")
    first = next((entry for entry in ahead if entry.answer == "runs"), ahead[0])
    if overlap == "skip":
        return Entry(run, at, "skipped", f"the run {first.run} is under way")
    waiting = [entry for entry in ahead if entry.answer == "waits"]
    if new and len(waiting) >= MOST_WAITING:
        reason = f"{len(waiting)} runs wait for their turn already, and the run {first.run} is under way"
        return Entry(run, at, "skipped", reason)
    before = f", {len(waiting)} before this one" if waiting else ""
    return Entry(run, at, "waits", f"the run {first.run} to end{before}")


def _kept(
    entries: Sequence[Entry], run: str, now: int, status: Callable[[str], str | None]
) -> tuple[list[Entry], list[Entry]]:
    """The entries that stay in the list, and of those the other runs that are under way."""
    under_way: list[Entry] = []
    ended: list[Entry] = []
    for entry in entries:
        if entry.run == run:
            continue
        is_now = status(entry.run)
        if is_now in _UNDER_WAY or (is_now is None and now - entry.at < _YOUNG):
            under_way.append(entry)
        elif entry.answer == "runs" and is_now not in (None, "SUCCEEDED"):
            ended.append(entry)
    stay = {run, *(entry.run for entry in [*under_way, *ended[-_REDRIVABLE:]])}
    return [entry for entry in entries if entry.run in stay], under_way

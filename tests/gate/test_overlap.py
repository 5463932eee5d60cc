"""Whose turn it is: runs that are under way, that wait, that ended in whatever way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lambdas.gate.overlap import MOST_ENTRIES, MOST_WAITING, Entry, Overlap, enqueue

NOW = 1_800_000_000


class Line:
    """The list as runs ask one after another; `statuses` is what Step Functions says of them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.statuses: dict[str, str] = {}
        self.now = NOW

    def ask(self, run: str, overlap: Overlap | None = "skip") -> Entry:
        """A run asks; its entry."""
        self.statuses.setdefault(run, "RUNNING")
        self.entries, mine = enqueue(self.entries, run, self.now, overlap=overlap, status=self.statuses.get)
        return mine

    def answers(self) -> dict[str, str]:
        """The answer by run."""
        return {entry.run: entry.answer for entry in self.entries}


def test_of_overlapping_runs_the_later_is_skipped() -> None:
    line = Line()
    assert line.ask("a") == Entry("a", NOW, "runs")
    assert line.ask("b") == Entry("b", NOW, "skipped", "the run a is under way")
    line.statuses["a"] = "SUCCEEDED"
    assert line.ask("c").answer == "runs"


def test_an_answer_is_given_again_however_often_it_is_asked_for() -> None:
    line = Line()
    first, second = line.ask("a"), line.ask("b")
    line.now += 10
    assert (line.ask("a"), line.ask("b")) == (first, second)
    line.statuses["a"] = "SUCCEEDED"
    assert line.ask("b") == second


@pytest.mark.parametrize("ended", ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"])
@pytest.mark.parametrize("overlap", ["skip", "queue"])
def test_a_run_that_ended_in_whatever_way_blocks_nobody(ended: str, overlap: Overlap) -> None:
    line = Line()
    line.ask("a", overlap)
    line.statuses["a"] = ended
    assert line.ask("b", overlap).answer == "runs"


def test_a_run_that_step_functions_has_forgotten_blocks_nobody() -> None:
    line = Line()
    line.ask("a")
    del line.statuses["a"]
    assert line.ask("b").answer == "skipped", "it may be too young to be known"
    line.now += 300
    assert line.ask("c").answer == "runs"


def test_a_queue_is_first_come_first_served() -> None:
    line = Line()
    assert line.ask("a", "queue").answer == "runs"
    assert line.ask("b", "queue") == Entry("b", NOW, "waits", "the run a to end")
    assert line.ask("c", "queue") == Entry("c", NOW, "waits", "the run a to end, 1 before this one")
    line.statuses["a"] = "SUCCEEDED"
    assert line.ask("c", "queue").answer == "waits", "b asked before"
    assert line.ask("b", "queue").answer == "runs"
    line.statuses["b"] = "FAILED"
    assert line.ask("c", "queue").answer == "runs"


def test_a_run_that_was_stopped_while_it_waits_leaves_the_queue() -> None:
    line = Line()
    for run in ("a", "b", "c"):
        line.ask(run, "queue")
    line.statuses |= {"a": "SUCCEEDED", "b": "ABORTED"}
    assert line.ask("c", "queue").answer == "runs"
    assert "b" not in line.answers()


def test_a_queue_that_is_full_takes_no_more() -> None:
    line = Line()
    answers = [line.ask(f"r{n}", "queue").answer for n in range(MOST_WAITING + 2)]
    assert answers == ["runs", *["waits"] * MOST_WAITING, "skipped"]
    refused = line.ask(f"r{MOST_WAITING + 1}", "queue")
    assert refused.reason == f"{MOST_WAITING} runs wait for their turn already, and the run r0 is under way"
    line.statuses["r0"] = "SUCCEEDED"
    assert line.ask("r1", "queue").answer == "runs"
    assert line.ask("later", "queue").answer == "waits"


def test_who_is_never_held_back_runs_and_counts_for_the_others() -> None:
    line = Line()
    line.ask("a")
    assert line.ask("by hand", None).answer == "runs"
    line.statuses["a"] = "SUCCEEDED"
    assert line.ask("b").reason == "the run by hand is under way"
    assert line.ask("c", "queue").reason == "the run by hand to end"


def test_a_failed_run_that_is_redriven_counts_again() -> None:
    line = Line()
    line.ask("a")
    line.statuses["a"] = "FAILED"
    line.ask("b")
    line.statuses |= {"b": "SUCCEEDED", "a": "RUNNING"}
    assert line.ask("c").reason == "the run a is under way"


@pytest.mark.parametrize("overlap", ["skip", "queue", None])
def test_the_list_stays_short(overlap: Overlap | None) -> None:
    line = Line()
    for number in range(3 * MOST_ENTRIES):
        line.ask(f"r{number}", overlap)
        line.statuses[f"r{number}"] = "FAILED" if number % 3 else "SUCCEEDED"
    assert len(line.entries) < 30
    for number in range(2 * MOST_ENTRIES):
        line.ask(f"under way {number}", None)
    assert len(line.entries) <= MOST_ENTRIES


def test_statuses_are_asked_only_of_runs_that_matter() -> None:
    asked: list[str] = []

    def status(run: str) -> str:
        asked.append(run)
        return "SUCCEEDED"

    entries: list[Entry] = []
    ask: Callable[..., Any] = enqueue
    for number in range(50):
        entries, _ = ask(entries, f"r{number}", NOW, overlap="skip", status=status)
    assert len(asked) == 49, "the one before, and it is gone"

"""How many events the history of a run gets at least, as far as constants tell: a run ends at 25,000 of them."""

from __future__ import annotations

from collections.abc import Iterable

from nightshift.compiler import ir

MAX_EVENTS = 25_000
"""Events of a history ("Quotas related to state machine executions", Step Functions Developer Guide)."""

_STATE = 2
"""Entered and exited."""
_TASK = 5
"""And scheduled, started, succeeded ("HistoryEvent", Step Functions API Reference)."""


def least_events(statements: Iterable[ir.Statement]) -> int:
    """The events of the shortest way through statements that raises nothing; a loop of unknown length has one pass."""
    return sum(map(_events, statements))


def _events(statement: ir.Statement) -> int:
    match statement:
        case ir.PartCall():
            return _TASK + _STATE * statement.waits
        case ir.FlowCall() | ir.Approve():
            return _TASK
        case ir.Wait():
            return _STATE
        case ir.Parallel():
            return _STATE + sum(least_events(branch.body) for branch in statement.branches)
        case ir.Map(distributed=False):
            count = len(statement.items.constant) if statement.items.is_constant else 1
            return _STATE + count * (2 + least_events(statement.branch.body))
        case ir.If():
            return _STATE + min(least_events(statement.then), least_events(statement.orelse))
        case ir.For():
            count = statement.count.constant if statement.count.is_constant else 1
            return _STATE + count * (_STATE + least_events(statement.body))
        case ir.While():
            return _STATE + least_events(statement.before) + least_events(statement.body)
        case ir.Inline():
            return least_events(statement.body)
        case ir.Try():
            return least_events(statement.body) + least_events(statement.final or ())
    return 0

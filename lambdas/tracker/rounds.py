"""The rounds of the reconciler: each invocation takes a share of the flows, so that a round lasts an hour.

All flows at once would ask Step Functions a thousand times, and it lists executions twice a second in most Regions
("Quotas related to API action throttling", Step Functions Developer Guide). Where the last invocation ended is kept in
the table, hence none that is lost or fails leaves a flow out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

INTERVAL_MINUTES = 5
"""Between two invocations."""

_A_ROUND = 60 // INTERVAL_MINUTES
"""Invocations in which all flows have their turn."""

MOST = 100
"""Flows of an invocation: the executions of so many can be listed at once (a bucket of 100 tokens)."""

CURSOR = "RECONCILER"
"""`pk` of the place where the last invocation ended."""

_KEY = {"pk": CURSOR, "sk": "CURSOR"}


def share(flows: Iterable[str], after: str) -> list[str]:
    """The flows of the next invocation, in the order of their names, those behind `after` first."""
    known = sorted(set(flows))
    turn = [*(flow for flow in known if flow > after), *(flow for flow in known if flow <= after)]
    return turn[: min(MOST, -(-len(known) // _A_ROUND))]


def read_cursor(table: Any) -> str:
    """The last flow that had its turn; "" before the first."""
    return str(table.get_item(Key=_KEY, ConsistentRead=True).get("Item", {}).get("flow", ""))


def write_cursor(table: Any, flow: str) -> None:
    """Note that a flow has had its turn."""
    table.put_item(Item={**_KEY, "flow": flow})

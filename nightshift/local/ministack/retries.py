"""How long Step Functions waits before it retries, where MiniStack doubles the interval and knows nothing else.

MaxDelaySeconds is the longest wait, and with the JitterStrategy FULL the wait is any time up to it ("Retrying after an
error", AWS Step Functions Developer Guide). Without it the runs of many flows that were throttled together come again
together, and are throttled again.
"""

from __future__ import annotations

import random
from typing import Any

from ministack.services import stepfunctions  # type: ignore[import-untyped]


def patch() -> None:
    """Give each retry its wait as an interval that does not grow."""
    find = stepfunctions._find_matching_retrier

    def find_retrier(retriers: Any, error: str, counts: dict[int, int]) -> Any:
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return retrier, index
        return {**retrier, "IntervalSeconds": wait(retrier, counts.get(index, 0)), "BackoffRate": 1.0}, index

    stepfunctions._find_matching_retrier = find_retrier


def wait(retrier: dict[str, Any], count: int) -> float:
    """Seconds before a retry. count: how many there were by this retrier before."""
    grown = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** count
    longest: float = min(grown, retrier.get("MaxDelaySeconds", grown))
    return random.uniform(0, longest) if retrier.get("JitterStrategy") == "FULL" else longest

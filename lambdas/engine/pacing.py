"""Keeping to the token buckets of an API: what may be sent when, learnt from what AWS throttles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

BATCH = 1000
"""Ids in one request. Amazon EC2 Developer Guide, "Pagination": not more than 1,000; larger requests are refused."""

MARGIN = 35
"""Seconds an invocation keeps in hand: one request may last as long as the read timeout of the client."""

_STRIKES_BEFORE_SMALLER = 3


@dataclass(frozen=True)
class Bucket:
    """A token bucket of the EC2 API: one token for a resource.

    size: tokens it holds.
    rate: tokens added in a second.

    Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API".
    """

    size: int
    rate: float


class Pace:
    """How much of a bucket is left, kept in the part's state.

    Quotas differ between accounts, so nothing is held back until AWS throttles. What was accepted until then tells how
    large the bucket is at least; from then on no request is sent before the bucket can have the tokens for it.
    """

    def __init__(self, bucket: Bucket, note: dict[str, Any], now: float) -> None:
        self.bucket = bucket
        self.note = note
        note.setdefault("burst", 0)
        note.setdefault("strikes", 0)
        if "tokens" in note:
            gained = (now - note["at"]) * self._rate
            note["tokens"] = min(self._size, note["tokens"] + gained)
            note["at"] = now
        self._now = now

    @property
    def batch(self) -> int:
        """Ids to send at once; smaller only when AWS keeps refusing what the bucket should allow."""
        smaller = max(0, int(self.note["strikes"]) - _STRIKES_BEFORE_SMALLER)
        return max(1, BATCH >> smaller)

    def due(self, count: int) -> int:
        """Seconds until the bucket can have the tokens for `count` resources."""
        missing = min(count, self._size) - self.note.get("tokens", count)
        return math.ceil(missing / self._rate) if missing > 0 else 0

    def accepted(self, count: int) -> None:
        """Take the tokens of an accepted request."""
        self.note["strikes"] = 0
        if "tokens" in self.note:
            self.note["tokens"] = max(0.0, self.note["tokens"] - count)
        else:
            self.note["burst"] += count

    def throttled(self, count: int) -> int:
        """Seconds to wait after a request for `count` resources was throttled."""
        if "tokens" not in self.note:
            self.note["tokens"] = max(0.0, self._size - self.note["burst"])
            self.note["at"] = self._now
        self.note["strikes"] += 1
        # When the bucket should have had enough, someone else draws from it: back off.
        return self.due(count) or min(60, 2 ** int(self.note["strikes"]))

    @property
    def _size(self) -> float:
        return float(max(self.bucket.size, self.note["burst"]))

    @property
    def _rate(self) -> float:
        # Size and rate are raised together as a rule.
        return self.bucket.rate * self._size / self.bucket.size

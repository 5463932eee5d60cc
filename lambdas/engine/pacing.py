"""Sending one request for many resources: batches as large as the API takes, bad ids dropped, throttling paced."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from lambdas.contract import aws_errors
from lambdas.contract.part import Call

BATCH = 1000
"""Ids in one request. Amazon EC2 Developer Guide, "Pagination": not more than 1,000; larger requests are refused."""

MARGIN = 35
"""Seconds an invocation keeps in hand: one request may last as long as the read timeout of the client."""

# One refusal for lack of capacity, quota or permission holds for every resource that is refused likewise.
_SHARED = frozenset({"VcpuLimitExceeded", "InstanceLimitExceeded", "OptInRequired", "PendingVerification", "Blocked"})
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


@dataclass
class Sent:
    """What became of a list of ids.

    accepted: AWS took the request for them.
    failed: (ids, error code, message with "{id}" where AWS named the resource).
    left: not sent, to be carried to the next invocation.
    wait: seconds until `left` may be sent, or None when only the time of this invocation ran out.
    slow: whether `left` has to wait for as long as a poll.
    answers: what AWS answered for which ids.
    """

    accepted: list[str] = field(default_factory=list)
    answers: list[tuple[list[str], Any]] = field(default_factory=list)
    slow: bool = False
    failed: list[tuple[list[str], str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    wait: int | None = None


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


def send(
    call: Call,
    ids: list[str],
    request: Callable[[list[str]], Any],
    pace: Pace,
    size: int = BATCH,
    apart: Callable[[str], Any] = lambda resource: None,
    denials_name: bool = False,
) -> Sent:
    """Send `request` for all `ids` with as few calls as AWS allows.

    Ids that AWS names in an error are dropped, and the rests of the batches are sent again together. A throttled
    request and what follows it is left for the next invocation. An error that names no id is narrowed down by halves.

    request: makes one call for a list of ids; with DryRun, DryRunOperation counts as accepted.
    size: ids in one call. apart: what has to be the same for all in one call.
    denials_name: whether a denial that names a resource is for that one alone.
    """
    sent = Sent()
    exhausted: set[tuple[str, str]] = set()
    size = min(size, pace.batch)
    queue = _batches(ids, size, apart)
    again: list[str] = []
    calls = 0
    while queue or again:
        if not queue:
            queue, again = _batches(again, size, apart), []
        batch = queue.pop(0)
        left = [i for b in [batch, *queue] for i in b] + again
        if calls and call.remaining() < MARGIN:
            sent.left = left
            break
        if due := pace.due(len(batch)):
            sent.left, sent.wait = left, due
            break
        calls += 1
        try:
            answer = request(batch)
        except Exception as error:
            if aws_errors.is_throttling(error) or aws_errors.is_unavailable(error):
                sent.left, sent.wait = left, pace.throttled(len(batch))
                break
            rest, halves = _refused(sent, batch, error, exhausted, denials_name)
            again += rest
            queue[:0] = halves
        else:
            pace.accepted(len(batch))
            sent.accepted += batch
            sent.answers.append((batch, answer))
    return sent


def one_by_one(
    call: Call,
    ids: list[str],
    request: Callable[[str], Any],
    full: Collection[str] = (),
    busy: Mapping[str, int] = MappingProxyType({}),
    fatal: Collection[str] = (),
) -> Sent:
    """Send `request` for each of `ids`, as far as throttling and the time of this invocation allow.

    full: error codes that hold up all that is left. busy: error code -> seconds until one may be asked for again.
    fatal: error codes after which nothing more is tried, unless something was accepted before.
    """
    sent = Sent()
    for index, resource in enumerate(ids):
        if index and call.remaining() < MARGIN:
            sent.left += ids[index:]
            return sent
        try:
            answer = request(resource)
        except Exception as error:
            code = aws_errors.code(error)
            if aws_errors.is_throttling(error) or aws_errors.is_unavailable(error) or code in full:
                sent.left += ids[index:]
                sent.slow = sent.wait is None
                return sent
            if not code:
                raise
            if code in busy:
                sent.left.append(resource)
                sent.wait = min(busy[code], sent.wait or busy[code])
            elif code == aws_errors.DRY_RUN:
                sent.accepted.append(resource)
            else:
                sent.failed.append(([resource], code, aws_errors.message(error).replace(resource, "{id}")))
                if code in fatal and not sent.accepted:
                    sent.left += ids[index + 1 :]
                    return sent
        else:
            sent.accepted.append(resource)
            sent.answers.append(([resource], answer))
    return sent


def _batches(ids: list[str], size: int, apart: Callable[[str], Any]) -> list[list[str]]:
    """`ids` in lists of at most `size` that have the same in `apart`."""
    groups: dict[Any, list[str]] = {}
    for resource in ids:
        groups.setdefault(apart(resource), []).append(resource)
    return [group[i : i + size] for group in groups.values() for i in range(0, len(group), size)]


def _refused(
    sent: Sent, batch: list[str], error: Exception, exhausted: set[tuple[str, str]], denials_name: bool
) -> tuple[list[str], list[list[str]]]:
    """Note who failed; returns those that AWS did not name, or the halves to be tried apart."""
    code = aws_errors.code(error)
    if not code:
        raise error
    if code == aws_errors.DRY_RUN:
        sent.accepted += batch
        return [], []
    denied = aws_errors.is_denied(error)
    named = aws_errors.named_ids(error, batch) if denials_name or not denied else []
    if named:
        sent.failed.append((named, code, without_ids(aws_errors.message(error))))
        dropped = set(named)
        return [i for i in batch if i not in dropped], []
    shared = denied or code in _SHARED or code.startswith("Insufficient")
    # Capacity is refused by type and zone, which the message tells; a permission whatever the message says.
    kind = (code, "" if denied else aws_errors.message(error))
    if len(batch) == 1 or kind in exhausted:
        sent.failed.append((batch, code, aws_errors.message(error)))
        if shared:
            exhausted.add(kind)
        return [], []
    half = len(batch) // 2
    return [], [batch[:half], batch[half:]]


def without_ids(message: str) -> str:
    """`message` with its list of ids replaced by "{id}", so that one text serves for each of them."""
    one = r"[a-z]+-[0-9a-f]{3,}"
    return re.sub(
        rf"['\"]?{one}['\"]?(?:,\s*['\"]?{one}['\"]?)*", "'{id}'", message.replace("{", "(").replace("}", ")")
    )
